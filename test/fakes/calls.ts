import { hashOf, type Random, seededRandom } from "./pbx_random.ts";
import { dayAfter, zoneNamed } from "./pbx_zone.ts";
import { type RecordingSpec, wavSecondsFor } from "./recordings.ts";

export type Disposition = "ANSWERED" | "NO ANSWER" | "BUSY" | "FAILED";

/** A call as it really was, whatever dialect tells of it. Times are epoch milliseconds of whole seconds. */
export interface SimulatedCall {
  uuid: string;
  direction: "inbound" | "outbound";
  /** Whose phone rang first: the customer's number (inbound) or an extension (outbound). */
  caller: string;
  callerName: string;
  /** The number shown to the customer of an outbound call. */
  trunk: string;
  destination: string;
  startMs: number;
  answerMs: number | null;
  endMs: number;
  disposition: Disposition;
  hangupBy: "by_caller" | "by_callee";
  recording: SimulatedRecording | null;
}

export interface SimulatedRecording extends RecordingSpec {
  /** The path that the PBX writes, where it is not the dialect's own. */
  path?: string;
}

export interface MakeCalls {
  /** The local day, `YYYY-MM-DD`, on which they start. */
  day: string;
  zone: string;
  count: number;
  seed?: string | number;
  /** Share of answered calls that were recorded; 1 unless told. */
  recordingsShare?: number;
  format?: "wav" | "mp3";
  kbps?: number;
  /** Shortest and longest talk in seconds; a recording is exactly as long as the talk. */
  talkSeconds?: [shortest: number, longest: number];
  /** Makes every recording a WAV of exactly that size (and every talk as long as that takes). */
  recordingBytes?: number;
}

export const durationOf = (call: SimulatedCall) => (call.endMs - call.startMs) / 1000;
export const billsecOf = (call: SimulatedCall) => (call.answerMs === null ? 0 : (call.endMs - call.answerMs) / 1000);

/** Calls of one local day, in no order; the same for the same options. A longer list starts with the shorter one. */
export function makeCalls(options: MakeCalls): SimulatedCall[] {
  const random = seededRandom(`${options.seed ?? 1} ${options.day}`);
  const zone = zoneNamed(options.zone);
  const from = zone.startOfDay(options.day);
  const seconds = (zone.startOfDay(dayAfter(options.day)) - from) / 1000;
  const calls: SimulatedCall[] = [];
  for (let index = 0; index < options.count; index++) {
    // The mean of three draws: few calls at night, most around noon.
    const second = Math.floor(((random.next() + random.next() + random.next()) / 3) * seconds);
    calls.push(makeCall(from + second * 1000, random, options));
  }
  return calls;
}

/** Answered calls on a day's edges: exactly 00:00:00, 23:59:59, and one that ends after midnight. */
export function edgeCalls(options: Omit<MakeCalls, "count">): SimulatedCall[] {
  const random = seededRandom(`edges ${options.seed ?? 1} ${options.day}`);
  const zone = zoneNamed(options.zone);
  const from = zone.startOfDay(options.day);
  const to = zone.startOfDay(dayAfter(options.day));
  return [from, to - 1000, to - 60_000].map((startMs) => {
    const answerMs = startMs + 5000;
    const [shortest, longest] = options.talkSeconds ?? [90, 120];
    const endMs = answerMs + random.between(Math.max(60, shortest), Math.max(60, longest)) * 1000;
    return { ...makeCall(startMs, random, options), ...talk(random, answerMs, endMs, options) };
  });
}

/** A version-1 UUID (RFC 9562 §5.1) made within the second of `ms`, as FreeSWITCH makes them. */
export function uuidV1(ms: number, random: Random, node = "e3cd36bb494f"): string {
  const ticks = BigInt(ms + 12_219_292_800_000) * 10_000n + BigInt(random.between(0, 9_999_999));
  const time = ticks.toString(16).padStart(15, "0");
  const clock = (0x8000 | random.between(0, 0x3fff)).toString(16);
  return `${time.slice(7)}-${time.slice(3, 7)}-1${time.slice(0, 3)}-${clock}-${node}`;
}

function makeCall(startMs: number, random: Random, options: Omit<MakeCalls, "count">): SimulatedCall {
  const uuid = uuidV1(startMs, random, NODES[hashOf(String(options.seed ?? 1)) % NODES.length]);
  const direction = random.chance(0.6) ? "inbound" : "outbound";
  const [customer, extension, trunk] = [mobile(random), String(random.between(1001, 1040)), random.pick(TRUNKS)];
  const sides =
    direction === "inbound" ? { caller: customer, destination: trunk } : { caller: extension, destination: customer };
  return { uuid, direction, ...sides, callerName: name(random), trunk, startMs, ...outcome(startMs, random, options) };
}

type Outcome = Pick<SimulatedCall, "answerMs" | "endMs" | "disposition" | "hangupBy" | "recording">;

function outcome(startMs: number, random: Random, options: Omit<MakeCalls, "count">): Outcome {
  const answered = random.chance(0.7);
  const ringMs = random.between(answered ? 1 : 0, 40) * 1000;
  if (!answered) {
    const disposition = random.pick(["NO ANSWER", "NO ANSWER", "BUSY", "FAILED"] as const);
    return { answerMs: null, endMs: startMs + ringMs, disposition, hangupBy: hangup(random), recording: null };
  }
  const [shortest, longest] = options.talkSeconds ?? [3, 300];
  const seconds = options.recordingBytes
    ? Math.floor(wavSecondsFor(options.recordingBytes))
    : random.between(shortest, longest);
  return talk(random, startMs + ringMs, startMs + ringMs + seconds * 1000, options);
}

function talk(random: Random, answerMs: number, endMs: number, options: Omit<MakeCalls, "count">): Outcome {
  const { recordingsShare = 1, recordingBytes, format = "wav", kbps } = options;
  const seconds = recordingBytes ? wavSecondsFor(recordingBytes) : (endMs - answerMs) / 1000;
  const spec = { format: recordingBytes ? "wav" : format, seconds, ...(kbps && { kbps }) };
  const recording = random.chance(recordingsShare) ? spec : null;
  return { answerMs, endMs, disposition: "ANSWERED", hangupBy: hangup(random), recording };
}

const hangup = (random: Random) => random.pick(["by_caller", "by_callee"] as const);

const mobile = (random: Random) =>
  random.pick(["090", "091", "098", "032", "036", "070", "079", "083", "056"]) +
  String(random.between(0, 9_999_999)).padStart(7, "0");

const name = (random: Random) =>
  [random.pick(FAMILY), random.pick(MIDDLE), random.pick(GIVEN)].filter(Boolean).join(" ");

const NODES = ["e3cd36bb494f", "0242ac120002", "525400d1e2f3", "00163e0a9b8c"];
const TRUNKS = ["19001234", "842871220655", "02873008899"];
const FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Nguyen", "Tran"];
const MIDDLE = ["Thị", "Văn", "Ngọc", "Minh", "Quốc", "Thanh", "Đức", "Thuỳ", "Van", ""];
const GIVEN = ["Ánh", "Hương", "Tuấn", "Phượng", "Dũng", "Thảo", "Trâm", "Quỳnh", "Khải", "Long", "Yến", "Huệ", "An"];
