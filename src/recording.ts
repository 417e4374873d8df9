import type { AudioKind, KindMeter, Meter } from "./meter.ts";
import { createMp3Meter, frameAt } from "./mp3.ts";
import { createWavMeter } from "./wav.ts";

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
