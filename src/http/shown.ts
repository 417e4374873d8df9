import { isErrorCode, meaningOf } from "../errors.ts";
import { plain, type Redact } from "../log.ts";

/** What to do about an error code; null where there is no error. */
export function hintOf(code: string): string;
export function hintOf(code: string | null): string | null;
export function hintOf(code: string | null): string | null {
  if (code === null) return null;
  return isErrorCode(code) ? meaningOf(code).hint : "Look at the log of the service.";
}

/** An error's words as stored, fit to be shown: old systems wrote secrets into theirs. */
export function shownError(message: string | null, redact: Redact): string | null {
  return message === null ? null : redact(plain(message, 2_000));
}

/** Whatever somebody else wrote, at any depth, without control characters and direction marks. */
export function shown(value: unknown): unknown {
  if (typeof value === "string") return plain(value, Number.POSITIVE_INFINITY);
  if (Array.isArray(value)) return value.map(shown);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [plain(key), shown(item)]));
}
