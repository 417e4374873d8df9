/** Longer texts are cut: nobody reads them, and they would fill the table. */
const MAX_TEXT = 10_000;
/** Deeper nesting ends here: PostgreSQL's jsonb has a limit of its own, and fails the whole page. */
const MAX_DEPTH = 32;

/**
 * What came over the wire, fit for jsonb: without NUL and lone surrogates (PostgreSQL refuses both), long texts cut, deep nesting
 * ended. The same object where nothing had to change.
 */
export function clean(value: unknown): unknown {
  return isClean(value, 0) ? value : cleaned(value, 0);
}

/** A text without NUL, lone surrogates and spaces around it, at most `max` characters long. */
export function cleanText(text: string, max: number): string {
  const short = text.replaceAll("\0", "").trim();
  return (short.length > max ? short.slice(0, max) : short).toWellFormed();
}

const isCleanText = (text: string) => text.length <= MAX_TEXT && !text.includes("\0") && text.isWellFormed();

function isClean(value: unknown, depth: number): boolean {
  if (typeof value === "string") return isCleanText(value);
  if (value === null || typeof value !== "object") return true;
  if (depth === MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isClean(item, depth + 1));
  return Object.keys(value).every((key) => isCleanText(key) && isClean(value[key as keyof typeof value], depth + 1));
}

function cleaned(value: unknown, depth: number): unknown {
  if (typeof value === "string") return tidy(value);
  if (value === null || typeof value !== "object") return value;
  if (depth === MAX_DEPTH) return "…";
  if (Array.isArray(value)) return value.map((item) => cleaned(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [tidy(key), cleaned(item, depth + 1)]));
}

const tidy = (text: string) => text.replaceAll("\0", "").slice(0, MAX_TEXT).toWellFormed();
