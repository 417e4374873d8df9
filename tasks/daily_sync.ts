import type { RefusedRecord } from "../src/call.ts";
import { addDays, type Day, dayOf, daysBetween } from "../src/day.ts";
import { SyncError } from "../src/errors.ts";
import type { Payload } from "../src/jobs.ts";
import type { DayPage, DayReading } from "../src/pbx/pbx.ts";
import { saveCalls } from "../src/store/calls.ts";
import { reportFailure, reportSuccess, waitForCircuits } from "../src/store/circuits.ts";
import { noteUnprovedDay, proveDay } from "../src/store/ledger.ts";
import { queueDays } from "../src/store/queue.ts";
import { type BegunLog, beginSyncLog, finishSyncLog, saveProgress } from "../src/store/sync_logs.ts";
import { type SyncOutcome, Tally } from "../src/sync_log.ts";
import { defineTask, type JobContext, type Outcome, type TaskContext } from "../src/worker/define_task.ts";

/**
 * Without `syncLogId`: a request, which becomes a job for each of its days. With it: such a day job, which reads its day from the PBX and
 * ends with its log written, failed or not.
 */
export default defineTask("daily_sync", (payload, job) =>
  payload.syncLogId === undefined ? queueRequest(payload, job) : readDay(payload.syncLogId, payload, job),
);

/** Yesterday counts from the time for which the job was scheduled, however late it runs. */
async function queueRequest(payload: Payload<"daily_sync">, { sql, zone, job, now }: JobContext): Promise<Outcome> {
  const scheduledFor = payload._cron ? new Date(payload._cron.ts) : job.runAt;
  const yesterday = addDays(dayOf(scheduledFor, zone), -1);
  const isNightly = payload.dateFrom === undefined && payload.dateTo === undefined;
  const from = payload.dateFrom ?? payload.dateTo ?? yesterday;
  const to = payload.dateTo ?? payload.dateFrom ?? yesterday;
  const refusal =
    from > to ? "dateFrom is after dateTo" : to > dayOf(now(), zone) ? "dateTo is in the future" : undefined;
  if (refusal) return { done: `Cannot queue ${from} to ${to}: ${refusal}`, level: "error" };

  const days = daysBetween(from, to).reverse();
  const queued = await queueDays(sql, days, {
    syncType: payload.syncType ?? (isNightly ? "daily" : "manual"),
    priority: days.length > 1 ? 10 : 0,
  });
  const jobs = queued.filter(({ isNew }) => isNew).length;
  return { done: "Days queued", context: { date_from: from, date_to: to, days: days.length, jobs } };
}

/** How often a day's log says how far it has come: a page takes milliseconds. */
const PROGRESS_MS = 1_000;

async function readDay(syncLogId: string, payload: Payload<"daily_sync">, context: JobContext): Promise<Outcome> {
  const { sql, zone, now, log } = context;
  const day = payload.dateFrom ?? addDays(dayOf(context.job.runAt, zone), -1);
  const until = await waitForCircuits(sql, ["pbx_api"], payload);
  if (until) return { later: until, waitsFor: ["pbx_api"], why: `${day} waits for the PBX`, level: "debug" };
  const startedAt = now();
  const begun = await beginSyncLog(sql, {
    id: syncLogId,
    syncType: payload.syncType ?? "manual",
    day,
    retry: payload.retry,
  });
  const { id, syncType } = begun;
  log.debug("Day started", { sync_log_id: id, day });
  const outcome = await readInto(day, begun, context);
  const durationSeconds = (now().getTime() - startedAt.getTime()) / 1_000;
  await finishSyncLog(sql, id, { ...outcome, durationSeconds });
  return {
    done: outcome.status === "failed" ? "Sync failed" : "Sync completed",
    level: outcome.status === "failed" ? "error" : outcome.status === "partial" ? "warn" : "info",
    logger: "callcenter.sync",
    context: {
      sync_log_id: id,
      sync_type: syncType,
      date_from: day,
      date_to: day,
      status: outcome.status,
      total_records: outcome.totalRecords,
      success_count: outcome.successCount,
      failed_count: outcome.failedCount,
      duration_seconds: Math.round(durationSeconds * 10) / 10,
      ...(outcome.errorCode && { code: outcome.errorCode, reason: outcome.errorMessage }),
    },
  };
}

/** Reads the day page by page into the table; what the PBX does wrong becomes the outcome, what the database does wrong is thrown. */
async function readInto(
  day: Day,
  { id, syncType, beganAt }: BegunLog,
  context: JobContext,
): Promise<SyncOutcome & { counts: boolean }> {
  const { sql, pbx, drive, signal, redact, now } = context;
  const startedAt = now().getTime();
  const tally = new Tally();
  let savedAt = 0;
  const onPage = async (page: DayPage) => {
    const uploadPriority = syncType === "daily" ? 0 : 1;
    const saved = await saveCalls(sql, page.calls, { uploads: drive !== null, uploadPriority });
    tally.add(page, saved.refused);
    if (now().getTime() - savedAt < PROGRESS_MS) return;
    savedAt = now().getTime();
    await saveProgress(sql, id, tally.counts);
  };
  try {
    const reading = await pbx.readDay(day, { signal, onPage });
    await reportSuccess(sql, ["pbx_api"], now().getTime() - startedAt);
    return { ...(await judge(day, reading, tally.refused, beganAt, context)), counts: true };
  } catch (error) {
    if (!(error instanceof SyncError) || signal.aborted) throw error;
    const [errorCode, errorMessage] = [error.code, redact(error.message)];
    await reportFailure(sql, error, redact);
    // The day's own fault: the PBX answered.
    if (!error.meaning.circuit) await reportSuccess(sql, ["pbx_api"], now().getTime() - startedAt);
    await noteUnprovedDay(sql, day, errorCode, errorMessage);
    const { counts } = error.meaning;
    return { ...tally.counts, status: "failed", errorCode, errorMessage, failedItems: tally.refused, counts };
  }
}

/** What a whole reading proves. `met`: what any of its readings refused; those that the last one did not meet are none of its records. */
async function judge(
  day: Day,
  reading: DayReading,
  met: RefusedRecord[],
  beganAt: Date,
  { sql, redact }: TaskContext,
): Promise<SyncOutcome> {
  const ids = new Set(reading.ids);
  const failedItems = met.filter(({ uuid }) => ids.has(uuid));
  const refused = failedItems.map((record) => ({ ...record, reason: redact(record.reason) }));
  const totalRecords = reading.ids.length;
  const counts = {
    totalRecords,
    successCount: totalRecords - refused.length,
    failedCount: refused.length,
    failedItems,
  };
  if (!reading.complete) {
    const { code, message } = reading.reason ?? {
      code: "day_unstable" as const,
      message: "The readings never agreed.",
    };
    await noteUnprovedDay(sql, day, code, message);
    return { ...counts, status: "partial", errorCode: code, errorMessage: message };
  }
  const gaps = await proveDay(sql, day, reading.ids, refused, beganAt);
  if (gaps === 0) return { ...counts, status: "completed", errorCode: null, errorMessage: null };
  const [first] = refused;
  const errorMessage = first
    ? `${refused.length} of ${totalRecords} records were refused; the first: ${first.reason}`
    : `${gaps} calls that the PBX had before are missing`;
  return { ...counts, status: "partial", errorCode: "day_refused_records", errorMessage };
}
