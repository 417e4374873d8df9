import type { Sql } from "./open.ts";

/** Forgets what nobody needs any more: the history of half a year ago, never a call, a log's counts or a gap. Returns the rows gone. */
export async function prune(sql: Sql): Promise<number> {
  const [row] = await sql<{ gone: number }[]>`
    with events as (delete from callcenter.call_events where at < now() - interval '180 days' returning 1),
    leases as (delete from callcenter.worker_leases where ended_at < now() - interval '7 days' returning 1),
    alerts as (delete from callcenter.alerts where cleared_at < now() - interval '90 days' returning 1),
    jobs as (delete from callcenter.day_jobs where queued_at < now() - interval '180 days' returning 1),
    backfills as (delete from callcenter.backfills where created_at < now() - interval '180 days' returning 1),
    files as (delete from callcenter.drive_files where seen_at < now() - interval '60 days' returning 1),
    looks as (delete from callcenter.drive_looks where began_at < now() - interval '180 days' returning 1),
    dead as (
      -- Jobs that failed for good and have no key: nobody can retry them any more, and their reason stands in our own tables or the log.
      select count(*) as jobs from graphile_worker.complete_jobs(array(
        select id from graphile_worker.jobs
         where key is null and attempts >= max_attempts and locked_at is null and updated_at < now() - interval '7 days'))),
    items as (
      update "CallCenterSyncLog" set "failedItems" = null
       where "failedItems" is not null and "createdAt" < now() - interval '180 days' and not "adopted" returning 1)
    select ((select count(*) from events) + (select count(*) from leases) + (select count(*) from alerts) + (select count(*) from jobs)
          + (select count(*) from backfills) + (select count(*) from files) + (select count(*) from looks) + (select count(*) from items) + (select jobs from dead))::int as gone`;
  return row?.gone ?? 0;
}
