import { createMp3Meter, frameAt } from "./mp3.ts";
import { createWavMeter } from "./wav.ts";

/** What a recording can be, told by its bytes. */
export type AudioKind = "wav" | "mp3";

/** What a kind is called in file names and in HTTP. */
export const audioTypes = {
  wav: { ext: "wav", mimeType: "audio/wav" },
  mp3: { ext: "mp3", mimeType: "audio/mpeg" },
} as const satisfies Record<AudioKind, { ext: string; mimeType: string }>;

/** Enough of a file to tell what it is. */
const SNIFF_BYTES = 12;

/** What the first bytes of a file say that it is; null for everything but WAV and MP3 (pages, JSON, text, other audio). */
export function sniff(head: Uint8Array): AudioKind | null {
  const text = String.fromCharCode(...head.subarray(0, SNIFF_BYTES));
  if (/^(RIFF|RF64)[\s\S]{4}WAVE/.test(text)) return "wav";
  if (/^ID3[\x02-\x04]/.test(text) || frameAt(head, 0)) return "mp3";
  return null;
}

/** Reads a recording's length while its bytes pass, in constant memory. */
export interface Meter {
  /** Takes the next bytes, however they are cut. */
  add(chunk: Uint8Array): void;
  /** Length of what has passed; null where the bytes do not tell. */
  seconds(): number | null;
  /** Length that the file's own header promises; null where it promises none. */
  promisedSeconds(): number | null;
  /** Null until enough has passed, and for what is no audio. */
  readonly kind: AudioKind | null;
  /** False for a bare header: nothing to hear has passed. */
  hasSound(): boolean;
}

/** What a meter does with one kind of audio. */
export type KindMeter = Omit<Meter, "kind">;

export function createMeter(): Meter {
  let head: Uint8Array = new Uint8Array(0);
  let kind: AudioKind | null = null;
  let meter: KindMeter | null = null;

  function add(chunk: Uint8Array): void {
    if (head.length < SNIFF_BYTES) start(chunk);
    else meter?.add(chunk);
  }

  function start(chunk: Uint8Array): void {
    head = Buffer.concat([head, chunk]);
    if (head.length >= SNIFF_BYTES) kind = sniff(head);
    if (kind) meter = kind === "wav" ? createWavMeter() : createMp3Meter();
    meter?.add(head);
  }

  return {
    add,
    seconds: () => meter?.seconds() ?? null,
    promisedSeconds: () => meter?.promisedSeconds() ?? null,
    get kind() {
      return kind;
    },
    hasSound: () => meter?.hasSound() ?? false,
  };
}
