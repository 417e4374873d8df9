import type { KindMeter } from "./meter.ts";

const V1_KBPS = [
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
];
const V2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];

const FRAME_HEAD_BYTES = 4;
const ID3_HEAD_BYTES = 10;
/** More than the tags at a file's end: something is there, though no frame that we can read (free format, layer I). */
const UNREAD_SOUND_BYTES = 512;
/** Enough of a first frame to see whether it is sound or a table of contents (Xing, Info, VBRI), and how many frames a Xing promises. */
const INDEX_BYTES = 48;

interface Frame {
  bytes: number;
  seconds: number;
  /** What all frames of a file have in common: version, layer, sample rate. */
  family: number;
  /** Where a table of contents in the place of sound says what it is. */
  indexAt: number;
}

/** The MPEG audio frame, layer II or III, whose head stands there; null where none does (ISO 11172-3 §2.4.1, 13818-3). */
export function frameAt(bytes: Uint8Array, at: number): Frame | null {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = bytes.subarray(at, at + FRAME_HEAD_BYTES);
  const [version, layer, rate] = [(b1 >> 3) & 3, (b1 >> 1) & 3, (b2 >> 2) & 3];
  const isHead = b0 === 0xff && b1 >= 0xe0 && version !== 1 && (layer === 1 || layer === 2) && rate !== 3;
  const isV1 = version === 3;
  const kbps = (isV1 ? V1_KBPS[2 - layer] : V2_KBPS)?.[b2 >> 4];
  if (!isHead || !kbps || bytes.length - at < FRAME_HEAD_BYTES) return null;
  const samplesPerSecond = (SAMPLE_RATES[rate] ?? 0) / (isV1 ? 1 : version === 2 ? 2 : 4);
  const samples = layer === 1 && !isV1 ? 576 : 1152;
  const isMono = b3 >> 6 === 3;
  const sideBytes = isV1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return {
    bytes: Math.floor((samples / 8) * ((kbps * 1000) / samplesPerSecond)) + ((b2 >> 1) & 1),
    seconds: samples / samplesPerSecond,
    family: (b1 & 0xfe) * 4 + rate,
    indexAt: FRAME_HEAD_BYTES + sideBytes,
  };
}

/** Length of an MP3 file, frame by frame, so that constant and variable bit rates and cut files are all told rightly. */
export class Mp3Meter implements KindMeter {
  /** The beginning of what could not be told yet. */
  #held: Uint8Array = new Uint8Array(0);
  #skipBytes = 0;
  #seconds = 0;
  #unreadBytes = 0;
  #family: number | null = null;
  #promisedSeconds: number | null = null;

  add(chunk: Uint8Array): void {
    const skipped = Math.min(this.#skipBytes, chunk.length);
    this.#skipBytes -= skipped;
    if (skipped === chunk.length) return;
    const bytes = Buffer.concat([this.#held, chunk.subarray(skipped)]);
    let at = 0;
    while (at < bytes.length) {
      const length = this.#lengthAt(bytes, at);
      if (length === null) break;
      at += length;
    }
    this.#skipBytes = Math.max(0, at - bytes.length);
    this.#held = new Uint8Array(bytes.subarray(at));
  }

  seconds(): number | null {
    return this.#family === null ? null : this.#seconds;
  }

  promisedSeconds(): number | null {
    return this.#promisedSeconds;
  }

  hasSound(): boolean {
    return this.#seconds > 0 || this.#unreadBytes > UNREAD_SOUND_BYTES;
  }

  /** Bytes of what stands there: a tag, a frame (counted), or one byte of neither; null where more is needed to tell. */
  #lengthAt(bytes: Uint8Array, at: number): number | null {
    const left = bytes.length - at;
    if (bytes[at] === 0x49 && (left < 3 || (bytes[at + 1] === 0x44 && bytes[at + 2] === 0x33))) {
      return left < ID3_HEAD_BYTES ? null : tagBytes(bytes.subarray(at));
    }
    if (bytes[at] !== 0xff) return this.#skipOne(bytes[at]);
    const family = this.#family;
    if (left < (family === null ? INDEX_BYTES : FRAME_HEAD_BYTES)) return null;
    const frame = frameAt(bytes, at);
    if (!frame || (family !== null && frame.family !== family)) return this.#skipOne(0xff);
    if (family !== null || !hasIndex(bytes, at, frame)) this.#seconds += frame.seconds;
    else this.#promisedSeconds = promisedFrames(bytes.subarray(at + frame.indexAt)) * frame.seconds || null;
    this.#family = frame.family;
    return frame.bytes;
  }

  /** A byte of neither; the zeros that pad a tag are nothing. */
  #skipOne(byte: number | undefined): number {
    if (byte) this.#unreadBytes++;
    return 1;
  }
}

/** An ID3v2 tag (id3.org/id3v2.4.0-structure §3): seven bits a byte, and a footer where a flag says so. */
function tagBytes(head: Uint8Array): number {
  const [flags = 0, ...digits] = head.subarray(5, ID3_HEAD_BYTES);
  const size = digits.reduce((sum, digit) => sum * 128 + (digit & 127), 0);
  return ID3_HEAD_BYTES + size + (flags & 0x10 ? ID3_HEAD_BYTES : 0);
}

function hasIndex(bytes: Uint8Array, at: number, frame: Frame): boolean {
  const nameAt = (offset: number) => String.fromCharCode(...bytes.subarray(at + offset, at + offset + 4));
  return ["Xing", "Info"].includes(nameAt(frame.indexAt)) || nameAt(36) === "VBRI";
}

/** Frames of sound that a Xing or Info table announces: name, flags, and where the lowest flag is set, their number; 0 where it does not say. */
function promisedFrames(index: Uint8Array): number {
  const isXing = ["Xing", "Info"].includes(String.fromCharCode(...index.subarray(0, 4)));
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  return isXing && index.length >= 12 && (view.getUint32(4) & 1) === 1 ? view.getUint32(8) : 0;
}
