import { instantOfLocal } from "../day.ts";

/** Reads what a PBX writes as a time: null where it is absent, undefined where it is there but no time. */
export type TimeReader = (value: unknown) => Date | null | undefined;

const TIME =
  /^(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(?:(Z)|([+-])(\d{2}):?(\d{2})?))?$/i;
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
  return (value) => {
    if (value === null || value === undefined || value === 0 || value === false) return null;
    const text = typeof value === "string" ? value.trim() : value;
    if (typeof text === "string" && ABSENT.test(text)) return null;
    const ms = typeof text === "string" ? instantOf(text, naive) : epochMs(text);
    return ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms) : undefined;
  };
}

function instantOf(text: string, naive: (asUtcMs: number) => number): number {
  const match = TIME.exec(text);
  if (!match) return NUMBER.test(text) ? epochMs(Number(text)) : Number.NaN;
  const [, year, month, day, hour, minute, second = "0", fraction = "0", utc, sign, hours, minutes = "0"] = match;
  const date = Date.UTC(+year!, +month! - 1, +day!);
  if (new Date(date).getUTCDate() !== +day! || +hour! > 23 || +minute! > 59 || +second > 59) return Number.NaN;
  const seconds = +hour! * 3600 + +minute! * 60 + +second;
  const asUtcMs = date + seconds * 1000 + Math.floor(Number(`0.${fraction}`) * 1000);
  if (utc) return asUtcMs;
  if (!sign) return naive(asUtcMs);
  return asUtcMs - (sign === "-" ? -1 : 1) * (+hours! * 60 + +minutes) * 60_000;
}

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
function naiveReader(zone: string): (asUtcMs: number) => number {
  const offsets = new Map<number, number>();
  return (asUtcMs) => {
    const quarter = Math.floor(asUtcMs / QUARTER_MS);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      const local = quarter * QUARTER_MS;
      const instant = instantOfLocal(new Date(local).toISOString().slice(0, 19), zone);
      offset = instant ? local - instant.getTime() : Number.NaN;
      if (offsets.size > 10_000) offsets.clear();
      offsets.set(quarter, offset);
    }
    return asUtcMs - offset;
  };
}
