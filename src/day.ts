import { Temporal } from "temporal-polyfill";

/** A local calendar day of the business, `YYYY-MM-DD`. Never an instant: those are `Date`. */
export type Day = `${number}-${number}-${number}`;

/** A span of time, `from` included, `to` excluded. */
export interface Window {
  from: Date;
  to: Date;
}

/** True for a real calendar day written `YYYY-MM-DD` (no 30 February). */
export function isDay(text: unknown): text is Day {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/**
 * True for a name of the IANA time zone database that this runtime knows. No offset: PostgreSQL reads `+07:00` as POSIX does, seven hours to the
 * west.
 */
export function isZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const inZone = (instant: Date, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone);

/** The local day on which an instant falls. */
export function dayOf(instant: Date, zone: string): Day {
  return inZone(instant, zone).toPlainDate().toString() as Day;
}

/** The first instant of a local day (not always 00:00: some zones skip midnight). */
export function startOfDay(day: Day, zone: string): Date {
  return new Date(Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds);
}

/** The instants of a local day; 23 or 25 hours long where the clock changes. */
export function windowOf(day: Day, zone: string): Window {
  return { from: startOfDay(day, zone), to: startOfDay(addDays(day, 1), zone) };
}

/** The day `count` days later (earlier where negative). */
export function addDays(day: Day, count: number): Day {
  return Temporal.PlainDate.from(day).add({ days: count }).toString() as Day;
}

/** Every day from `from` to `to`, both included; empty where reversed. */
export function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** How many days there are from `from` to `to`, both included; negative or zero where reversed. */
export function countDays(from: Day, to: Day): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to)).days + 1;
}

/**
 * The instant of a naive local time `YYYY-MM-DD HH:MM:SS[.fff]` (a `T` may stand for the space) in a zone; undefined where
 * the text is none. A time that the clock skips is read as if it had not been changed; one that comes twice is the first, or the one that is
 * asked for.
 */
export function instantOfLocal(text: string, zone: string, which: "first" | "last" = "first"): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$/.test(text)) return undefined;
  try {
    const local = Temporal.PlainDateTime.from(text.replace(" ", "T"), { overflow: "reject" });
    return new Date(
      local.toZonedDateTime(zone, { disambiguation: which === "first" ? "compatible" : "later" }).epochMilliseconds,
    );
  } catch {
    return undefined;
  }
}

/** `YYYY-MM-DD HH:MM:SS` in a zone, as PBX APIs want their naive local times. */
export function localTime(instant: Date, zone: string): string {
  return inZone(instant, zone).toPlainDateTime().toString({ smallestUnit: "second" }).replace("T", " ");
}

/** `YYYYMMDD_HHMMSS` in a zone, as it stands in file names. */
export function fileStamp(instant: Date, zone: string): string {
  return localTime(instant, zone).replaceAll(/[-:]/g, "").replace(" ", "_");
}

/** ISO 8601 with milliseconds and the zone's offset: `2024-01-15T02:00:00.000+07:00`. */
export function isoInZone(instant: Date, zone: string): string {
  return inZone(instant, zone).toString({ smallestUnit: "millisecond", timeZoneName: "never" });
}
