import type { Day } from "../day.ts";
import { MAX_FAILED_ITEMS, type SyncCounts, type SyncLog, type SyncOutcome, type SyncType } from "../sync_log.ts";
import type { Sql } from "./open.ts";

export type BegunLog = Pick<SyncLog, "id" | "syncType" | "retryCount"> & { beganAt: Date };

/**
 * The log of a day job, before anything is read: a new row, or the row that an earlier start of the same job left. Returns it with the
 * retries so far, and when that was by the database's clock: it also says when a day has ended. Safe twice.
 */
export async function beginSyncLog(
  sql: Sql,
  log: { id: string; syncType: SyncType; day: Day; retry: boolean },
): Promise<BegunLog> {
  const [row] = await sql<BegunLog[]>`
    insert into "CallCenterSyncLog" as log ("id", "syncType", "status", "startTime", "dateFrom", "dateTo", "triedAt")
    values (${log.id}, ${log.syncType}, 'running', now(), callcenter.day_start(${log.day}), callcenter.day_start(${log.day}), now())
    on conflict ("id") do update set
      "status" = ${log.retry ? "retrying" : "running"}, "triedAt" = now(), "endTime" = null, "updatedAt" = now()
    returning "id", "syncType", "retryCount", now() as "beganAt"`;
  return row!;
}

/** How far a day job has come, for whoever watches. */
export async function saveProgress(sql: Sql, id: string, counts: SyncCounts): Promise<void> {
  await sql`
    update "CallCenterSyncLog"
       set "totalRecords" = ${counts.totalRecords}, "successCount" = ${counts.successCount}, "failedCount" = ${counts.failedCount},
           "updatedAt" = now()
     where "id" = ${id}`;
}

/**
 * The end of a day job. `counts`: whether a failure is the day's own fault. Where it is the PBX's, a retry is excused, unless the PBX
 * answered others since this day failed last: then it is this day's own after all. Adds to the durable counters in the same statement.
 */
export async function finishSyncLog(
  sql: Sql,
  id: string,
  outcome: SyncOutcome & { counts: boolean; durationSeconds: number },
): Promise<void> {
  const items = outcome.failedItems.slice(0, MAX_FAILED_ITEMS) as unknown as Parameters<Sql["json"]>[0];
  await sql`
    with tried as (
      select ${outcome.status} = 'failed' and "status" = 'retrying' and not ${outcome.counts}
               and not exists (select from callcenter.circuits c where c.neighbour = 'pbx_api' and c.last_success_at > "failedAt") as excused
        from "CallCenterSyncLog" where "id" = ${id}
    ), finished as (
      update "CallCenterSyncLog"
         set "status" = ${outcome.status}, "endTime" = now(), "updatedAt" = now(),
             "totalRecords" = ${outcome.totalRecords}, "successCount" = ${outcome.successCount}, "failedCount" = ${outcome.failedCount},
             "errorCode" = ${outcome.errorCode}, "errorMessage" = ${outcome.errorMessage},
             "failedItems" = ${outcome.failedItems.length > 0 ? sql.json(items) : null},
             "failedAt" = case when ${outcome.status} = 'failed' then now() else "failedAt" end,
             "excusedRetries" = "excusedRetries" + tried.excused::int
        from tried
       where "id" = ${id}
      returning "status"
    )
    insert into callcenter.counters as c (name, label, value)
    select name, label, value from finished, lateral (values
        ('sync', case when "status" = 'completed' then 'success' when "status" = 'partial' then 'partial' else 'failed' end, 1),
        ('sync_seconds', '', ${outcome.durationSeconds}::float8),
        ('records_synced', '', ${outcome.successCount}::float8),
        ('records_failed', '', ${outcome.failedCount}::float8)) as v (name, label, value)
    on conflict (name, label) do update set value = c.value + excluded.value`;
}

/**
 * Continues the oldest logs that failed or ended partial; those whose retries were excused come after the others, else they would be chosen
 * for ever. Marks each `retrying`, counts the retry and queues its day job, in one statement; the first tries even while the PBX's circuit is open.
 * Logs of the old system are history. Returns what was queued.
 */
export async function continueSyncLogs(
  sql: Sql,
  options: { maxRetries: number; limit: number; id?: string },
): Promise<{ id: string; day: Day }[]> {
  return sql<{ id: string; day: Day }[]>`
    with chosen as (
      select "id", "syncType", callcenter.local_day("dateFrom") as day
        from "CallCenterSyncLog"
       where "status" in ('failed', 'partial') and not "adopted"
         and (${options.id ?? null}::text is null and "retryCount" - "excusedRetries" < ${options.maxRetries} or "id" = ${options.id ?? null})
       order by "excusedRetries", "createdAt", "id" limit ${options.limit}
       for update skip locked
    ), marked as (
      update "CallCenterSyncLog" log
         set "status" = 'retrying', "retryCount" = "retryCount" + 1, "triedAt" = now(), "endTime" = null, "updatedAt" = now()
        from chosen where log."id" = chosen."id"
      returning chosen."id", chosen."syncType", chosen.day
    ), queued as (
      select count(*) as jobs from graphile_worker.add_jobs(array(
        select row('daily_sync',
          json_build_object('dateFrom', m.day, 'dateTo', m.day, 'syncType', m."syncType", 'syncLogId', m."id", 'probe', row_number() over () = 1, 'retry', true),
          'pbx_' || (m.day - date '2000-01-01') % greatest(callcenter.setting('pbx_concurrency', '2')::int, 1),
          null, 25::smallint, 'daily_sync:retry:' || m."id", 5::smallint, null)::graphile_worker.job_spec
          from marked m))
    )
    select m."id", m.day::text as day from marked m, queued where queued.jobs >= 0`;
}

/** Logs that say `running` or `retrying` though their job is gone (somebody removed it) or failed for good: they are failed. Returns how many. */
export async function failOrphanedLogs(sql: Sql): Promise<number> {
  const rows = await sql`
    update "CallCenterSyncLog" log
       set "status" = 'failed', "endTime" = now(), "updatedAt" = now(),
           "errorMessage" = coalesce("errorMessage", 'Its job vanished from the queue before it ended.')
     where "status" in ('running', 'retrying') and not "adopted" and "triedAt" < now() - interval '10 minutes'
       and not callcenter.is_queued('daily_sync:retry:' || log."id")
       and not callcenter.is_queued(format('daily_sync:%s:%s', log."syncType", callcenter.local_day(log."dateFrom")))
    returning "id"`;
  return rows.length;
}
