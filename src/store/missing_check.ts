import { addDays, type Day, daysBetween } from "../day.ts";
import { daysToCheck } from "./ledger.ts";
import type { Sql } from "./open.ts";
import { type QueuedDay, queueDays } from "./queue.ts";

/** Behind the nightly run, before what people ask for. */
const PRIORITY = 5;

/**
 * Queues the last `daysBack` days, newest first, then the earlier ones that are incomplete or were never read, at most `horizonDays` back:
 * none is left behind. Returns the days that were queued or waited already, and which of them are earlier ones. Safe twice.
 */
export async function queueMissingCheck(
  sql: Sql,
  options: { yesterday: Day; daysBack: number; horizonDays: number },
): Promise<{ queued: QueuedDay[]; behind: Day[] }> {
  const { yesterday, daysBack, horizonDays } = options;
  const recent = daysBetween(addDays(yesterday, 1 - daysBack), yesterday).reverse();
  const behind = (await daysToCheck(sql, horizonDays)).filter((day) => !recent.includes(day));
  const queued = await queueDays(sql, [...recent, ...behind], { syncType: "missing_check", priority: PRIORITY });
  return { queued, behind };
}
