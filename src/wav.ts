import type { KindMeter } from "./meter.ts";

/** `RIFF`, size, `WAVE`. */
const FILE_HEAD_BYTES = 12;
/** Name and size. */
const CHUNK_HEAD_BYTES = 8;
/** As much of a format chunk as tells bytes a second. */
const FORMAT_BYTES = 16;
/** What recorders write before they know better is 0, or a size from here up. */
const UNKNOWN_SIZE = 0x7fff0000;
/** No chunk but the sound's own is longer: a size above it is none. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

/**
 * Length of a WAV file (RIFF; microsoft.com 'Multimedia Programming Interface and Data Specifications'): the bytes of sound
 * that really passed, at most those that the header promises, by its bytes a second.
 */
export class WavMeter implements KindMeter {
  /** The beginning of a chunk whose head is not whole yet. */
  #held: Uint8Array = new Uint8Array(0);
  #skipBytes = FILE_HEAD_BYTES;
  #bytesPerSecond = 0;
  #soundBytes = 0;
  /** Bytes of sound by the header; null before they begin, infinite where it does not know. */
  #promisedBytes: number | null = null;

  add(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#promisedBytes !== null) {
        this.#soundBytes += rest.length;
        return;
      }
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, rest.length);
        this.#skipBytes -= skipped;
        rest = rest.subarray(skipped);
      } else {
        rest = this.#readChunk(Buffer.concat([this.#held, rest]));
      }
    }
  }

  seconds(): number | null {
    return this.#toSeconds(this.#heardBytes);
  }

  promisedSeconds(): number | null {
    return Number.isFinite(this.#promisedBytes) ? this.#toSeconds(this.#promisedBytes ?? 0) : null;
  }

  hasSound(): boolean {
    return this.#heardBytes > 0;
  }

  get #heardBytes(): number {
    return Math.min(this.#soundBytes, this.#promisedBytes ?? 0);
  }

  #toSeconds(bytes: number): number | null {
    return this.#bytesPerSecond > 0 && this.#promisedBytes !== null ? bytes / this.#bytesPerSecond : null;
  }

  /** Reads a chunk's head where it is whole, else holds it; what comes after. */
  #readChunk(bytes: Uint8Array): Uint8Array {
    this.#held = bytes;
    if (bytes.length < CHUNK_HEAD_BYTES) return new Uint8Array(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const name = String.fromCharCode(...bytes.subarray(0, 4));
    const size = view.getUint32(4, true);
    if (name !== "data" && !isChunk(name, size)) return this.#keepUnread(bytes);
    if (name === "fmt ") {
      if (bytes.length < CHUNK_HEAD_BYTES + FORMAT_BYTES) return new Uint8Array(0);
      this.#bytesPerSecond = readBytesPerSecond(view);
    }
    this.#held = new Uint8Array(0);
    if (name === "data") this.#promisedBytes = size === 0 || size >= UNKNOWN_SIZE ? Number.POSITIVE_INFINITY : size;
    else this.#skipBytes = size + (size % 2);
    return bytes.subarray(CHUNK_HEAD_BYTES);
  }

  /** What is no chunk may be sound all the same: it is kept, and its length is not told. */
  #keepUnread(bytes: Uint8Array): Uint8Array {
    this.#promisedBytes = Number.POSITIVE_INFINITY;
    this.#bytesPerSecond = 0;
    this.#held = new Uint8Array(0);
    return bytes;
  }
}

const isChunk = (name: string, size: number) => /^[\x20-\x7e]{4}$/.test(name) && size <= MAX_CHUNK_BYTES;

/** What the header says, or where it says nothing, samples a second times bytes a sample. */
function readBytesPerSecond(view: DataView): number {
  const samplesPerSecond = view.getUint32(CHUNK_HEAD_BYTES + 4, true);
  const bytesPerSample = view.getUint16(CHUNK_HEAD_BYTES + 12, true);
  return view.getUint32(CHUNK_HEAD_BYTES + 8, true) || samplesPerSecond * bytesPerSample;
}
