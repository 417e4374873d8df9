import { describe, expect, it } from "vitest";
import { startFakeDrive } from "../fakes/drive.ts";
import { connect } from "./setup.ts";

describe("examine()", () => {
  it("finds everything in order in a Shared Drive, and leaves nothing behind", async () => {
    await using fake = await startFakeDrive();
    expect(await connect(fake).examine()).toEqual({
      credentials: "service_account",
      account: fake.serviceAccountCredentials().client_email,
      subject: null,
      tokenWorks: true,
      folder: { id: fake.folderId, name: "Recordings", isInSharedDrive: true, canAddChildren: true },
      ownsNoStorage: false,
      writable: true,
      leftBehind: null,
      freeBytes: null,
      clockSkewMs: expect.closeTo(0, -4),
      problem: null,
    });
    expect(fake.files).toEqual([]);
  });

  it("says that a service account cannot write into a person's My Drive", async () => {
    await using fake = await startFakeDrive({ kind: "my" });
    const report = await connect(fake).examine();
    expect(report).toMatchObject({ tokenWorks: true, ownsNoStorage: true, writable: false });
    expect(report.problem?.code).toBe("drive_full");
  });

  it("tells the free space of whoever owns some: a user, or the subject of a service account", async () => {
    await using fake = await startFakeDrive({ kind: "my", quotaBytes: 1_000_000 });
    const user = await connect(fake, { credentials: fake.authorizedUserCredentials() }).examine();
    const credentials = "authorized_user";
    expect(user).toMatchObject({ credentials, account: "callcenter@example.com", freeBytes: 1_000_000, problem: null });
    const subject = await connect(fake, { subject: "callcenter@example.com" }).examine();
    expect(subject).toMatchObject({ subject: "callcenter@example.com", ownsNoStorage: false, writable: true });
  });

  it("tells how far the clock is off, also where Google therefore gives no token", async () => {
    await using fake = await startFakeDrive();
    fake.clockOffsetMs = 7_200_000;
    const report = await connect(fake, { now: () => new Date(Date.now() - fake.clockOffsetMs) }).examine();
    expect(report).toMatchObject({ tokenWorks: false, folder: null, writable: null });
    expect(report.problem?.message).toMatch(/reasonable timeframe/);
    expect(Math.abs((report.clockSkewMs ?? 0) - 7_200_000)).toBeLessThan(10_000);
  });

  it("says when the folder is not to be seen, is no folder, or lies in the trash", async () => {
    await using fake = await startFakeDrive();
    const file = fake.addFile({ name: "a.wav", mimeType: "audio/wav", bytes: Buffer.from("a") });
    const noFolder = await connect(fake, { folderId: file.id }).examine();
    expect(noFolder.problem).toMatchObject({
      code: "drive_folder_missing",
      message: expect.stringContaining("audio/wav"),
    });
    fake.trash(fake.folderId);
    expect((await connect(fake).examine()).problem?.message).toMatch(/in the trash/);
    fake.hide(fake.folderId);
    expect((await connect(fake).examine()).problem).toMatchObject({ code: "drive_folder_missing" });
  });

  it("says when the folder may be seen but not written to", async () => {
    await using fake = await startFakeDrive();
    fake.makeReadOnly(fake.folderId);
    const report = await connect(fake).examine();
    expect(report).toMatchObject({ folder: { canAddChildren: false }, writable: false });
    expect(report.problem?.code).toBe("drive_forbidden");
  });

  it("says what it could not remove", async () => {
    await using fake = await startFakeDrive();
    fake.faults.add({ name: "insufficientFilePermissions", on: "delete" });
    const report = await connect(fake).examine();
    expect(report).toMatchObject({ writable: true, leftBehind: "callcenter-sync doctor.txt" });
    expect(report.problem?.code).toBe("drive_forbidden");
  });

  it("says that there are no credentials", async () => {
    await using fake = await startFakeDrive();
    const report = await connect(fake, {
      credentials: { missing: "GOOGLE_DRIVE_CREDENTIALS_PATH names no file" },
    }).examine();
    expect(report).toMatchObject({ credentials: null, tokenWorks: null, problem: { code: "drive_credentials" } });
  });
});
