import { type Day, isDay } from "../../day.ts";
import type { Language } from "./language.ts";

/** Numbers, days and times as a person of that language reads them, in the zone of the business. */
export interface Format {
  number(value: number): string;
  /** `3 Nov 2026` */
  day(day: Day): string;
  /** `3 – 15 Nov 2026` */
  days(from: Day, to: Day): string;
  /** `Tuesday, 3 November 2026` */
  longDay(day: Day): string;
  /** `Tue, 3 Nov 2026` */
  weekDay(day: Day): string;
  /** `November 2026`, of any day in it. */
  month(day: Day): string;
  /** The weekdays, Monday first. */
  weekdays(): { short: string; long: string }[];
  /** `3 Nov, 14:05`; with the year where it is another one than now. */
  time(instant: Date): string;
  /** `14:05:09` */
  clock(instant: Date): string;
  /** `3 Nov 2026, 14:05:09` */
  fullTime(instant: Date): string;
  /** `1:04:09`, `4:09`: how long somebody talked. */
  talk(seconds: number): string;
  /** `2 days`, `3 h 20 min`, `45 s`: roughly, for waiting. */
  span(seconds: number): string;
  bytes(count: number): string;
}

const UNITS: Record<Language, [name: string, seconds: number][]> = {
  en: [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ],
  vi: [
    ["ngày", 86_400],
    ["giờ", 3_600],
    ["phút", 60],
    ["giây", 1],
  ],
};

const DIGITS = { day: "numeric", month: "numeric" } as const;

/** A day as an instant that every zone's formatter, told UTC, shows as that day. */
const asUtc = (day: Day) => new Date(`${isDay(day) ? day : "1970-01-01"}T00:00:00Z`);

const MONDAY = Date.UTC(2024, 0, 1);

const cache = new Map<string, Format>();

/** The formatters of a language in a zone. They are costly to make, hence kept. */
export function formatOf(language: Language, zone: string, now: Date): Format {
  const year = now.getUTCFullYear();
  const key = `${language} ${zone} ${year}`;
  const known = cache.get(key);
  if (known) return known;
  const format = makeFormat(language, zone, year);
  cache.set(key, format);
  return format;
}

function makeFormat(language: Language, zone: string, year: number): Format {
  const locale = language === "vi" ? "vi-VN" : "en-GB";
  const format = (options: Intl.DateTimeFormatOptions, timeZone = zone) =>
    new Intl.DateTimeFormat(locale, { timeZone, hourCycle: "h23", ...options });
  const number = new Intl.NumberFormat(locale);
  const digits = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  // Vietnamese writes dates in digits; its short months ("thg 11") are nobody's.
  const short = language === "vi" ? DIGITS : ({ day: "numeric", month: "short" } as const);
  const day = format({ ...short, year: "numeric" }, "UTC");
  const longDay = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }, "UTC");
  const weekDay = format({ weekday: "short", ...short, year: "numeric" }, "UTC");
  const month = format({ month: "long", year: "numeric" }, "UTC");
  const shortName = format({ weekday: "short" }, "UTC");
  const longName = format({ weekday: "long" }, "UTC");
  const date = format(short);
  const dateOfYear = format({ ...short, year: "numeric" });
  const minute = format(clock);
  const second = format({ ...clock, second: "2-digit" });
  const capital = (text: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
  return {
    number: (value) => number.format(value),
    day: (value) => day.format(asUtc(value)),
    days: (from, to) => day.formatRange(asUtc(from), asUtc(to)),
    longDay: (value) => capital(longDay.format(asUtc(value))),
    weekDay: (value) => capital(weekDay.format(asUtc(value))),
    month: (value) => capital(month.format(asUtc(value))),
    weekdays: () =>
      Array.from({ length: 7 }, (_, index) => {
        const date = new Date(MONDAY + index * 86_400_000);
        return { short: shortName.format(date), long: longName.format(date) };
      }),
    time: (instant) =>
      `${(instant.getUTCFullYear() === year ? date : dateOfYear).format(instant).replace("-", "/")}, ${minute.format(instant)}`,
    clock: (instant) => second.format(instant),
    fullTime: (instant) => `${dateOfYear.format(instant)}, ${second.format(instant)}`,
    talk: talkOf,
    span: (seconds) => spanOf(Math.max(1, Math.round(seconds)), UNITS[language]),
    bytes: (count) => bytesOf(count, digits),
  };
}

/** The greatest unit, and the next one where it says something. */
function spanOf(seconds: number, units: [name: string, seconds: number][]): string {
  const index = units.findIndex(([, length]) => seconds >= length);
  const [name, length] = units[index]!;
  const whole = Math.floor(seconds / length);
  const next = units[index + 1];
  const rest = next ? Math.floor((seconds % length) / next[1]) : 0;
  return next && rest > 0 && whole < 10 ? `${whole} ${name} ${rest} ${next[0]}` : `${whole} ${name}`;
}

function talkOf(total: number): string {
  const seconds = Math.max(0, Math.round(total));
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function bytesOf(count: number, digits: Intl.NumberFormat): string {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  return `${digits.format(count / 1_024 ** power)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}
