import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Drive } from "../../src/drive/drive.ts";
import { type FakeDrive, type FaultOrder, startFakeDrive } from "../fakes/drive.ts";
import { wavBytes, wavSecondsFor } from "../fakes/recordings.ts";
import { connect, Recording, requestFor } from "./setup.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const make = (sizeBytes = 1_100 * KIB) => new Recording(wavBytes(wavSecondsFor(sizeBytes), "session"));

let fake: FakeDrive;
let drive: Drive;

beforeEach(async () => {
  fake = await startFakeDrive();
  drive = connect(fake);
});
afterEach(() => fake.close());

/** Uploads under a fault until it fails, and tells which session it left. */
async function interrupt(recording: Recording, fault: FaultOrder) {
  const { request, saved } = await requestFor(drive, fake, recording);
  const { id } = fake.faults.add({ times: "always", ...fault });
  await expect(drive.upload(request)).rejects.toThrow();
  fake.faults.remove(id);
  fake.requests.clear();
  return { ...request, session: saved.at(-1) ?? null, exists: true };
}

function expectOnlyFile(recording: Recording, fileId: string): void {
  expect(fake.files.map(({ id }) => id)).toEqual([fileId]);
  expect(md5(fake.bytes(fileId))).toBe(md5(recording.bytes));
}

describe("a session", () => {
  it("may be named by another of this machine's names for itself than the configured one", async () => {
    const local = connect(fake, { rootUrl: new URL(fake.rootUrl.replace("127.0.0.1", "localhost")) });
    const recording = make();
    const { request, saved } = await requestFor(local, fake, recording);
    expect(await local.upload(request)).toMatchObject({ md5: md5(recording.bytes) });
    expect(saved[0]).toContain("//127.0.0.1:");
  });

  const faults: FaultOrder[] = [
    { name: "answerLost" },
    { name: "resetBeforeCommit" },
    { name: "resetMidChunk" },
    { name: "keptFewer", keepBytes: 0 },
    { name: "noRange" },
    { name: "internalError" },
    { name: "badGateway", times: 3 },
    { name: "backendError", times: 2 },
    { name: "userRateLimitExceeded" },
    { name: "tooManyRequests", retryAfterSeconds: 0 },
    { name: "tokenRevoked" },
    { name: "sessionExpired" },
    { name: "sessionExpired", status: 410 },
    { name: "corrupt" },
  ];
  const places = faults.flatMap((fault) => [1, 2, 5].map((nth) => ({ ...fault, nth })));
  it.each(places)("survives $name on part $nth", async (fault) => {
    const recording = make();
    const { request, seen, saved } = await requestFor(drive, fake, recording);
    const added = fake.faults.add({ ...fault, on: "chunk" });
    expect(await drive.upload(request)).toMatchObject({ id: request.fileId, md5: md5(recording.bytes) });
    expect(added.hits).toBeGreaterThan(0);
    expect(md5(seen())).toBe(md5(recording.bytes));
    expect(saved.at(-1)).toBeNull();
    expectOnlyFile(recording, request.fileId);
  });

  it.each(["start", "status"] as const)("survives a lost answer, a reset and an error of its %s", async (on) => {
    for (const name of ["answerLost", "resetBeforeCommit", "backendError"] as const) {
      const recording = make();
      const { request } = await requestFor(drive, fake, recording);
      fake.faults.add({ name: "resetMidChunk", nth: 3 });
      fake.faults.add({ name, on });
      await drive.upload(request);
      expect(md5(fake.bytes(request.fileId))).toBe(md5(recording.bytes));
    }
    expect(fake.files).toHaveLength(3);
  });

  it("resends only what Drive did not keep of a part", async () => {
    drive = connect(fake, { chunkBytes: MIB });
    const recording = make(2_300 * KIB);
    const { request } = await requestFor(drive, fake, recording);
    fake.faults.add({ name: "keptFewer", keepBytes: 512 * KIB, times: 2 });
    await drive.upload(request);
    expect(recording.openings).toEqual([0]);
    expect(fake.requests.count("status")).toBe(0);
    expectOnlyFile(recording, request.fileId);
  });

  it("asks the PBX again for what Drive forgot", async () => {
    const recording = make();
    const { request, seen } = await requestFor(drive, fake, recording);
    fake.faults.add({ name: "noRange", nth: 4 });
    await drive.upload(request);
    expect(recording.openings).toEqual([0, 0]);
    expect(md5(seen())).toBe(md5(recording.bytes));
    expectOnlyFile(recording, request.fileId);
  });

  it("continues after a restart with what Drive lacks, and hashes all", async () => {
    const recording = make();
    const request = await interrupt(recording, { name: "backendError", on: "chunk", nth: 4 });
    const again = connect(fake);
    expect(await again.upload(request)).toMatchObject({ md5: md5(recording.bytes) });
    expect(fake.requests.counts).toEqual({ token: 1, status: 1, chunk: 2 });
    expectOnlyFile(recording, request.fileId);
  });

  it("is done when Drive had everything before the restart", async () => {
    const recording = make();
    const request = await interrupt(recording, { name: "answerLost", on: ["chunk", "status"], nth: 5 });
    await drive.upload(request);
    expect(fake.requests.counts).toEqual({ status: 1 });
    expectOnlyFile(recording, request.fileId);
  });

  it("starts again under the same id when the saved session has expired, committed or not", async () => {
    for (const isCommitted of [true, false]) {
      const recording = make();
      const request = await interrupt(recording, {
        name: "answerLost",
        on: ["chunk", "status"],
        nth: isCommitted ? 5 : 2,
      });
      fake.faults.add({ name: "sessionExpired", on: "status" });
      const { request: other, saved } = await requestFor(drive, fake, recording);
      await drive.upload({ ...request, saveSession: other.saveSession });
      expect(md5(fake.bytes(request.fileId))).toBe(md5(recording.bytes));
      expect(saved).toEqual(isCommitted ? [null] : [null, expect.any(String), null]);
    }
    expect(fake.files).toHaveLength(2);
  });

  it("serves no recording that has become another since", async () => {
    for (const sizeBytes of [1_500 * KIB, 1_100 * KIB, 800 * KIB, 100 * KIB]) {
      const request = await interrupt(make(), { name: "backendError", on: "chunk", nth: 3 });
      const other = new Recording(wavBytes(wavSecondsFor(sizeBytes), "another"));
      expect(await drive.upload({ ...request, open: other.open })).toMatchObject({ md5: md5(other.bytes) });
      expect(md5(fake.bytes(request.fileId))).toBe(md5(other.bytes));
    }
  });

  it("goes nowhere but to Google, whatever address was saved", async () => {
    const recording = make();
    for (const session of [
      "http://127.0.0.1:1/steal?upload_id=1",
      "not an address",
      "https://googleapis.com.evil.example/",
    ]) {
      const { request } = await requestFor(drive, fake, recording, { session });
      expect((await drive.upload(request)).md5).toBe(md5(recording.bytes));
    }
  });

  it("gives up, for a later attempt, when Drive loses every session or keeps nothing", async () => {
    const { request } = await requestFor(drive, fake, make());
    const lost = fake.faults.add({ name: "sessionExpired", on: "chunk", times: "always" });
    await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_session_lost" });
    fake.faults.remove(lost.id);
    fake.faults.add({ name: "keptFewer", keepBytes: 0, times: "always" });
    await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_server_error" });
    expect(fake.files).toEqual([]);
  });

  it.each(["storageQuotaExceeded", "teamDriveFileLimitExceeded"] as const)(
    "says that Drive is full (%s)",
    async (name) => {
      for (const on of ["start", "chunk"] as const) {
        const { request } = await requestFor(drive, fake, make());
        fake.faults.add({ name, on });
        await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_full" });
      }
    },
  );

  it("goes on where the PBX hung up, far into a recording", async () => {
    drive = connect(fake, { chunkBytes: 8 * MIB });
    const recording = make(11 * MIB);
    recording.breaks = [5 * MIB, 9 * MIB];
    const { request, seen } = await requestFor(drive, fake, recording);
    await drive.upload(request);
    expect(recording.openings).toEqual([0, 5 * MIB - 64 * KIB, 9 * MIB - 64 * KIB]);
    expect(md5(seen())).toBe(md5(recording.bytes));
    expectOnlyFile(recording, request.fileId);
  });

  it.each(["status", "chunk"] as const)("that refuses us (%s) is given up for a new one", async (on) => {
    const recording = make();
    const left = await interrupt(recording, { name: "internalError", on: "chunk", nth: 2 });
    const refusal = fake.faults.add({ name: "insufficientFilePermissions", on });
    const file = await drive.upload(left);
    expect(refusal.hits).toBe(1);
    expect(fake.requests.count("start")).toBe(1);
    expectOnlyFile(recording, file.id);
  });

  it("reads no further ahead than one part of what Drive has", async () => {
    const recording = make(4 * MIB);
    let [read, mostAhead] = [0, 0];
    const onChunk = (chunk: Uint8Array) => {
      read += chunk.length;
      mostAhead = Math.max(mostAhead, read - fake.requests.count("chunk") * 256 * KIB);
    };
    const { request } = await requestFor(drive, fake, recording, { onChunk });
    await drive.upload(request);
    expect(mostAhead).toBeLessThanOrEqual(256 * KIB + recording.pieceBytes);
  });

  it("survives dice", async () => {
    const names = [
      "answerLost",
      "resetBeforeCommit",
      "resetMidChunk",
      "keptFewer",
      "backendError",
      "tokenRevoked",
    ] as const;
    for (const name of names) fake.faults.add({ name, probability: 0.05 });
    fake.faults.add({ name: "sessionExpired", probability: 0.02 });
    drive = connect(fake, { retryDelaysMs: [0] });
    for (let round = 0; round < 20; round++) {
      const recording = make(800 * KIB + round);
      const { request, seen } = await requestFor(drive, fake, recording);
      await drive.upload(request);
      expect(md5(fake.bytes(request.fileId))).toBe(md5(recording.bytes));
      expect(md5(seen())).toBe(md5(recording.bytes));
    }
    expect(fake.files).toHaveLength(20);
  });
});
