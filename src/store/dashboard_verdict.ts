import type { Day } from "../day.ts";
import type { Sql } from "./open.ts";

/** What answers 'is everything archived?', over the whole history. Days end yesterday. */
export interface VerdictFacts {
  firstDay: Day | null;
  lastDay: Day;
  /** Calls that the PBX was proved to have, over all days. */
  calls: number;
  completeDays: number;
  openDays: number;
  /** Days within `openDays`; a day counts once, under the first of these that is true of it. */
  notRead: number;
  unproved: number;
  withGaps: number;
  withFailed: number;
  withPending: number;
  /** Recordings without a link, of every day: on their way, and given up. */
  pending: number;
  failed: number;
  /** The oldest open day. */
  oldest: Day | null;
}

/**
 * Counts the days that are not complete, as `callcenter.days` sees them, without counting their calls: what a day lacks is in the ledger,
 * among the gaps and among the recordings without a link. Days with calls are found by leaps over an index; what waits is counted day by day,
 * since the planner takes the few recordings that are not proved for a third of all.
 */
export async function findVerdictFacts(sql: Sql): Promise<VerdictFacts> {
  const [facts] = await sql<VerdictFacts[]>`
    with recursive clock as (
      select callcenter.zone() as zone, callcenter.local_day(now()) - 1 as yesterday, callcenter.drive_enabled() as drive,
             greatest((select min(day) from callcenter.day_ledger), callcenter.watched_from()) as watched_from
    ), stored (day) as (
      select ((select min("startTime") from "CallCenterRecord") at time zone zone)::date from clock
      union all
      select ((select min("startTime") from "CallCenterRecord" where "startTime" >= callcenter.day_start(stored.day + 1, zone)) at time zone zone)::date
        from stored, clock where stored.day is not null
    ), known as (
      select stored.day from stored, clock where stored.day <= yesterday
      union
      select l.day from callcenter.day_ledger l, clock where l.day <= yesterday
      union
      select watched_from + n from clock, generate_series(0, yesterday - watched_from) n
       where exists (select from callcenter.day_ledger)
    ), waiting as (
      select stored.day, unproved.* from clock, stored, lateral (
        select count(*) as recordings,
               count(*) filter (where state = 'pending') as pending,
               count(*) filter (where state = 'failed') as failed
          from "CallCenterRecord" r
         cross join lateral callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadedPath", r."uploadRetryCount") state
         where r."startTime" >= callcenter.day_start(stored.day, zone) and r."startTime" < callcenter.day_start(stored.day + 1, zone)
           and r."recordingPath" is not null and (r."googleDriveUrl" is null or r."driveVerifiedAt" is null)
           and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")) unproved
       where drive and stored.day is not null and unproved.recordings > 0
    ), gaps as (
      select distinct day from callcenter.gaps
    ), open as (
      select k.day,
             case when a.day is null and l.day is null then 'not_read'
                  -- As callcenter.is_proved() has it.
                  when a.day is null and ((l.agreed_at at time zone zone)::date > k.day) is not true then 'unproved'
                  when g.day is not null then 'gaps' when w.failed > 0 then 'failed' when w.day is not null then 'pending' end as lack
        from known k
       cross join clock
        left join callcenter.day_ledger l on l.day = k.day
        left join callcenter.acceptances a on a.kind = 'day' and a.uuid = k.day::text
        left join gaps g on g.day = k.day
        left join waiting w on w.day = k.day
    )
    select min(day)::text as "firstDay", (select yesterday from clock)::text as "lastDay",
           (select coalesce(sum(pbx_total), 0) from callcenter.day_ledger)::float8 as calls,
           count(*) filter (where lack is null)::int as "completeDays", count(lack)::int as "openDays",
           count(*) filter (where lack = 'not_read')::int as "notRead", count(*) filter (where lack = 'unproved')::int as unproved,
           count(*) filter (where lack = 'gaps')::int as "withGaps", count(*) filter (where lack = 'failed')::int as "withFailed",
           count(*) filter (where lack = 'pending')::int as "withPending",
           (select coalesce(sum(pending), 0) from waiting)::int as pending, (select coalesce(sum(failed), 0) from waiting)::int as failed,
           min(day) filter (where lack is not null)::text as oldest
      from open`;
  return facts!;
}

/** What the notices say: whether a worker lives, whether anything is scheduled, and when. */
export interface ServiceFacts {
  workers: number;
  lastHeartbeatAt: Date | null;
  syncEnabled: boolean;
  driveEnabled: boolean;
  defaultDaysBack: number;
  schedule: Record<string, string[]>;
}

/** Reads them in one statement; a worker counts as alive for a minute after its last heartbeat. */
export async function findServiceFacts(sql: Sql): Promise<ServiceFacts> {
  const [facts] = await sql<ServiceFacts[]>`
    select (select count(*) from callcenter.worker_leases where ended_at is null and heartbeat_at > now() - interval '60 seconds')::int as workers,
           (select max(heartbeat_at) from callcenter.worker_leases) as "lastHeartbeatAt",
           callcenter.setting('sync_enabled', 'true')::boolean as "syncEnabled", callcenter.drive_enabled() as "driveEnabled",
           callcenter.setting('default_days_back', '30')::int as "defaultDaysBack",
           coalesce((select value from callcenter.settings where key = 'schedule'), '{}') as schedule`;
  return facts!;
}
