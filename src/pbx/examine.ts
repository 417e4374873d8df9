import type { Call } from "../call.ts";
import { type Day, windowOf } from "../day.ts";
import { SyncError } from "../errors.ts";
import { plain } from "../log.ts";
import type { AudioKind } from "../meter.ts";
import { sniff } from "../recording.ts";
import type { AnsweredPage, HowToAsk, PbxApi } from "./api.ts";
import { wholeDay } from "./dialect.ts";
import type { PbxConfig } from "./pbx_config.ts";
import { readRecord } from "./record.ts";
import type { Recordings } from "./recordings.ts";
import { timeReader } from "./times.ts";

/** What there is to say about the PBX, for a person to read. */
export interface PbxReport {
  /** Why no page of calls came; null where one came. */
  failure: SyncError | null;
  /** Whether anything answers at the address, be it a refusal. */
  reachable: boolean;
  /** `none`: plain HTTP; `unchecked`: by PBX_TLS_INSECURE; `unknown`: nothing answered. */
  certificate: "accepted" | "refused" | "unchecked" | "none" | "unknown";
  /** `none`: by PBX_AUTH=none. */
  key: "accepted" | "refused" | "none" | "unknown";
  /** Whether calls come without the key too; null where that cannot be told. */
  answersWithoutKey: boolean | null;
  /** The dialect's name; null where no page came. */
  dialect: string | null;
  /** How many calls the page had, and how many the day has by the PBX's own total. */
  records: number;
  total: number | null;
  order: "newest_first" | "oldest_first" | "mixed" | "unknown";
  /** The size of its pages where that is less than was asked for though there is more; null where it is not. */
  pageCap: number | null;
  /** How far the PBX's clock is ahead of ours, to the second; null where it does not say. */
  clockSkewMs: number | null;
  /** The first recording of the page; null where the page has none. */
  recording: ProbedRecording | null;
}

export interface ProbedRecording {
  uuid: string;
  path: string;
  /** Null: no audio that we know. */
  kind: AudioKind | null;
  sizeBytes: number | null;
  /** Why it cannot be read; null where it can. */
  failure: SyncError | null;
}

interface Probed {
  config: PbxConfig;
  api: PbxApi;
  recordings: Recordings;
  now: () => Date;
}

/** Asks a few questions, each once. Throws only when it is interrupted. */
export async function examine(
  { config, api, recordings, now }: Probed,
  day: Day,
  signal?: AbortSignal,
): Promise<PbxReport> {
  const ask = (offset: number, how: HowToAsk = {}) =>
    outcomeOf(() => api.ask({ span: wholeDay(day), offset, limit: config.pageSize }, { ...how, once: true, signal }));
  const page = await ask(0);
  if (page instanceof SyncError) return failed(page, config);
  const hasRoom = page.records.length > 0 && page.records.length < config.pageSize;
  const next = hasRoom && page.total === null ? await ask(page.records.length) : null;
  const calls = callsOf(page, day, config.zone);
  return {
    failure: null,
    reachable: true,
    certificate: certificateOf(config, "accepted"),
    key: config.auth.kind === "none" ? "none" : "accepted",
    answersWithoutKey: isOpen(page, config.auth.kind === "none" ? page : await ask(0, { withoutKey: true })),
    dialect: page.dialect.name,
    records: page.records.length,
    total: page.total,
    order: orderOf(calls),
    pageCap: hasRoom && isCapped(page, next) ? page.records.length : null,
    clockSkewMs: page.date && skewOf(page.date, now()),
    recording: await tryRecording(calls, recordings, signal),
  };
}

/** A `Date` header tells whole seconds: on average it is half a second behind. */
const skewOf = (date: Date, now: Date) => Math.round((date.getTime() + 500 - now.getTime()) / 1000) * 1000;

async function outcomeOf<T>(ask: () => Promise<T>): Promise<T | SyncError> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
}

function failed(failure: SyncError, config: PbxConfig): PbxReport {
  const { code } = failure;
  const reachable = !["pbx_unreachable", "pbx_timeout", "pbx_tls"].includes(code);
  return {
    failure,
    reachable,
    certificate: certificateOf(config, code === "pbx_tls" ? "refused" : reachable ? "accepted" : "unknown"),
    key: code === "pbx_key_refused" ? "refused" : config.auth.kind === "none" ? "none" : "unknown",
    answersWithoutKey: null,
    dialect: null,
    records: 0,
    total: null,
    order: "unknown",
    pageCap: null,
    clockSkewMs: null,
    recording: null,
  };
}

function certificateOf(
  { apiUrl, tlsInsecure }: PbxConfig,
  otherwise: PbxReport["certificate"],
): PbxReport["certificate"] {
  if (apiUrl.protocol === "http:") return "none";
  return tlsInsecure && otherwise === "accepted" ? "unchecked" : otherwise;
}

/** Less than was asked for, though there is more. */
function isCapped(page: AnsweredPage, next: AnsweredPage | SyncError | null): boolean {
  if (page.total !== null) return page.total > page.records.length;
  if (!next || next instanceof SyncError) return false;
  return next.records.length > 0 && JSON.stringify(next.records[0]) !== JSON.stringify(page.records[0]);
}

function isOpen(page: AnsweredPage, withoutKey: AnsweredPage | SyncError): boolean | null {
  if (withoutKey instanceof SyncError) return withoutKey.code === "pbx_key_refused" ? false : null;
  if (page.records.length === 0) return null;
  return withoutKey.records.length > 0;
}

function callsOf(page: AnsweredPage, day: Day, zone: string): Call[] {
  const reader = { dialect: page.dialect, window: windowOf(day, zone), readTime: timeReader(zone) };
  return page.records.flatMap((record) => readRecord(record, reader).call ?? []);
}

function orderOf(calls: Call[]): PbxReport["order"] {
  const steps = calls.slice(1).map((call, index) => call.startedAt.getTime() - calls[index]!.startedAt.getTime());
  const [up, down] = [steps.some((step) => step > 0), steps.some((step) => step < 0)];
  if (up && down) return "mixed";
  return up ? "oldest_first" : down ? "newest_first" : "unknown";
}

/** Reads the beginning of the first recording. */
async function tryRecording(
  calls: Call[],
  recordings: Recordings,
  signal: AbortSignal | undefined,
): Promise<ProbedRecording | null> {
  const recorded = calls.find((call) => call.recordingPath !== null);
  if (!recorded) return null;
  const { uuid, recordingPath } = recorded;
  const path = recordingPath!;
  const outcome = await outcomeOf(async () => {
    const { body, sizeBytes } = await recordings.open(path, { signal });
    const reader = body.getReader();
    const { value = new Uint8Array(0) } = await reader.read();
    await reader.cancel();
    return { kind: sniff(value), sizeBytes };
  });
  if (outcome instanceof SyncError) return { uuid, path, kind: null, sizeBytes: null, failure: outcome };
  const why = `Cannot use recording "${plain(path)}": it is no WAV or MP3`;
  return { uuid, path, ...outcome, failure: outcome.kind ? null : new SyncError("recording_not_audio", why) };
}
