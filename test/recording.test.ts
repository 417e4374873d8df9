import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ageMsOf, createMeter, mayStillCome, patienceMs, sniff, startOf, tooShort } from "../src/recording.ts";
import { mp3Bytes, wavBytes } from "./fakes/recordings.ts";

const bytes = (...values: (number | string)[]) =>
  Buffer.concat(values.map((value) => (typeof value === "string" ? Buffer.from(value, "latin1") : Buffer.of(value))));

function read(...chunks: Uint8Array[]) {
  const meter = createMeter();
  for (const chunk of chunks) meter.add(chunk);
  return { kind: meter.kind, seconds: meter.seconds(), hasSound: meter.hasSound() };
}

function promised(file: Uint8Array) {
  const meter = createMeter();
  meter.add(file);
  return meter.promisedSeconds();
}

function uint32(value: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(value);
  return four;
}

const chunk = (name: string, body: Buffer, size = body.length) =>
  Buffer.concat([Buffer.from(name), uint32(size), body]);
/** PCM, 8 kHz, 16 bit, mono: 16,000 bytes a second. */
const format = (bytesPerSecond = 16_000) =>
  chunk("fmt ", Buffer.concat([bytes(1, 0, 1, 0), uint32(8000), uint32(bytesPerSecond), bytes(2, 0, 16, 0)]));
const riff = (...chunks: Buffer[]) => Buffer.concat([bytes("RIFF"), uint32(0), bytes("WAVE"), ...chunks]);

/** MPEG 1 layer III, 128 kbit/s, 44.1 kHz, stereo: 417 bytes, 26.1 ms. */
const frame = (mark = "") => {
  const whole = Buffer.alloc(417);
  whole.set([0xff, 0xfb, 0x90, 0x00]);
  whole.write(mark, 36, "latin1");
  return whole;
};
const frames = (count: number) => Buffer.concat(Array.from({ length: count }, () => frame()));
const FRAME_SECONDS = 1152 / 44_100;

describe("sniff()", () => {
  it("knows WAV and MP3 by their first bytes", () => {
    expect(sniff(wavBytes(1, "a"))).toBe("wav");
    expect(sniff(bytes("RF64", 255, 255, 255, 255, "WAVEds64"))).toBe("wav");
    expect(sniff(mp3Bytes(1, "a"))).toBe("mp3");
    expect(sniff(frame())).toBe("mp3");
    expect(sniff(bytes("ID3", 4, 0, 0, 0, 0, 0, 10))).toBe("mp3");
  });

  it.each([
    ["nothing", ""],
    ["an HTML page", "<!DOCTYPE html><html><title>Login</title>"],
    ["JSON", '{"error":"not found"}'],
    ["text", "404 page not found"],
    ["a bare RIFF", "RIFF\x10\x00\x00\x00AVI LIST"],
    ["Ogg", "OggS\x00\x02\x00\x00\x00\x00\x00\x00"],
    ["FLAC", "fLaC\x00\x00\x00\x22\x10\x00\x10\x00"],
    ["AAC", "\xff\xf1\x50\x80\x2e\x9f\xfc\x21"],
    ["UTF-16 with a byte order mark", "\xff\xfe{\x00\x22\x00e\x00"],
    ["UTF-8 with a byte order mark", "\xef\xbb\xbf<html>"],
    ["zeros", "\0\0\0\0\0\0\0\0\0\0\0\0"],
  ])("takes %s for no audio", (_name, text) => {
    expect(sniff(Buffer.from(text, "latin1"))).toBeNull();
  });
});

describe("createMeter()", () => {
  it("reads the length of a WAV from its data and its bytes a second", () => {
    expect(read(wavBytes(12.5, "a"))).toEqual({ kind: "wav", seconds: 12.5, hasSound: true });
    expect(read(riff(format(), chunk("data", Buffer.alloc(40_000))))).toMatchObject({ seconds: 2.5 });
  });

  it("skips other chunks of a WAV, odd ones with their padding", () => {
    const list = Buffer.concat([chunk("LIST", Buffer.from("INFO!")), bytes(0)]);
    const tail = chunk("id3 ", Buffer.alloc(1_000));
    const wav = riff(chunk("JUNK", Buffer.alloc(28)), list, format(), list, chunk("data", Buffer.alloc(16_000)), tail);
    expect(read(wav)).toMatchObject({ seconds: 1 });
  });

  it.each([0, 0xffff_ffff])("counts the bytes of a WAV whose header says a size of %d", (size) => {
    expect(read(riff(format(), chunk("data", Buffer.alloc(48_000), size)))).toMatchObject({
      seconds: 3,
      hasSound: true,
    });
  });

  it("believes what came, not what a cut WAV promises", () => {
    expect(read(riff(format(), chunk("data", Buffer.alloc(16_000), 960_000)))).toMatchObject({ seconds: 1 });
  });

  it("tells what a file's header promises", () => {
    expect(promised(riff(format(), chunk("data", Buffer.alloc(16_000), 960_000)))).toBe(60);
    for (const unknown of [0, 0x7fff_f000, 0xffff_ffdb, 0xffff_ffff]) {
      expect(promised(riff(format(), chunk("data", Buffer.alloc(16_000), unknown)))).toBeNull();
    }
    expect(promised(riff(format()))).toBeNull();
    const table = frame();
    table.set(bytes("Xing", 0, 0, 0, 1, 0, 0, 3, 232), 36);
    expect(promised(Buffer.concat([table, frames(5)]))).toBeCloseTo(1_000 * FRAME_SECONDS, 6);
    table.set(bytes("Info", 0, 0, 0, 2), 36);
    expect(promised(Buffer.concat([table, frames(5)]))).toBeNull();
    expect(promised(frames(5))).toBeNull();
  });

  it("works out the bytes a second that a WAV does not name, and says null where it cannot", () => {
    expect(read(riff(format(0), chunk("data", Buffer.alloc(32_000))))).toMatchObject({ seconds: 2 });
    expect(read(riff(chunk("data", Buffer.alloc(32_000))))).toMatchObject({ seconds: null, hasSound: true });
  });

  it("hears nothing in a bare WAV header", () => {
    expect(read(wavBytes(0, "a"))).toEqual({ kind: "wav", seconds: 0, hasSound: false });
    expect(read(riff(format()))).toEqual({ kind: "wav", seconds: null, hasSound: false });
  });

  it("reads the length of an MP3 frame by frame", () => {
    expect(read(mp3Bytes(60, "a", 16)).seconds).toBeCloseTo(60, 0);
    expect(read(frames(100)).seconds).toBeCloseTo(100 * FRAME_SECONDS, 6);
  });

  it("reads an MP3 of changing bit rate", () => {
    const thin = Buffer.alloc(104);
    thin.set([0xff, 0xfb, 0x10, 0x00]);
    expect(read(frames(3), thin, thin, frames(1)).seconds).toBeCloseTo(6 * FRAME_SECONDS, 6);
  });

  it("counts no tags, no table of contents and no rubbish between an MP3's frames", () => {
    const id3 = Buffer.concat([bytes("ID3", 4, 0, 0, 0, 0, 2, 1), Buffer.alloc(257, 0xff)]);
    const id3v1 = Buffer.concat([bytes("TAG"), Buffer.alloc(125)]);
    for (const index of [frame("Xing"), frame("Info"), frame("VBRI")]) {
      const mp3 = Buffer.concat([id3, index, frames(5), bytes(0xff, 0xff, 0, "rubbish"), frames(5), id3v1]);
      expect(read(mp3).seconds).toBeCloseTo(10 * FRAME_SECONDS, 6);
    }
  });

  it("hears nothing in an MP3 that is only a tag or a table of contents", () => {
    const id3 = Buffer.concat([bytes("ID3", 3, 0, 0, 0, 0, 1, 0), Buffer.alloc(128)]);
    expect(read(id3)).toEqual({ kind: "mp3", seconds: null, hasSound: false });
    expect(read(frame("Xing"))).toEqual({ kind: "mp3", seconds: 0, hasSound: false });
  });

  it.each([
    ["WAV with no chunk in it", Buffer.concat([bytes("RIFF", 0, 0, 0, 0, "WAVE"), Buffer.alloc(900, 0xa7)])],
    ["WAV whose chunk has no sane size", riff(Buffer.concat([bytes("fmt ", 1, 2, 3, 4), Buffer.alloc(900, 0xa7)]))],
    ["MP3 of frames that nobody knows", Buffer.concat([bytes("ID3", 3, 0, 0, 0, 0, 0, 0), Buffer.alloc(900, 0xa7)])],
  ])("takes a %s for sound of unknown length: it is kept rather than judged", (_what, file) => {
    expect(read(file)).toMatchObject({ seconds: null, hasSound: true });
  });

  it("has nothing to say of what is no audio", () => {
    expect(read(Buffer.from("<html>Please log in</html>"))).toEqual({ kind: null, seconds: null, hasSound: false });
    expect(read()).toEqual({ kind: null, seconds: null, hasSound: false });
  });

  it("says the same however the bytes are cut", () => {
    const id3 = Buffer.concat([bytes("ID3", 4, 0, 0, 0, 0, 0, 40), Buffer.alloc(40, 0x49)]);
    const files = [
      riff(chunk("LIST", Buffer.from("INFO")), format(), chunk("data", Buffer.alloc(3_000))),
      Buffer.concat([id3, frame("Info"), frames(6), bytes("I", "ID", 0xff), frames(2)]),
    ];
    const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.constantFrom(...files), cuts, (file, sizes) => {
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < file.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(file.subarray(at, at + size));
          at += size;
        }
        expect(read(...pieces)).toEqual(read(file));
      }),
      { numRuns: 300 },
    );
  });

  it("never throws, whatever the bytes are", () => {
    const heads = fc.constantFrom(riff(), riff(format()), bytes("ID3", 4), frame(), bytes("RIFFxxxxWAVEdata"));
    fc.assert(
      fc.property(heads, fc.uint8Array({ maxLength: 2_000 }), (head, rest) => {
        const { seconds } = read(head, rest);
        expect(seconds === null || (Number.isFinite(seconds) && seconds >= 0)).toBe(true);
      }),
    );
  });
});

describe("ageMsOf()", () => {
  const HOUR_MS = 3_600_000;
  const now = new Date("2024-01-15T12:00:00Z");
  const ago = (hours: number) => new Date(now.getTime() - hours * HOUR_MS);

  it.each([
    ["since the call ended", { startedAt: ago(6), endedAt: ago(5), firstSeenAt: ago(1) }, 5],
    ["since it began, where nobody knows its end", { startedAt: ago(6), endedAt: null, firstSeenAt: ago(1) }, 6],
    ["since we know of it, where the PBX tells no time", { startedAt: null, endedAt: null, firstSeenAt: ago(3) }, 3],
    [
      "since we know of it, where its end is yet to come",
      { startedAt: ago(6), endedAt: ago(-99), firstSeenAt: ago(2) },
      2,
    ],
    ["never less than nothing", { startedAt: ago(-9), endedAt: ago(-9), firstSeenAt: ago(-1) }, 0],
  ])("counts %s", (_what, times, hours) => {
    expect(ageMsOf(times, now)).toBe(hours * HOUR_MS);
  });

  it("tells what is late from what is gone, and how long to wait", () => {
    expect([mayStillCome(24 * HOUR_MS - 1), mayStillCome(24 * HOUR_MS)]).toEqual([true, false]);
    expect([0, HOUR_MS / 10, 23 * HOUR_MS].map((waitedMs) => patienceMs(waitedMs) / 60_000)).toEqual([0.25, 3, 30]);
  });
});

describe("tooShort()", () => {
  it.each<[number | null, number | null, number, string | null]>([
    [null, 60, 60, null],
    [60, null, 60, null],
    [8, null, 10, null],
    [7.9, null, 10, "The recording is 8 s long, the call was billed for 10 s."],
    [90, null, 100, null],
    [89, null, 100, "The recording is 89 s long, the call was billed for 100 s."],
    [62, 90.4, 60, "The recording is 62 s long, its own header promises 90 s."],
    [20, 90, 60, "The recording is 20 s long, the call was billed for 60 s."],
    [0, null, 0, null],
  ])("%s s, %s s promised, %d s billed", (seconds, promised, billSeconds, note) => {
    const meter = { seconds: () => seconds, promisedSeconds: () => promised };
    expect(tooShort(meter, billSeconds)).toEqual(note && { code: "too_short", note });
  });
});

it("startOf() is the nearest time that is known of a call, which may have no start", () => {
  const [start, answer, end, seen] = [1, 2, 3, 4].map((day) => new Date(Date.UTC(2024, 0, day))) as [
    Date,
    Date,
    Date,
    Date,
  ];
  const call = { uuid: "a", startedAt: start, answeredAt: answer, endedAt: end, firstSeenAt: seen };
  expect(startOf(call)).toBe(start);
  expect(startOf({ ...call, startedAt: null })).toBe(answer);
  const bare = { ...call, startedAt: null, answeredAt: null };
  expect(startOf(bare)).toBe(end);
  expect(startOf({ ...bare, endedAt: null })).toBe(seen);
  const uuid = "c232ab00-9414-11ec-b3c8-9f6bdeced846";
  expect(startOf({ ...bare, endedAt: null, uuid })).toEqual(new Date("2022-02-22T19:22:22Z"));
});
