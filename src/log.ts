import { isoInZone } from "./day.ts";

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

type Context = Record<string, unknown>;
type Write = (message: string, context?: Context) => void;

/** Where one part of the program says what it does. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  /** The same log under another `logger` name, such as `callcenter.sync`. */
  named(logger: string): Log;
}

/** One line, before it is written: what CONTRACT calls `{timestamp, level, logger, message, context}`. */
export interface LogLine {
  timestamp: string;
  level: string;
  logger: string;
  message: string;
  context?: Context;
}

/** Takes secrets, credentials and phone numbers out of a text that leaves the program. */
export type Redact = (text: string) => string;

const CREDENTIALS: [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{4,}/gi, "$1 ***"],
  [/\bya29\.[\w-]+/g, "***"],
  [/\b(upload_id|access_token|refresh_token|client_secret|assertion|api_key|key|token|password)=[^&\s"']+/gi, "$1=***"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "***"],
  [/(\w+:\/\/)[^\s/@:]+:[^\s/@]+@/g, "$1***@"],
];

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;

/** What is made of digits and no phone number: the ids, times and addresses that our lines are full of. */
const NO_PHONE = [
  String.raw`(?<![\da-f])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-f])`,
  String.raw`(?<!\d)\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?!\d)`,
  String.raw`(?<![\d.])${OCTET}(?:\.${OCTET}){3}(?![\d.])`,
];

/** Spaces, dots, brackets and dashes of every kind, and what no eye sees. */
const MARKS = String.raw`\s.()\u00ad\u00b7\u2010-\u2015\u2022\u2027\u2212\u2219\u22c5\ufe58\ufe63\uff0d\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-`;

/** What may stand between the digits of a phone number; a slash, `_` and `%20` only between groups of one, not in a date, a time or a path. */
const GROUPED = [
  String.raw`/(?=\s?\d{3,4}(?!\d))`,
  String.raw`(?<=(?<!\d)\d{2,4})_(?=\d{3,4}(?!\d))`,
  String.raw`(?<=(?:%20|(?<!\d))\d{2,4})%20(?=\d{2,4}(?!\d))`,
];
const BETWEEN = `(?:[${MARKS}]|${GROUPED.join("|")}){0,3}`;

const PHONES = [
  // Nine digits or more, however they are grouped and whatever a file name puts around them, unless they are part of a hexadecimal id.
  String.raw`(?:(?<=%[\da-f]{2})|(?<!\d[a-f]*))\+?\(?\d(?:${BETWEEN}\d){8,}(?![a-f]*\d)`,
  // What looks like the end of a hexadecimal id that is shorter than any we know.
  String.raw`(?<=(?<![\da-f])\d[\da-f]{0,5}[a-f])(?:0|84)\d{9}(?![\da-f])`,
  // Service numbers of eight digits; not a count of bytes.
  String.raw`(?<![\da-f])1[89]00[\s.-]?\d{4}(?![\da-f]| ?bytes| of \d)`,
  // A landline without its area code, in the name of a recording; not a date.
  String.raw`(?<=[/_-])(?!20\d\d[01]\d)[2-9]\d{7}(?=(?:[_-][^\s/]*)?\.(?:wav|mp3)\b)`,
];

const DIGITS = new RegExp(`(${NO_PHONE.join("|")})|${PHONES.join("|")}`, "gi");

const maskPhone = (text: string, other: string | undefined) => other ?? `***${text.replaceAll(/\D/g, "").slice(-3)}`;

/** Full-width digits are those of phone numbers too. */
const halfWidth = (digit: string) => String(digit.charCodeAt(0) - 0xff10);

/**
 * A function that masks the given secrets wherever they stand, whatever looks like a credential, and all but the last three
 * digits of phone numbers. Safe to apply twice.
 */
export function redactor(secrets: readonly (string | undefined)[]): Redact {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= 4);
  const longestFirst = known.sort((a, b) => b.length - a.length);
  return (text) => {
    let masked = text;
    for (const secret of longestFirst) masked = masked.replaceAll(secret, "***");
    for (const [pattern, replacement] of CREDENTIALS) masked = masked.replaceAll(pattern, replacement);
    return masked.replaceAll(/[\uff10-\uff19]/g, halfWidth).replaceAll(DIGITS, maskPhone);
  };
}

/** A text that somebody else wrote, fit to be shown: without control characters and direction marks, at most `max` long. */
export function plain(text: string, max = 200): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "");
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean;
}

/** Asterisk's id of a call: seconds, a dot, a count, behind a system's name where it has one. Masked, no line would tell which call it was. */
const ASTERISK_ID = /^(?:[a-z]+\d{0,3}-)?1\d{9}\.\d{1,9}$/i;

const redactField = (key: string, item: unknown, redact: Redact, depth: number) =>
  key === "uuid" && typeof item === "string" && ASTERISK_ID.test(item) ? item : redactDeep(item, redact, depth);

/** Applies `redact` to every string of a value; errors become their message. */
function redactDeep(value: unknown, redact: Redact, depth = 0): unknown {
  if (typeof value === "string") return redact(value);
  if (value instanceof Error) return redact(value.message);
  if (value instanceof Date || value === null || typeof value !== "object") return value;
  if (depth > 5) return "…";
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redact, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactField(key, item, redact, depth + 1)]),
  );
}

/** How much each level weighs, as pino has it. */
const WEIGHT: Record<LogLevel, number> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 99 };

/** Makes a log out of a function that writes a line; the line is masked before it gets there. */
export function createLog(options: {
  level: LogLevel;
  zone: string;
  redact: Redact;
  write: (line: LogLine) => void;
  now?: () => Date;
}): Log {
  const { level, zone, redact, write, now = () => new Date() } = options;
  const at = (lineLevel: LogLevel, logger: string): Write => {
    if (WEIGHT[lineLevel] < WEIGHT[level]) return () => {};
    return (message, context) =>
      write({
        timestamp: isoInZone(now(), zone),
        level: lineLevel.toUpperCase(),
        logger,
        message: redact(message),
        ...(context && { context: redactDeep(context, redact) as Context }),
      });
  };
  const named = (logger: string): Log => ({
    debug: at("debug", logger),
    info: at("info", logger),
    warn: at("warn", logger),
    error: at("error", logger),
    named,
  });
  return named("callcenter");
}

/** A log that says nothing, for tests and benchmarks. */
export const silentLog: Log = createLog({ level: "silent", zone: "UTC", redact: (text) => text, write: () => {} });
