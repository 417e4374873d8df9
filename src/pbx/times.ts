import { instantOfLocal } from "../day.ts";

/**
 * Reads what a PBX writes as a time: null where it is absent, undefined where it is there but no time. Of a naive time that comes twice, where
 * the clock is set back, the first, or the one that is nearer to a time at hand.
 */
export type TimeReader = (value: unknown, near?: Date | null) => Date | null | undefined;

const TIME = /^\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}(?::?\d{2}|:)?))?$/i;
const NUMBER = /^\d+(\.\d+)?$/;
const ABSENT = /^(?:|null|0+(?:\.0+)?|0000-00-00.*)$/i;

/** Calls are of our time: what lies outside is a number or a date of another kind, and must not pass for a time. */
const EARLIEST_MS = Date.UTC(1990, 0);
const LATEST_MS = Date.UTC(2200, 0);
const QUARTER_MS = 900_000;

/**
 * ISO 8601 with offset, naive local times of the zone (`YYYY-MM-DD HH:MM:SS`), epoch seconds, milliseconds or microseconds as
 * numbers or decimal strings. `null`, `""`, `"null"`, `"0"` and MySQL's `0000-00-00` are absent.
 */
export function timeReader(zone: string): TimeReader {
  const naive = naiveReader(zone);
  return (value, near) => {
    if (value === null || value === undefined || value === 0 || value === false) return null;
    const text = typeof value === "string" ? value.trim() : value;
    if (typeof text === "string" && ABSENT.test(text)) return null;
    const ms = typeof text === "string" ? instantOf(text, (asUtcMs) => naive(asUtcMs, near)) : epochMs(text);
    return ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms) : undefined;
  };
}

/** Reads digits where they stand: a match with a group for each would make a dozen texts of every time of a large day. */
function instantOf(text: string, naive: (asUtcMs: number) => number): number {
  if (!TIME.test(text)) return NUMBER.test(text) ? epochMs(Number(text)) : Number.NaN;
  const hasSeconds = text[16] === ":";
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = hasSeconds ? two(text, 17) : 0;
  if (day === 0 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const date = Date.UTC(year, month - 1, day);
  const rest = text.slice(hasSeconds ? 19 : 16);
  const fraction = /^[.,]/.test(rest) ? Number.parseFloat(`0.${rest.slice(1)}`) : 0;
  const asUtcMs = date + (hour * 3600 + minute * 60 + second) * 1000 + Math.floor(fraction * 1000);
  if (/z$/i.test(rest)) return asUtcMs;
  const sign = rest.search(/[+-]/);
  if (sign === -1) return naive(asUtcMs);
  const [hours, minutes] = [two(rest, sign + 1), Number(rest.slice(sign + 3).replace(":", ""))];
  return asUtcMs - (rest[sign] === "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** Days of a month from 1 to 12; 0 of any other. */
const daysOf = (year: number, month: number) =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : (DAYS[month] ?? 0);
const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The number of two digits. */
const two = (text: string, at: number) => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;

/** Seconds, milliseconds or microseconds since 1970, told apart by their size. */
function epochMs(value: unknown): number {
  if (typeof value !== "number") return Number.NaN;
  if (value < 1e11) return Math.round(value * 1000);
  return Math.round(value < 1e14 ? value : value / 1000);
}

/**
 * Turns local clock times (given as if they were UTC) into instants. A zone's offset changes at quarters of an hour only, and asking the
 * calendar is slow: it is asked once a quarter.
 */
function naiveReader(zone: string): (asUtcMs: number, near: Date | null | undefined) => number {
  const offsets = new Map<number, { first: number; last: number }>();
  const offsetsOf = (quarter: number) => {
    const local = quarter * QUARTER_MS;
    const text = new Date(local).toISOString().slice(0, 19);
    const offset = (which: "first" | "last") => local - (instantOfLocal(text, zone, which)?.getTime() ?? Number.NaN);
    return { first: offset("first"), last: offset("last") };
  };
  return (asUtcMs, near) => {
    const quarter = Math.floor(asUtcMs / QUARTER_MS);
    const found = offsets.get(quarter) ?? offsetsOf(quarter);
    if (offsets.size > 10_000) offsets.clear();
    offsets.set(quarter, found);
    const [first, last] = [asUtcMs - found.first, asUtcMs - found.last];
    return near && Math.abs(last - near.getTime()) < Math.abs(first - near.getTime()) ? last : first;
  };
}
