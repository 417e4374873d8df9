/** The longest that a neighbour is left alone for its asking: what is longer, or no time that PostgreSQL can add, is a slip of its own. */
const MAX_MS = 24 * 3_600_000;

/**
 * How long a neighbour asks us to wait (RFC 9110 §10.2.3), a day at most: `Retry-After` in seconds or as a date, reckoned by its own clock
 * where it tells. Undefined where it does not ask.
 */
export function retryAfterOf(headers: Headers, now: Date): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, MAX_MS);
  const theirNow = Date.parse(headers.get("date") ?? "");
  const waitMs = Date.parse(text) - (Number.isNaN(theirNow) ? now.getTime() : theirNow);
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), MAX_MS);
}
