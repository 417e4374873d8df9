import type { Day } from "../day.ts";

/** A JSON object that the PBX answered. */
export type Answer = Record<string, unknown>;

/** A part of a local day as clocks on the wall show it, in seconds after midnight, both ends included. */
export interface Span {
  day: Day;
  fromSecond: number;
  toSecond: number;
}

const LAST_SECOND = 86_399;

export const wholeDay = (day: Day): Span => ({ day, fromSecond: 0, toSecond: LAST_SECOND });

/** The span in so many parts that differ by a second at most, one after the other. */
export function partsOf(span: Span, count: number): Span[] {
  const seconds = span.toSecond - span.fromSecond + 1;
  const startOf = (part: number) => span.fromSecond + Math.floor((part * seconds) / count);
  return cutAt(span, Array.from({ length: count }, (_, part) => startOf(part)).slice(1));
}

/** The span cut before each of these seconds of its day, which rise. */
export function cutAt(span: Span, seconds: readonly number[]): Span[] {
  const starts = [span.fromSecond, ...seconds];
  return starts.map((fromSecond, part) => ({
    ...span,
    fromSecond,
    toSecond: (starts[part + 1] ?? span.toSecond + 1) - 1,
  }));
}

/** What is asked for: calls that start within a span, from the nth on, at most `limit`. */
export interface Question {
  span: Span;
  offset: number;
  limit: number;
}

export interface Page {
  records: unknown[];
  /** How many calls the whole span has; null where the PBX does not say. */
  total: number | null;
}

/** A record's values as they came, under our names; undefined where the record has no such key. */
export interface Fields {
  uuid: unknown;
  callerId: unknown;
  callerName: unknown;
  destination: unknown;
  direction: unknown;
  duration: unknown;
  billsec: unknown;
  start: unknown;
  answer: unknown;
  end: unknown;
  disposition: unknown;
  recordingPath: unknown;
}

/** How one family of PBXs asks and answers. A new one: a file like `seed.ts`, its fixtures, and a line in `dialects.ts`. */
export interface Dialect {
  /** What `PBX_DIALECT` calls it. */
  name: string;
  /** Whether it can ask for a part of a day: where paging fails, the day is read in smaller parts. */
  asksByTime: boolean;
  /** Keys that only this dialect's records have; and, for an answer without records, its envelope. */
  marks: { record: readonly string[]; envelope: readonly string[] };
  /** The parameters of a question, without the domain. */
  query(question: Question): Record<string, string>;
  page(answer: Answer): Page;
  fields(record: Answer): Fields;
}

/** True for a JSON object (no array, not null). */
export function isObject(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The records of an answer: a list, an object of them (PHP's arrays with gaps), or nothing at all. */
export function recordsIn(data: unknown): unknown[] {
  if (Array.isArray(data)) return data;
  return isObject(data) ? Object.values(data) : [];
}

/** A count that the PBX states; null where it states none. */
export function countIn(value: unknown): number | null {
  const count = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
