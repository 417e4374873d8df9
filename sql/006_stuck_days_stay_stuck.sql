-- A day is told once: whatever reads it again hides nothing that a person has been told of.

/*
 * Days whose reading proved nothing, or whose calls are missing, and that no retry will mend. A log with retries left is waited for, unless
 * the gap is older than the log, or another log of the day used its retries up: from then on the day stays stuck, whatever runs or fails,
 * until a reading of it completes.
 */
create or replace view callcenter.stuck_days as
  with stuck as (
    select l.day, l.last_checked_at as since, l.last_reason as reason, l.last_code as code, 'infinity'::timestamptz as came_up
      from callcenter.day_ledger l where l.last_code is not null and not callcenter.is_proved(l.day, l.agreed_at)
    union all
    select g.day, min(g.since), count(*) || case count(*) when 1 then ' call of this day is' else ' calls of this day are' end || ' missing: ' || min(g.reason),
           'day_refused_records', min(g.since)
      from callcenter.gaps g group by g.day
  ), logs as not materialized (
    select "dateFrom", "status", "createdAt", coalesce("endTime", "triedAt") as ended,
           "retryCount" - "excusedRetries" - callcenter.setting('max_retries', '3')::int as over
      from "CallCenterSyncLog" where not "adopted"
  )
  select distinct on (s.day) s.day, s.since, coalesce(s.reason, 'The day could not be read.') as reason, s.code
    from stuck s
   where not exists (select from callcenter.acceptances a where a.kind = 'day' and a.uuid = s.day::text)
     and (s.code in ('day_wrong_zone', 'day_wrong_window', 'pbx_dialect_mismatch')
       or not exists (
         select from logs
          where logs."dateFrom" = callcenter.day_start(s.day) and logs."createdAt" <= s.came_up
            and (logs."status" in ('running', 'retrying') or (logs."status" in ('failed', 'partial') and over < 0)))
       or exists (
         select from logs
          where logs."dateFrom" = callcenter.day_start(s.day)
            -- One that is retried beyond its last retry: a person asked for it.
            and (logs."status" in ('failed', 'partial') and over >= 0 or logs."status" = 'retrying' and over > 0)
            and not exists (
              select from logs proof
               where proof."dateFrom" = logs."dateFrom" and proof."status" = 'completed' and proof.ended > logs.ended)))
   order by s.day, s.since;
