import type { TimestampDigest } from "graphile-worker";

/** Does a line of the schedule match this minute? Graphile Worker asks with minutes of UTC. */
export type Match = (minute: TimestampDigest) => boolean;

const MINUTE = 60_000;
/** Clocks change at quarters of an hour: what holds at the beginning of one holds until its end. */
const QUARTER = 15 * MINUTE;
/** By how much clocks go back: half an hour on Lord Howe Island, an hour elsewhere, rarely more. */
const OVERLAPS = [30, 60, 120].map((minutes) => minutes * MINUTE);

/** The minute of UTC (or of a wall clock that is written as if it were UTC) as Graphile Worker has it. */
export function digestOf(time: number): TimestampDigest {
  const date = new Date(time);
  return {
    min: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    date: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    dow: date.getUTCDay(),
  };
}

/**
 * The instant of a digest, which names no year: the one year around `now` in which that date falls on that day of the
 * week. Undefined where there is none.
 */
export function instantOf(digest: TimestampDigest, now: number): number | undefined {
  const year = new Date(now).getUTCFullYear();
  return [year, year - 1, year + 1]
    .map((candidate) => Date.UTC(candidate, digest.month - 1, digest.date, digest.hour, digest.min))
    .find((time) => new Date(time).getUTCDay() === digest.dow && new Date(time).getUTCDate() === digest.date);
}

/** What the clock on the wall shows at an instant, written as if it were UTC, so that one can count with it. */
function wallClock(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const offsets = new Map<number, number>();
  return (instant) => {
    const quarter = Math.floor(instant / QUARTER) * QUARTER;
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      if (offsets.size > 2_000) offsets.clear();
      const { year, month, day, hour, minute, second } = Object.fromEntries(
        format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]),
      ) as Record<"year" | "month" | "day" | "hour" | "minute" | "second", number>;
      offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter;
      offsets.set(quarter, offset);
    }
    return instant + offset;
  };
}

/**
 * Reads a match in a zone. With fixed hours (as cron has it): what falls into an hour that the clock skips runs right
 * after it, and an hour that comes twice counts once. With any hour, time that passes is what counts.
 */
export function inZone(match: Match, zone: string, hasFixedHours: boolean, now: () => Date): Match {
  const wallAt = wallClock(zone);
  return (utc) => {
    const instant = instantOf(utc, now().getTime());
    if (instant === undefined) return false;
    const wall = wallAt(instant);
    if (!hasFixedHours) return match(digestOf(wall));
    for (let skipped = wallAt(instant - MINUTE) + MINUTE; skipped < wall; skipped += MINUTE) {
      if (match(digestOf(skipped))) return true;
    }
    return match(digestOf(wall)) && !OVERLAPS.some((back) => wallAt(instant - back) >= wall);
  };
}

/** Every so many minutes, whatever the clock does; any number, also one that does not divide an hour. */
export function everyMinutes(count: number, now: () => Date): Match {
  return (utc) => {
    const instant = instantOf(utc, now().getTime());
    return instant !== undefined && (instant / MINUTE) % count === 0;
  };
}
