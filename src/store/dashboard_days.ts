import type { Day } from "../day.ts";
import type { ErrorCode } from "../errors.ts";
import type { Sql } from "./open.ts";

/** One local day: `callcenter.days`, and what is happening to it. */
export interface DayRow {
  day: Day;
  /** The largest reading of the PBX that was proved; null where none was, for a day that is over: since its end. */
  pbxTotal: number | null;
  records: number;
  recordings: number;
  uploaded: number;
  pending: number;
  failed: number;
  lastCheckedAt: Date | null;
  isComplete: boolean;
  /** True where a person accepted the day, one of its calls or one of its recordings. */
  isAccepted: boolean;
  isQueued: boolean;
  isRunning: boolean;
  /** Ids of the ledger that are neither stored nor accepted. */
  gaps: number;
  /** Why the last reading proved nothing; null where it did. */
  code: ErrorCode | null;
  reason: string | null;
}

/** The days of a range that were read or hold calls, oldest first. Counts the calls of each: about 1 ms for 1,000 calls. */
export async function findDayRows(sql: Sql, from: Day, to: Day): Promise<DayRow[]> {
  return sql<DayRow[]>`
    with queued as (
      select distinct right(j.key, 10)::date as day
        from graphile_worker.jobs j
       where j.key in (
               select format('daily_sync:%s:%s', t, d::date)
                 from generate_series(${from}::date, ${to}::date, '1 day') d, unnest(array['daily', 'manual', 'retry', 'missing_check']) t)
         and (j.attempts < j.max_attempts or j.locked_at is not null)
    )
    select d.day::text as day, d.records::int,
           case when d.day >= callcenter.local_day(now()) or callcenter.is_proved(d.day, l.agreed_at) then d.pbx_total end as "pbxTotal",
           d.recordings::int, d.uploaded::int, d.pending::int, d.failed::int,
           d.last_checked_at as "lastCheckedAt", d.complete as "isComplete",
           exists (select from callcenter.acceptances a where a.day = d.day and a.kind <> 'notice') as "isAccepted",
           exists (select from queued q where q.day = d.day) as "isQueued",
           exists (select from "CallCenterSyncLog" log
                    where log."dateFrom" = callcenter.day_start(d.day) and log."status" in ('running', 'retrying') and not log."adopted") as "isRunning",
           (select count(*) from callcenter.gaps g where g.day = d.day)::int as gaps,
           l.last_code as code, l.last_reason as reason
      from callcenter.days d left join callcenter.day_ledger l on l.day = d.day
     where d.day between ${from} and ${to}
     order by d.day`;
}

/** What `callcenter.days` says of yesterday. */
export interface Yesterday {
  day: Day;
  complete: boolean;
  pbxTotal: number | null;
  records: number;
  recordings: number;
  uploaded: number;
}

/** Yesterday, as far as anybody has read it; undefined where nobody has. */
export async function findYesterday(sql: Sql): Promise<Yesterday | undefined> {
  const [row] = await sql<Yesterday[]>`
    select day::text as day, complete, pbx_total as "pbxTotal", records::int as records, recordings::int as recordings,
           uploaded::int as uploaded
      from callcenter.days where day = callcenter.local_day(now()) - 1 and last_checked_at is not null`;
  return row;
}

/** A call that the ledger has and the table has not, or a recording that failed or needs a look. */
export interface Lack {
  uuid: string;
  code: string | null;
  reason: string;
  since: Date | null;
  startedAt: Date | null;
}

/** What stands between a day and completeness, `limit` of each at most. */
export async function findLacks(sql: Sql, day: Day, limit: number): Promise<{ gaps: Lack[]; recordings: Lack[] }> {
  const [gaps, recordings] = await Promise.all([
    sql<Lack[]>`
      select uuid, null as code, reason, since, null as "startedAt" from callcenter.gaps where day = ${day} order by uuid limit ${limit}`,
    sql<Lack[]>`
      select "uuid", coalesce("uploadErrorCode", 'recording_' || "recordingFlag") as code,
             coalesce("uploadError", "recordingFlagNote", '') as reason, coalesce("uploadTriedAt", "recordingFlaggedAt") as since, "startTime" as "startedAt"
        from "CallCenterRecord" r
       cross join lateral callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadedPath", r."uploadRetryCount") state
       where "startTime" >= callcenter.day_start(${day}) and "startTime" < callcenter.day_start(${day}::date + 1)
         and "recordingPath" is not null
         and (state = 'failed' or state = 'pending' and "uploadErrorCode" is not null or "recordingFlag" is not null)
         and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")
       order by "startTime", "id" limit ${limit}`,
  ]);
  return { gaps, recordings };
}

/** A record that the PBX sent and the table could not hold. */
export interface RefusedRow {
  uuid: string;
  reason: string;
  record: unknown;
}

/** The refused records of the day's newest log that has some, `limit` at most. */
export async function findRefused(sql: Sql, day: Day, limit: number): Promise<RefusedRow[]> {
  return sql<RefusedRow[]>`
    with newest as (
      select "failedItems" as items from "CallCenterSyncLog"
       where "dateFrom" = callcenter.day_start(${day}) and not "adopted" and "status" in ('completed', 'partial', 'failed')
       order by "createdAt" desc, "id" desc limit 1
    )
    select item ->> 'uuid' as uuid, coalesce(item ->> 'reason', '') as reason, item -> 'record' as record
      from newest, jsonb_array_elements(case jsonb_typeof(items) when 'array' then items else '[]' end) item limit ${limit}`;
}

/** What a person said may stay as it is. */
export interface AcceptanceRow {
  kind: "call" | "recording" | "day";
  uuid: string;
  who: string;
  why: string;
  at: Date;
}

export async function findAcceptances(sql: Sql, day: Day): Promise<AcceptanceRow[]> {
  return sql<AcceptanceRow[]>`
    select kind, uuid, who, why, at from callcenter.acceptances where day = ${day} and kind <> 'notice' order by at limit 50`;
}
