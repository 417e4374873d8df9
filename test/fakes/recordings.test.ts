import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { blocksOf, digestOf, mp3Bytes, sizeOf, wavBytes, wavSecondsFor } from "./recordings.ts";

test("a WAV is as long as its header says", () => {
  const wav = wavBytes(2.5, "a call");
  expect(wav.toString("latin1", 0, 4) + wav.toString("latin1", 8, 12)).toBe("RIFFWAVE");
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
  expect(wav.readUInt32LE(40) / wav.readUInt32LE(28)).toBe(2.5);
});

test.each([8, 16, 64])("an MP3 of %i kbit/s is nothing but whole frames of 72 ms", (kbps) => {
  const mp3 = mp3Bytes(20, "a call", kbps);
  const frames = mp3.length / (9 * kbps);
  expect(frames).toBe(Math.ceil(20 / 0.072));
  const heads = Array.from({ length: frames }, (_, frame) => mp3.readUInt32BE(frame * 9 * kbps));
  expect(new Set(heads).size).toBe(1);
  expect(heads[0]! >>> 17).toBe(0xffe3 >>> 1);
});

test.each([
  { format: "wav", seconds: 30 },
  { format: "mp3", seconds: 90, kbps: 64 },
] as const)("any part of a recording ($format) is the same bytes as in the whole", (spec) => {
  const whole = Buffer.concat([...blocksOf(spec, "a call")]);
  expect(whole).toHaveLength(sizeOf(spec));
  for (const at of [0, 1, 50, 65_579, 65_580, 140_001, whole.length]) {
    expect(Buffer.concat([...blocksOf(spec, "a call", 0, at), ...blocksOf(spec, "a call", at)])).toEqual(whole);
  }
  expect(digestOf(spec, "a call").md5).toBe(createHash("md5").update(whole).digest("hex"));
  expect(digestOf(spec, "another call").md5).not.toBe(digestOf(spec, "a call").md5);
});

test("a recording of 1 GiB streams without being held", () => {
  const spec = { format: "wav", seconds: wavSecondsFor(2 ** 30) } as const;
  let sent = 0;
  for (const block of blocksOf(spec, 1)) sent += block.length;
  expect(sent).toBe(2 ** 30);
});
