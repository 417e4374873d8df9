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
export function createWavMeter(): KindMeter {
  let held: Uint8Array = new Uint8Array(0);
  let skipBytes = FILE_HEAD_BYTES;
  let bytesPerSecond = 0;
  let soundBytes = 0;
  let promisedBytes: number | null = null;

  function add(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (promisedBytes !== null) {
        soundBytes += rest.length;
        return;
      }
      if (skipBytes > 0) {
        const skipped = Math.min(skipBytes, rest.length);
        skipBytes -= skipped;
        rest = rest.subarray(skipped);
      } else {
        rest = readChunk(Buffer.concat([held, rest]));
      }
    }
  }

  /** Reads a chunk's head where it is whole, else holds it; what comes after. */
  function readChunk(bytes: Uint8Array): Uint8Array {
    held = bytes;
    if (bytes.length < CHUNK_HEAD_BYTES) return new Uint8Array(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const name = String.fromCharCode(...bytes.subarray(0, 4));
    const size = view.getUint32(4, true);
    if (name !== "data" && !isChunk(name, size)) return keepUnread(bytes);
    if (name === "fmt ") {
      if (bytes.length < CHUNK_HEAD_BYTES + FORMAT_BYTES) return new Uint8Array(0);
      bytesPerSecond = readBytesPerSecond(view);
    }
    held = new Uint8Array(0);
    if (name === "data") promisedBytes = size === 0 || size >= UNKNOWN_SIZE ? Number.POSITIVE_INFINITY : size;
    else skipBytes = size + (size % 2);
    return bytes.subarray(CHUNK_HEAD_BYTES);
  }

  /** What is no chunk may be sound all the same: it is kept, and its length is not told. */
  function keepUnread(bytes: Uint8Array): Uint8Array {
    promisedBytes = Number.POSITIVE_INFINITY;
    bytesPerSecond = 0;
    held = new Uint8Array(0);
    return bytes;
  }

  const heardBytes = () => Math.min(soundBytes, promisedBytes ?? 0);
  const toSeconds = (bytes: number) => (bytesPerSecond > 0 && promisedBytes !== null ? bytes / bytesPerSecond : null);
  return {
    add,
    seconds: () => toSeconds(heardBytes()),
    promisedSeconds: () => (Number.isFinite(promisedBytes) ? toSeconds(promisedBytes ?? 0) : null),
    hasSound: () => heardBytes() > 0,
  };
}

const isChunk = (name: string, size: number) => /^[\x20-\x7e]{4}$/.test(name) && size <= MAX_CHUNK_BYTES;

/** What the header says, or where it says nothing, samples a second times bytes a sample. */
function readBytesPerSecond(view: DataView): number {
  const samplesPerSecond = view.getUint32(CHUNK_HEAD_BYTES + 4, true);
  const bytesPerSample = view.getUint16(CHUNK_HEAD_BYTES + 12, true);
  return view.getUint32(CHUNK_HEAD_BYTES + 8, true) || samplesPerSecond * bytesPerSample;
}
