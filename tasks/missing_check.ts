import { addDays, dayOf, daysBetween } from "../src/day.ts";
import { daysToCheck } from "../src/store/ledger.ts";
import { queueDays } from "../src/store/queue.ts";
import { defineTask } from "../src/worker/define_task.ts";

/** Reads the last days again, then every day that is incomplete or was never read since this system began: none is left behind. */
export default defineTask("missing_check", async ({ daysBack, _cron }, { sql, zone, job, config }) => {
  const yesterday = addDays(dayOf(_cron ? new Date(_cron.ts) : job.runAt, zone), -1);
  const recent = daysBetween(addDays(yesterday, 1 - daysBack), yesterday).reverse();
  const behind = await daysToCheck(sql, config.CALLCENTER_DEFAULT_DAYS_BACK);
  const days = [...new Set([...recent, ...behind])];
  const queued = await queueDays(sql, days, { syncType: "missing_check", priority: 5 });
  const jobs = queued.filter(({ isNew }) => isNew).length;
  return { done: "Missing check queued", context: { days: days.length, days_behind: behind.length, jobs } };
});
