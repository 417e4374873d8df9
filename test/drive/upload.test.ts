import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Drive } from "../../src/drive/drive.ts";
import { type FakeDrive, type FaultOrder, startFakeDrive } from "../fakes/drive.ts";
import { wavBytes, wavSecondsFor } from "../fakes/recordings.ts";
import { connect, Recording, requestFor } from "./setup.ts";

const KIB = 1024;
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const small = () => new Recording(wavBytes(wavSecondsFor(100 * KIB), "small"));
const large = () => new Recording(wavBytes(wavSecondsFor(1_000 * KIB), "large"));

let fake: FakeDrive;
let drive: Drive;

beforeEach(async () => {
  fake = await startFakeDrive();
  drive = connect(fake);
});
afterEach(() => fake.close());

/** There is one file, and it is the recording, byte by byte. */
function expectOnlyFile(recording: Recording, fileId: string): void {
  expect(fake.files.map(({ id, trashed }) => ({ id, trashed }))).toEqual([{ id: fileId, trashed: false }]);
  expect(md5(fake.bytes(fileId))).toBe(md5(recording.bytes));
}

describe("upload()", () => {
  it("sends a small recording in one request, with its id", async () => {
    const recording = small();
    const { request, seen, saved } = await requestFor(drive, fake, recording);
    const file = await drive.upload(request);
    expect(file).toMatchObject({
      id: request.fileId,
      name: "1234_20240115_093000.wav",
      mimeType: "audio/wav",
      sizeBytes: recording.bytes.length,
      md5: md5(recording.bytes),
      webViewLink: `https://drive.google.com/file/d/${request.fileId}/view?usp=drivesdk`,
      appProperties: { uuid: "1234", startTime: "2024-01-15T02:30:00.000Z" },
      parents: [fake.folderId],
      trashed: false,
    });
    expect(fake.requests.counts).toEqual({ token: 1, generateIds: 1, multipart: 1 });
    expect(recording.openings).toEqual([0]);
    expect(md5(seen())).toBe(md5(recording.bytes));
    expect(saved).toEqual([]);
    expectOnlyFile(recording, request.fileId);
  });

  it("sends a large recording in parts of one session, which it saves and forgets", async () => {
    const recording = large();
    const { request, saved, seen } = await requestFor(drive, fake, recording);
    const file = await drive.upload(request);
    expect(file).toMatchObject({ id: request.fileId, sizeBytes: recording.bytes.length, md5: md5(recording.bytes) });
    expect(fake.requests.counts).toEqual({ token: 1, generateIds: 1, start: 1, chunk: 4 });
    expect(recording.openings).toEqual([0]);
    expect(saved).toEqual([expect.stringContaining("upload_id="), null]);
    expect(md5(seen())).toBe(md5(recording.bytes));
    expectOnlyFile(recording, request.fileId);
  });

  it.each([small, large])("uploads a recording whose size the PBX does not tell", async (make) => {
    const recording = make();
    recording.tellsSize = false;
    const { request } = await requestFor(drive, fake, recording);
    expect((await drive.upload(request)).sizeBytes).toBe(recording.bytes.length);
    expectOnlyFile(recording, request.fileId);
  });

  it.each([0, 1, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, 512 * KIB, 768 * KIB])(
    "uploads %d bytes, told or not told how many",
    async (sizeBytes) => {
      for (const tellsSize of [true, false]) {
        const recording = new Recording(new Uint8Array(sizeBytes).fill(7));
        recording.tellsSize = tellsSize;
        const { request } = await requestFor(drive, fake, recording);
        await drive.upload(request);
        expect(md5(fake.bytes(request.fileId))).toBe(md5(recording.bytes));
      }
    },
  );

  const passing: FaultOrder[] = [
    { name: "answerLost" },
    { name: "resetBeforeCommit" },
    { name: "resetMidChunk" },
    { name: "corrupt" },
    { name: "userRateLimitExceeded" },
    { name: "rateLimitExceeded", times: 3 },
    { name: "tooManyRequests", retryAfterSeconds: 0 },
    { name: "tokenRevoked" },
    { name: "internalError" },
    { name: "badGateway", times: 3 },
    { name: "backendError", times: 3 },
    { name: "slow", delayMs: 20 },
  ];
  it.each(passing)("uploads a small recording once, in spite of $name", async (fault) => {
    const recording = small();
    const { request, seen } = await requestFor(drive, fake, recording);
    const added = fake.faults.add({ ...fault, on: "multipart" });
    expect(await drive.upload(request)).toMatchObject({ id: request.fileId, md5: md5(recording.bytes) });
    expect(added.hits).toBe(fault.times ?? 1);
    expect(recording.openings).toEqual([0]);
    expect(md5(seen())).toBe(md5(recording.bytes));
    expectOnlyFile(recording, request.fileId);
  });

  it("asks what an earlier attempt made before it sends anything", async () => {
    for (const make of [small, large]) {
      const recording = make();
      const { request } = await requestFor(drive, fake, recording);
      await drive.upload(request);
      fake.requests.clear();
      const file = await drive.upload({ ...request, exists: true });
      expect(file).toMatchObject({ id: request.fileId, md5: md5(recording.bytes) });
      expect(fake.requests.counts).toEqual({ get: 1 });
    }
    expect(fake.files).toHaveLength(2);
  });

  it("finds the file of an attempt that it was not told about", async () => {
    for (const make of [small, large]) {
      const recording = make();
      const { request } = await requestFor(drive, fake, recording);
      await drive.upload(request);
      fake.requests.clear();
      expect((await drive.upload(request)).md5).toBe(md5(recording.bytes));
      expect(fake.requests.counts).toEqual({ [make === small ? "multipart" : "start"]: 1, get: 1 });
    }
    expect(fake.files).toHaveLength(2);
  });

  it("makes the file where an earlier attempt did not come so far", async () => {
    const recording = small();
    const { request } = await requestFor(drive, fake, recording, { exists: true });
    await drive.upload(request);
    expectOnlyFile(recording, request.fileId);
  });

  it("makes one file when two workers upload the same recording at the same time", async () => {
    for (const make of [small, large]) {
      const { request } = await requestFor(drive, fake, make());
      const uploads = [make(), make(), make()].map(({ open }) => drive.upload({ ...request, open }));
      for (const file of await Promise.all(uploads)) expect(file.id).toBe(request.fileId);
    }
    expect(fake.files).toHaveLength(2);
  });

  it.each([small, large])("writes other bytes over under the same id", async (make) => {
    const recording = make();
    const { request } = await requestFor(drive, fake, recording);
    await drive.upload({ ...request, open: new Recording(wavBytes(3, "other")).open, name: "old.mp3" });
    for (const exists of [true, false]) {
      fake.alter(request.fileId, Buffer.from("spoilt"));
      expect(await drive.upload({ ...request, exists })).toMatchObject({
        name: request.name,
        md5: md5(recording.bytes),
      });
    }
    expectOnlyFile(recording, request.fileId);
  });

  it.each([small, large])("takes a file out of the trash, its bytes right or wrong", async (make) => {
    const recording = make();
    const { request } = await requestFor(drive, fake, recording);
    await drive.upload(request);
    for (const exists of [true, false]) {
      fake.trash(request.fileId);
      expect((await drive.upload({ ...request, exists })).trashed).toBe(false);
      fake.alter(request.fileId, Buffer.from("spoilt"));
      fake.trash(request.fileId);
      expect((await drive.upload({ ...request, exists })).trashed).toBe(false);
    }
    expectOnlyFile(recording, request.fileId);
  });

  it.each([small, large])("says that the checksum is wrong when Drive never keeps the right bytes", async (make) => {
    const { request } = await requestFor(drive, fake, make());
    fake.faults.add({ name: "corrupt", times: "always" });
    await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_checksum" });
    fake.faults.clear();
    const recording = make();
    await drive.upload({ ...request, exists: true, open: recording.open });
    expectOnlyFile(recording, request.fileId);
  });

  it("leaves out a property that Drive would refuse the file for", async () => {
    const appProperties = { uuid: "é".repeat(61), startTime: "2024-01-15T02:30:00.000Z" };
    const { request } = await requestFor(drive, fake, small(), { appProperties });
    expect((await drive.upload(request)).appProperties).toEqual({ startTime: appProperties.startTime });
  });

  it("hears a refusal that comes before everything was sent", async () => {
    drive = connect(fake, { chunkBytes: 8 * 1024 * KIB });
    fake.setQuota(1_000);
    for (const sizeBytes of [3_900 * KIB, 9_000 * KIB]) {
      const { request } = await requestFor(drive, fake, new Recording(new Uint8Array(sizeBytes)));
      await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_full" });
    }
  });

  it("tells a file that Drive has and does not show, as one deleted for good, from an id that it does not take", async () => {
    const { request } = await requestFor(drive, fake, small());
    await drive.upload(request);
    fake.remove(request.fileId);
    await expect(drive.upload({ ...request, exists: true })).rejects.toMatchObject({ code: "drive_file_unseen" });
    await expect(drive.upload({ ...request, fileId: "1_not_from_Google" })).rejects.toMatchObject({
      code: "drive_file_lost",
    });
  });

  it("does not take a file for deleted because its folder is hidden", async () => {
    const { request } = await requestFor(drive, fake, small());
    await drive.upload(request);
    fake.hide(fake.folderId);
    await expect(drive.upload({ ...request, exists: true })).rejects.toMatchObject({ code: "drive_folder_missing" });
  });

  it("says that a folder in the trash is missing", async () => {
    fake.trash(fake.folderId);
    const { request } = await requestFor(drive, fake, small());
    await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_folder_missing" });
  });

  it("leaves nothing in Drive of a recording that ended early", async () => {
    for (const [make, breakAt] of [
      [small, 50 * KIB],
      [large, 700 * KIB],
    ] as const) {
      for (const endsSilently of [true, false]) {
        const recording = make();
        recording.breaks = [breakAt];
        recording.endsSilently = endsSilently;
        const { request } = await requestFor(drive, fake, recording);
        await expect(drive.upload(request)).rejects.toMatchObject({ code: "recording_cut_short" });
      }
    }
    expect(fake.files).toEqual([]);
  });

  it("passes on what the PBX says when it is asked", async () => {
    const gone = new Error("gone");
    const { request } = await requestFor(drive, fake, small(), { open: () => Promise.reject(gone) });
    await expect(drive.upload(request)).rejects.toBe(gone);
    expect(fake.requests.count("multipart")).toBe(0);
  });

  it("stops at once when it is told to, and goes on from there", async () => {
    const recording = large();
    const stop = new AbortController();
    const { request, saved } = await requestFor(drive, fake, recording, { signal: stop.signal });
    fake.faults.add({ name: "stall", on: "chunk", nth: 3 });
    const stopped = drive.upload(request);
    await expect.poll(() => fake.requests.count("chunk")).toBe(3);
    stop.abort(new Error("the worker shuts down"));
    await expect(stopped).rejects.toThrow("the worker shuts down");
    const again = await requestFor(drive, fake, recording, { fileId: request.fileId, session: saved.at(-1) ?? null });
    fake.requests.clear();
    await drive.upload({ ...again.request, exists: true });
    expect(fake.requests.count("status")).toBe(1);
    expect(fake.requests.entries[0]?.range).toBe(`bytes */${recording.bytes.length}`);
    expect(fake.requests.count("start")).toBe(0);
    expectOnlyFile(recording, request.fileId);
  });
});
