import { timeOfUuid } from "./call.ts";
import type { AudioKind, KindMeter, Meter } from "./meter.ts";
import { frameAt, Mp3Meter } from "./mp3.ts";
import { WavMeter } from "./wav.ts";

/** What a kind is called in file names and in HTTP. */
export const audioTypes = {
  wav: { ext: "wav", mimeType: "audio/wav" },
  mp3: { ext: "mp3", mimeType: "audio/mpeg" },
} as const satisfies Record<AudioKind, { ext: string; mimeType: string }>;

/** Enough of a file to tell what it is. */
const SNIFF_BYTES = 12;

/** When a recording came into being, as far as we know. */
export interface Times {
  startedAt: Date | null;
  endedAt: Date | null;
  /** When its call was stored first. */
  firstSeenAt: Date;
}

/** When a call began, as near as we know: a call of the old system's may have no start. */
export function startOf(call: Times & { uuid: string; answeredAt: Date | null }): Date {
  return call.startedAt ?? call.answeredAt ?? call.endedAt ?? timeOfUuid(call.uuid) ?? call.firstSeenAt;
}

/** How old a recording is: since its call ended, though never younger than our knowledge of it. A PBX also writes times yet to come. */
export function ageMsOf({ startedAt, endedAt, firstSeenAt }: Times, now: Date): number {
  const madeAt = endedAt ?? startedAt ?? firstSeenAt;
  return Math.max(0, now.getTime() - Math.min(madeAt.getTime(), firstSeenAt.getTime()));
}

/** Within a day what the PBX does not have, or has without a sound, or Drive does not show, is not there yet. */
export const mayStillCome = (ageMs: number): boolean => ageMs < 24 * 3_600_000;

/** How long to wait for a recording that is not there yet: half as long again as it was waited for, from 15 seconds to half an hour. */
export const patienceMs = (waitedMs: number): number => Math.min(Math.max(waitedMs / 2, 15_000), 30 * 60_000);

/**
 * A recording is shorter, by more than two seconds and a tenth, than the call's billed time or than its own header promises: it is kept, and
 * shown to a person. Null where it is long enough, or where nobody can tell.
 */
export function tooShort(
  meter: Pick<Meter, "seconds" | "promisedSeconds">,
  billSeconds: number,
): { code: "too_short"; note: string } | null {
  const seconds = meter.seconds();
  const promised = meter.promisedSeconds() ?? 0;
  const isBelow = (due: number) => seconds !== null && seconds < due - Math.max(2, due / 10);
  if (seconds === null || !(isBelow(billSeconds) || isBelow(promised))) return null;
  const due = isBelow(billSeconds)
    ? `the call was billed for ${billSeconds} s`
    : `its own header promises ${Math.round(promised)} s`;
  return { code: "too_short", note: `The recording is ${Math.round(seconds)} s long, ${due}.` };
}

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
    if (kind) meter = kind === "wav" ? new WavMeter() : new Mp3Meter();
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
