import { createHash } from "node:crypto";
import { type Call, type RefusedRecord, timeOfUuid } from "../call.ts";
import type { Window } from "../day.ts";
import { plain } from "../log.ts";
import { clean, cleanText } from "./clean.ts";
import { type Dialect, type Fields, isObject } from "./dialect.ts";
import { fingerprint } from "./fingerprint.ts";
import type { TimeReader } from "./times.ts";

/** One record of a page: a call, or why it is none. */
export interface ReadRecord {
  /** The call's uuid, or an id made of the content. */
  id: string;
  /** Whether the id is its own uuid. */
  isNamed: boolean;
  /** Another number when anything in the record changed. */
  hash: number;
  /** When it starts, where the record says so itself, or null. */
  statedStart: Date | null;
  /** Whether it belongs to the window asked for; records without any time do. */
  inside: boolean;
  call: Call | null;
  refused: RefusedRecord | null;
}

export interface RecordReader {
  dialect: Dialect;
  window: Window;
  readTime: TimeReader;
}

/** Indexes hold no longer keys than some 2,700 bytes; a text of this length fits whatever its script. */
const MAX_KEY = 256;
const MAX_PATH = 4_000;
/** A sync log keeps up to a thousand refused records: one that is longer is kept as the beginning of its text. */
const MAX_REFUSED = 20_000;
const MAX_SECONDS = 2 ** 31 - 1;

/** Reads one record, whatever it is; never throws. */
export function readRecord(record: unknown, reader: RecordReader): ReadRecord {
  const raw = clean(record);
  if (!isObject(raw)) return refuse(raw, null, { reason: "It is no object", inside: true, statedStart: null });
  return callOf(reader.dialect.fields(raw), raw, reader);
}

function callOf(fields: Fields, raw: object, { window, readTime }: RecordReader): ReadRecord {
  const uuid = textOf(fields.uuid, MAX_KEY + 1);
  const madeAt = uuid === null ? undefined : timeOfUuid(uuid);
  const start = readTime(fields.start, madeAt);
  const [answer, end] = [readTime(fields.answer, start ?? madeAt), readTime(fields.end, start ?? madeAt)];
  const startedAt = start ?? placeOf([answer, end, madeAt], window);
  const inside = startedAt === undefined || isWithin(startedAt, window);
  const [duration, billsec] = [secondsOf(fields.duration), secondsOf(fields.billsec)];
  const reason = reasonAgainst(fields, { uuid, start, answer, end, startedAt, duration, billsec });
  if (reason !== null || uuid === null || startedAt === undefined) {
    return refuse(raw, uuid, { reason: reason ?? "It has no start", inside, statedStart: start ?? null });
  }
  const call: Call = {
    uuid,
    callerId: textOf(fields.callerId, MAX_KEY),
    callerName: textOf(fields.callerName, MAX_KEY),
    destination: textOf(fields.destination, MAX_KEY),
    direction: textOf(fields.direction, MAX_KEY)?.toLowerCase() ?? null,
    durationSeconds: duration ?? 0,
    billSeconds: billsec ?? 0,
    startedAt,
    answeredAt: answer ?? null,
    endedAt: end ?? null,
    disposition: dispositionOf(textOf(fields.disposition, MAX_KEY)),
    recordingPath: textOf(fields.recordingPath, MAX_PATH),
    raw,
  };
  return { id: uuid, isNamed: true, hash: fingerprint(raw), statedStart: start ?? null, inside, call, refused: null };
}

interface Understood {
  uuid: string | null;
  start: Date | null | undefined;
  answer: Date | null | undefined;
  end: Date | null | undefined;
  startedAt: Date | undefined;
  duration: number | undefined;
  billsec: number | undefined;
}

/** Why a record cannot be stored; null where it can. */
function reasonAgainst(fields: Fields, read: Understood): string | null {
  if (read.uuid === null) return "It has no uuid";
  if (read.uuid.length > MAX_KEY) return `Its uuid is longer than ${MAX_KEY} characters`;
  if (read.start === undefined) return `Its start ${shown(fields.start)} is no time`;
  if (read.answer === undefined) return `Its answer ${shown(fields.answer)} is no time`;
  if (read.end === undefined) return `Its end ${shown(fields.end)} is no time`;
  if (read.startedAt === undefined) return "It has no start, answer or end, and no uuid that carries a time";
  if (read.duration === undefined) return `Its duration ${shown(fields.duration)} is no number of seconds`;
  if (read.billsec === undefined) return `Its billsec ${shown(fields.billsec)} is no number of seconds`;
  return null;
}

function refuse(
  raw: unknown,
  uuid: string | null,
  why: { reason: string; inside: boolean; statedStart: Date | null },
): ReadRecord {
  const text = JSON.stringify(raw);
  const isNamed = uuid !== null && uuid.length <= MAX_KEY;
  const id = isNamed ? uuid : idOf(text);
  const record = text.length > MAX_REFUSED ? `${text.slice(0, MAX_REFUSED)}…` : raw;
  const refused = { uuid: id, reason: why.reason, record };
  return { id, isNamed, hash: fingerprint(raw), statedStart: why.statedStart, inside: why.inside, call: null, refused };
}

/** An id for a record without one: the same content, the same id. */
const idOf = (text: string) => `no-uuid:${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;

/**
 * Where a call without a start belongs: its answer, its end or its uuid's time, the first that lies in the window for which the PBX
 * gave it; a call that rang across midnight would else belong to neither day.
 */
function placeOf(candidates: (Date | null | undefined)[], window: Window): Date | undefined {
  const times = candidates.filter((time): time is Date => time instanceof Date);
  return times.find((time) => isWithin(time, window)) ?? times[0];
}

const isWithin = (time: Date, { from, to }: Window) =>
  time.getTime() >= from.getTime() && time.getTime() < to.getTime();

/** A text or number as text; null where absent (`null`, `""`, `"null"`, `"0"`), of another kind, or a number that JSON has rounded. */
function textOf(value: unknown, max: number): string | null {
  if (typeof value !== "string" && !(typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    return null;
  const text = cleanText(String(value), max);
  return text === "" || text === "0" || text.toLowerCase() === "null" ? null : text;
}

/** Whole seconds; 0 where absent, undefined where it is no such number. */
function secondsOf(value: unknown): number | undefined {
  if (value === null || value === undefined || value === false) return 0;
  const number = typeof value === "string" ? numberIn(value.trim()) : value;
  return typeof number === "number" && number >= 0 && number <= MAX_SECONDS ? Math.round(number) : undefined;
}

function numberIn(text: string): number | undefined {
  if (text === "" || text.toLowerCase() === "null") return 0;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** PBXs' words for how a call ended, in the reference's. */
const DISPOSITIONS: Record<string, string> = {
  ANSWER: "ANSWERED",
  NOANSWER: "NO ANSWER",
  CANCEL: "NO ANSWER",
  CANCELED: "NO ANSWER",
  CANCELLED: "NO ANSWER",
};

function dispositionOf(text: string | null): string | null {
  if (text === null) return null;
  const words = text.toUpperCase().replaceAll(/[\s_-]+/g, " ");
  return DISPOSITIONS[words] ?? words;
}

const shown = (value: unknown) => plain(JSON.stringify(value) ?? "", 60);
