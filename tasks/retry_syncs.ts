import { continueSyncLogs, failOrphanedLogs } from "../src/store/sync_logs.ts";
import { defineTask } from "../src/worker/define_task.ts";

const LOGS_A_RUN = 3;

/** Continues the oldest logs that failed or ended partial, each in its own row. */
export default defineTask("retry_syncs", async (_payload, { sql, config }) => {
  const orphaned = await failOrphanedLogs(sql);
  const logs = await continueSyncLogs(sql, { maxRetries: config.CALLCENTER_MAX_RETRIES, limit: LOGS_A_RUN });
  return { done: "Syncs queued again", context: { queued: logs.length, days: logs.map(({ day }) => day), orphaned } };
});
