import type { Day } from "../day.ts";
import type { SyncStatus } from "../sync_log.ts";
import type { Sql } from "./open.ts";

/** What a request for days became. `jobs`: how many of them were not queued already. */
export interface Backfill {
  id: string;
  days: number;
  jobs: number;
}

/** Any constant: who asks for days holds this lock, so that two who ask at once get the same jobs. */
const LOCK = 7_226_274_502;

/**
 * Queues one job for each day, in the order given, and notes them as one backfill, in one statement. Days that are queued or run already
 * add nothing; where all of them are, and a backfill of just these exists, it is that one.
 */
export async function requestBackfill(sql: Sql, days: readonly Day[]): Promise<Backfill> {
  const [row] = await sql<Backfill[]>`
    with asked as materialized (
      select ${days as Day[]}::date[] as days, pg_advisory_xact_lock(${LOCK})
    ), queued as materialized (
      select q.day, q.sync_log_id, q.is_new from asked cross join lateral callcenter.queue_days(asked.days, 'manual', 10) q
    ), span as (
      select min(day) as date_from, max(day) as date_to, count(*) as days, count(*) filter (where is_new) as jobs from queued
    ), same as (
      select b.id from callcenter.backfills b join span using (date_from, date_to)
       where span.days = (select count(*) from callcenter.backfill_days d join queued using (day, sync_log_id) where d.backfill_id = b.id)
       order by b.created_at desc limit 1
    ), made as (
      insert into callcenter.backfills (date_from, date_to) select date_from, date_to from span where not exists (select from same)
      returning id
    ), noted as (
      insert into callcenter.backfill_days (backfill_id, day, sync_log_id) select made.id, queued.day, queued.sync_log_id from made, queued
    )
    select coalesce((select id from same), (select id from made)) as id, days::int as days, jobs::int as jobs from span`;
  return row!;
}

/** One day of a backfill. `queued`: its job has not begun. */
export interface BackfillDay {
  day: Day;
  status: "queued" | SyncStatus;
  totalRecords: number;
  successCount: number;
  failedCount: number;
}

/**
 * The days of a backfill, newest first; undefined where there is no such backfill. A day without a log whose job is gone (somebody removed it
 * from the queue) is `failed`: nothing will read it.
 */
export async function findBackfillDays(sql: Sql, id: string): Promise<BackfillDay[] | undefined> {
  const rows = await sql<BackfillDay[]>`
    select d.day::text as day,
           case when log."id" is not null then log."status"
                when exists (select from graphile_worker.jobs j where j.key = format('daily_sync:manual:%s', d.day)) then 'queued'
                else 'failed' end as status,
           coalesce(log."totalRecords", 0) as "totalRecords", coalesce(log."successCount", 0) as "successCount",
           coalesce(log."failedCount", 0) as "failedCount"
      from callcenter.backfill_days d left join "CallCenterSyncLog" log on log."id" = d.sync_log_id
     where d.backfill_id = ${id}
     order by d.day desc`;
  return rows.length > 0 ? [...rows] : undefined;
}

/** The recordings of some days: how many, how many are in Drive (or accepted as they are), how many wait for a person. */
export interface UploadProgress {
  total: number;
  done: number;
  failed: number;
}

/** Counts them day by day, as `callcenter.days` does; zeros where the days have none, and with Drive disabled, when recordings do not count. */
export async function countUploads(sql: Sql, days: readonly Day[]): Promise<UploadProgress> {
  const [row] = await sql<UploadProgress[]>`
    select coalesce(sum(c.recordings), 0)::int as total, coalesce(sum(c.recordings - c.pending - c.failed), 0)::int as done,
           coalesce(sum(c.failed), 0)::int as failed
      from unnest(${days as Day[]}::date[]) as d (day) cross join lateral callcenter.count_day(d.day) c
     where callcenter.drive_enabled()`;
  return row ?? { total: 0, done: 0, failed: 0 };
}

/** How many days a backfill takes that names none. */
export async function defaultDaysBack(sql: Sql): Promise<number> {
  const [row] = await sql<{ days: number }[]>`select callcenter.setting('default_days_back', '30')::int as days`;
  return row?.days ?? 30;
}
