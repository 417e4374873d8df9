import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { hashOf, seededRandom } from "./pbx_random.ts";

/** What a simulated recording is made of. The bytes follow from it and from the seed (a call's uuid) alone. */
export interface RecordingSpec {
  format: "wav" | "mp3";
  seconds: number;
  /** Bit rate of an MP3 (8, 16, 24, 32, 40, 48, 56 or 64); WAV is always 8 kHz, 8 bit, mono. */
  kbps?: number;
}

export interface RecordingDigest {
  sizeBytes: number;
  md5: string;
}

export const WAV_HEADER_BYTES = 44;
const SAMPLES_PER_SECOND = 8000;
const MP3_SAMPLES_PER_FRAME = 576;
const MP3_RATES = [8, 16, 24, 32, 40, 48, 56, 64];
const BLOCK_BYTES = 65_536;

/** PCM, 8 kHz, 8 bit, mono: faint noise behind a true header, marked with the seed. */
export function wavBytes(seconds: number, seed: string | number): Buffer {
  return bytesOf({ format: "wav", seconds }, seed);
}

/** MPEG 2.5 layer III, 8 kHz, mono, constant bit rate: whole silent frames, their spare bytes marked with the seed. */
export function mp3Bytes(seconds: number, seed: string | number, kbps = 8): Buffer {
  return bytesOf({ format: "mp3", seconds, kbps }, seed);
}

/** Seconds of WAV that make a file of exactly that many bytes, for `RecordingSpec.seconds`. */
export function wavSecondsFor(sizeBytes: number): number {
  return Math.max(0, sizeBytes - WAV_HEADER_BYTES) / SAMPLES_PER_SECOND;
}

export function sizeOf(spec: RecordingSpec): number {
  if (spec.format === "wav") return WAV_HEADER_BYTES + Math.round(spec.seconds * SAMPLES_PER_SECOND);
  return Math.ceil((spec.seconds * SAMPLES_PER_SECOND) / MP3_SAMPLES_PER_FRAME) * frameBytes(spec.kbps ?? 8);
}

/** Size and MD5 of the whole recording, hashed block by block. */
export function digestOf(spec: RecordingSpec, seed: string | number): RecordingDigest {
  const md5 = createHash("md5");
  for (const block of blocksOf(spec, seed)) md5.update(block);
  return { sizeBytes: sizeOf(spec), md5: md5.digest("hex") };
}

/**
 * The bytes from `from` (included) to `to` (excluded), in blocks of at most 64 KiB that share memory with one another:
 * a recording of any size costs no more than that. Blocks must not be written to.
 */
export function* blocksOf(spec: RecordingSpec, seed: string | number, from = 0, to = sizeOf(spec)): Generator<Buffer> {
  const head = headOf(spec, String(seed));
  const { twice, blockBytes, unitBytes } = patternOf(spec);
  const first = hashOf(String(seed));
  for (let position = from; position < to; ) {
    const inHead = position < head.length;
    const body = position - head.length;
    const block = Math.floor(body / blockBytes);
    const turned = ((first + block * 7919) % (blockBytes / unitBytes)) * unitBytes;
    const start = inHead ? position : turned + (body % blockBytes);
    const end = inHead ? head.length : turned + blockBytes;
    const chunk = (inHead ? head : twice).subarray(start, Math.min(end, start + to - position));
    yield chunk;
    position += chunk.length;
  }
}

function bytesOf(spec: RecordingSpec, seed: string | number): Buffer {
  return Buffer.concat([...blocksOf(spec, seed)]);
}

interface Pattern {
  /** One block, twice: each block of a recording is a window of it, turned by its number, so that no two places look alike. */
  twice: Buffer;
  blockBytes: number;
  unitBytes: number;
}

const patterns = new Map<string, Pattern>();

function patternOf(spec: RecordingSpec): Pattern {
  const kbps = spec.kbps ?? 8;
  const key = spec.format === "wav" ? "wav" : `mp3 ${kbps}`;
  let pattern = patterns.get(key);
  if (!pattern) {
    const unitBytes = spec.format === "wav" ? 1 : frameBytes(kbps);
    const blockBytes = Math.floor(BLOCK_BYTES / unitBytes) * unitBytes;
    const block = noise(blockBytes, key);
    if (spec.format === "mp3") for (let at = 0; at < blockBytes; at += unitBytes) writeFrameHead(block, at, kbps);
    pattern = { twice: Buffer.concat([block, block]), blockBytes, unitBytes };
    patterns.set(key, pattern);
  }
  return pattern;
}

/** Bytes near the middle of the 8-bit range: faint as sound, and never 0xFF, which would look like a frame's start. */
function noise(length: number, seed: string): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => 112 + Math.floor(random.next() * 32)));
}

/** The first bytes, which tell recordings apart: WAV header and 32 samples, or one whole MP3 frame. */
function headOf(spec: RecordingSpec, seed: string): Buffer {
  const mark = noise(32, seed);
  if (spec.format === "wav") return Buffer.concat([wavHeader(sizeOf(spec) - WAV_HEADER_BYTES), mark]);
  const frame = Buffer.alloc(frameBytes(spec.kbps ?? 8));
  writeFrameHead(frame, 0, spec.kbps ?? 8);
  mark.copy(frame, MP3_HEAD_BYTES);
  return frame;
}

function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(dataBytes + WAV_HEADER_BYTES - 8, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

const MP3_HEAD_BYTES = 4 + 9;

/** Bytes of a frame: 576 samples at 8 kHz are 72 ms. */
function frameBytes(kbps: number): number {
  return 9 * kbps;
}

/** ISO 11172-3 with the MPEG 2.5 extension: sync, version 2.5, layer III, no CRC; mono; side information all zero = silence. */
function writeFrameHead(buffer: Buffer, at: number, kbps: number): void {
  const rate = MP3_RATES.indexOf(kbps) + 1;
  if (rate === 0) throw new RangeError(`Cannot make an MP3 of ${kbps} kbit/s: not one of ${MP3_RATES.join(", ")}`);
  buffer.fill(0, at, at + MP3_HEAD_BYTES);
  buffer.writeUInt32BE(((0xffe3 << 16) | (rate << 12) | (2 << 10) | (3 << 6)) >>> 0, at);
}
