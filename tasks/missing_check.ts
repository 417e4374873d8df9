import { addDays, dayOf } from "../src/day.ts";
import { queueMissingCheck } from "../src/store/missing_check.ts";
import { defineTask } from "../src/worker/define_task.ts";

/** Reads the last days again, then every day that is incomplete or was never read since this system began: none is left behind. */
export default defineTask("missing_check", async ({ daysBack, _cron }, { sql, zone, job, config }) => {
  const yesterday = addDays(dayOf(_cron ? new Date(_cron.ts) : job.runAt, zone), -1);
  const horizonDays = config.CALLCENTER_DEFAULT_DAYS_BACK;
  const { queued, behind } = await queueMissingCheck(sql, { yesterday, daysBack, horizonDays });
  const jobs = queued.filter(({ isNew }) => isNew).length;
  return { done: "Missing check queued", context: { days: queued.length, days_behind: behind.length, jobs } };
});
