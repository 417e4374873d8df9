import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Source } from "../../src/drive/source.ts";
import { SyncError } from "../../src/errors.ts";
import { Recording } from "./setup.ts";

const MIB = 1024 * 1024;
const BYTES = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251);
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

async function read(source: Source, size: number): Promise<Uint8Array> {
  const target = new Uint8Array(size);
  return target.subarray(0, await source.fill(target));
}

describe("Source", () => {
  it("hands on, from any place, the right bytes, and counts and hashes each once", async () => {
    const step = fc.oneof(
      fc.record({ seek: fc.integer({ min: 0, max: 1_000 }) }),
      fc.record({ read: fc.integer({ min: 0, max: 400 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        async (steps, piece, told) => {
          const recording = Object.assign(new Recording(BYTES), { pieceBytes: piece, tellsSize: told });
          const seen: Uint8Array[] = [];
          const source = new Source(recording.open, (chunk) => seen.push(chunk));
          for (const step of steps) {
            const from = source.position;
            if ("seek" in step) await source.seek(step.seek);
            else expect(await read(source, step.read)).toEqual(BYTES.subarray(from, from + step.read));
          }
          expect(await source.digest()).toEqual({ sizeBytes: 1_000, md5: md5(BYTES) });
          expect(Buffer.concat(seen).equals(BYTES)).toBe(true);
        },
      ),
    );
  });

  it("asks again only where it broke off far into the recording, and only so often", async () => {
    const recording = new Recording(new Uint8Array(30 * MIB));
    recording.breaks = [5 * MIB, 10 * MIB, 15 * MIB, 20 * MIB];
    await expect(new Source(recording.open).digest()).rejects.toMatchObject({ code: "recording_cut_short" });
    const overlap = 64 * 1024;
    expect(recording.openings).toEqual([0, 5 * MIB - overlap, 10 * MIB - overlap, 15 * MIB - overlap]);
    const short = new Recording(BYTES);
    short.breaks = [500];
    await expect(new Source(short.open).digest()).rejects.toThrow("Cannot read the recording: the PBX hung up");
    expect(short.openings).toEqual([0]);
  });

  it.each([1_000, 64 * 1024, 200_000])(
    "goes on after a break with the same bytes, in pieces of %d",
    async (pieceBytes) => {
      const bytes = Uint8Array.from({ length: 6 * MIB }, (_, index) => (index * 7) % 251);
      const recording = Object.assign(new Recording(bytes), { pieceBytes, breaks: [5 * MIB + 77] });
      const seen: Uint8Array[] = [];
      const source = new Source(recording.open, (chunk) => seen.push(chunk));
      expect(await source.digest()).toEqual({ sizeBytes: bytes.length, md5: md5(bytes) });
      expect(md5(Buffer.concat(seen))).toBe(md5(bytes));
      expect(recording.openings).toEqual([0, 5 * MIB + 77 - 64 * 1024]);
    },
  );

  it("puts no two halves of different recordings together, though the PBX does not tell them apart", async () => {
    const [one, other] = [1, 2].map((byte) => new Recording(new Uint8Array(6 * MIB).fill(byte))) as [
      Recording,
      Recording,
    ];
    one.breaks = [5 * MIB];
    const open = (from: number) => (from === 0 ? one : other).open(from);
    await expect(new Source(open).digest()).rejects.toThrow("Cannot read the recording: it changed in between");
  });

  it("leaves nothing behind on the signal, which outlives thousands of uploads", async () => {
    const { signal } = new AbortController();
    const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    const source = new Source(new Recording(BYTES).open, undefined, signal);
    await source.digest();
    source.close();
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledWith(...added.mock.calls[0]!);
  });

  it("is cut short by fewer bytes than announced, more bytes, or another size the second time", async () => {
    const answers = (sizes: number[]) => async () => ({
      ...(await new Recording(BYTES).open(0)),
      sizeBytes: sizes.shift() ?? 0,
    });
    await expect(new Source(answers([1_001])).digest()).rejects.toThrow("1000 of 1001 bytes came");
    await expect(new Source(answers([999])).digest()).rejects.toThrow("more came than its 999 bytes");
    const changing = new Source(answers([1_000, 1_001]));
    await changing.digest();
    await changing.seek(0);
    await expect(changing.atEnd()).rejects.toThrow("it had 1000 bytes and now has 1001");
  });

  it("passes on what the PBX's side threw", async () => {
    const stalled = new SyncError("recordings_timeout", "nothing came");
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(stalled) });
    await expect(new Source(async () => ({ body, sizeBytes: 5 })).digest()).rejects.toBe(stalled);
  });

  it("does not take the end of a stopped job for the end of the recording", async () => {
    const stop = new AbortController();
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(BYTES) });
    const source = new Source(async () => ({ body, sizeBytes: null }), undefined, stop.signal);
    expect(await read(source, 1_000)).toHaveLength(1_000);
    const ending = source.atEnd();
    stop.abort(new Error("stopped"));
    await expect(ending).rejects.toThrow("stopped");
  });
});
