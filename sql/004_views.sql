-- What people read in psql, and what the dashboard, `status` and the alerts read too: one truth.

/* The table of src/errors.ts, written at every start, so that SQL can say what to do. */
create table callcenter.error_codes (
  code    text    primary key,
  hint    text    not null,
  refusal boolean not null
);

create function callcenter.hint(error_code text) returns text
  language sql stable parallel safe
  as $$ select coalesce((select hint from callcenter.error_codes where code = error_code), 'Look at the log of the service.') $$;

create function callcenter.drive_enabled() returns boolean
  language sql stable parallel safe
  as $$ select callcenter.setting('drive_enabled', 'true')::boolean $$;

/*
 * Where a call's recording stands, as callcenter.count_day() counts it; whether a person accepted it is not in the row. Where the PBX names
 * another recording than the one in Drive, that one is what waits. (An uploaded path of '' asks for the same once more: it is in Drive.)
 */
create function callcenter.upload_state(path text, url text, uploaded_path text, rounds integer) returns text
  language sql immutable parallel safe
  return case when path is null then 'none'
              when url is not null and coalesce(uploaded_path in (path, ''), true) then 'uploaded'
              when rounds >= 3 then 'failed' else 'pending' end;

/* Ids of the ledger, and of records that the last proved reading refused, that are neither stored nor accepted. */
create view callcenter.gaps as
  select m.day, m.uuid, m.reason, m.since
    from callcenter.missing_calls m
   where not exists (select from "CallCenterRecord" r where r."uuid" = m.uuid)
     and not exists (select from callcenter.acceptances a where a.kind = 'call' and a.uuid = m.uuid);

-- Recordings by time: with startTime's own index they count a day without a look at its rows.
create index "recordings_by_time" on "CallCenterRecord" ("startTime") where "recordingPath" is not null;
-- Those that are not proved to be in Drive: few, unless a night's uploads are still under way.
create index "recordings_unproved" on "CallCenterRecord" ("startTime")
  where "recordingPath" is not null and ("googleDriveUrl" is null or "driveVerifiedAt" is null);

/*
 * What the table of calls holds of one local day. `unproved`: recordings neither verified in Drive nor accepted. A body that is parsed now
 * means this table for good, also in sessions that do not look into its schema.
 */
create function callcenter.count_day(day date)
  returns table (records bigint, recordings bigint, uploaded bigint, pending bigint, failed bigint, unproved bigint)
  language sql stable
begin atomic
  select stored.records, recorded.recordings, recorded.recordings - waiting.unlinked, waiting.pending, waiting.failed, waiting.unproved
    from (select callcenter.day_start(count_day.day) as start, callcenter.day_start(count_day.day + 1) as next) span
   cross join lateral (
     select count(*) as records from "CallCenterRecord" r where r."startTime" >= span.start and r."startTime" < span.next) stored
   cross join lateral (
     select count(*) as recordings from "CallCenterRecord" r
      where r."startTime" >= span.start and r."startTime" < span.next and r."recordingPath" is not null) recorded
   cross join lateral (
     select count(*) filter (where state <> 'uploaded') as unlinked,
            count(*) filter (where state = 'pending' and a.uuid is null) as pending,
            count(*) filter (where state = 'failed' and a.uuid is null) as failed,
            count(*) filter (where a.uuid is null) as unproved
       from "CallCenterRecord" r
      cross join lateral callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadedPath", r."uploadRetryCount") state
       left join callcenter.acceptances a on a.kind = 'recording' and a.uuid = r."uuid"
      where r."startTime" >= span.start and r."startTime" < span.next
        and r."recordingPath" is not null and (r."googleDriveUrl" is null or r."driveVerifiedAt" is null)) waiting;
end;

/*
 * The ledger, a row for each local day since the first that was read or has a call. `complete`: it was proved after its end, every id of the
 * largest proved reading, and of what the last one refused, is stored or accepted, and every recording is verified in Drive or accepted.
 */
create view callcenter.days as
  with first as (
    select least(min(day), (select callcenter.local_day(min("startTime")) from "CallCenterRecord")) as day, min(day) as read
      from callcenter.day_ledger
  ), last as (
    select greatest(max(day), (select callcenter.local_day(max("startTime")) from "CallCenterRecord"), callcenter.local_day(now())) as day
      from callcenter.day_ledger
  )
  select d.day,
         l.pbx_total, c.records, c.recordings, c.uploaded, c.pending, c.failed, l.last_checked_at,
         d.day < callcenter.local_day(now())
           and (callcenter.is_proved(d.day, l.agreed_at) or accepted.day is not null)
           and not exists (select from callcenter.gaps g where g.day = d.day)
           and (c.unproved = 0 or not callcenter.drive_enabled()) as complete
    from first
   cross join last
   cross join lateral (select first.day + n as day from generate_series(0, last.day - first.day) n) d
    left join callcenter.day_ledger l on l.day = d.day
    left join callcenter.acceptances accepted on accepted.kind = 'day' and accepted.uuid = d.day::text
   cross join lateral callcenter.count_day(d.day) c
   where l.day is not null or c.records > 0 or d.day between first.read and callcenter.local_day(now());

/* Days whose reading proved nothing, or whose calls are missing, and that no retry will mend. */
create view callcenter.stuck_days as
  with stuck as (
    select l.day, l.last_checked_at as since, l.last_reason as reason, l.last_code as code
      from callcenter.day_ledger l where l.last_code is not null and not callcenter.is_proved(l.day, l.agreed_at)
    union all
    select g.day, min(g.since), count(*) || case count(*) when 1 then ' call of this day is' else ' calls of this day are' end || ' missing: ' || min(g.reason),
           'day_refused_records'
      from callcenter.gaps g group by g.day
  )
  select distinct on (s.day) s.day, s.since, coalesce(s.reason, 'The day could not be read.') as reason, s.code
    from stuck s
   where not exists (select from callcenter.acceptances a where a.kind = 'day' and a.uuid = s.day::text)
     and (s.code in ('day_wrong_zone', 'day_wrong_window', 'pbx_dialect_mismatch') or not exists (
       select from "CallCenterSyncLog" log
        where log."dateFrom" = callcenter.day_start(s.day) and not log."adopted"
          and (log."status" in ('running', 'retrying')
            or (log."status" in ('failed', 'partial') and log."retryCount" - log."excusedRetries" < callcenter.setting('max_retries', '3')::int))))
   order by s.day, s.since;

/*
 * The day from which on every day is ours to read, asked for or not: as far back as the missing check of the first night went. An earlier day
 * counts only once somebody has asked for it: fetching one old month says nothing of the years after it.
 */
create function callcenter.watched_from() returns date
  language sql stable parallel safe
  as $$
  select coalesce(callcenter.local_day(callcenter.setting('first_started_at', null)::timestamptz)
                    - callcenter.setting('default_days_back', '30')::int, '-infinity'::date) $$;

/*
 * Days that were ours to read and that nobody has read, too long ago for the missing check to find them (the service was down for longer): no
 * run to come reads them. In ranges, for that is how they are fetched.
 */
create view callcenter.unread_ranges as
  with known (day, since, is_read) as (
    -- Of a day that was read before its end only, and has no failure that stuck_days could tell, nobody knows enough.
    select l.day, l.last_checked_at, l.last_code is not null or callcenter.is_proved(l.day, l.agreed_at)
        or exists (select from callcenter.acceptances a where a.kind = 'day' and a.uuid = l.day::text)
      from callcenter.day_ledger l
    union all
    select a.day, a.at, true from callcenter.acceptances a
     where a.kind = 'day' and a.day > (select min(day) from callcenter.day_ledger)
       and not exists (select from callcenter.day_ledger l where l.day = a.day)
  ), ranges as (
    select greatest(known.day + is_read::int, callcenter.watched_from()) as first_day,
           least(lead(known.day) over (order by known.day),
                 callcenter.local_day(now()) - callcenter.setting('default_days_back', '30')::int) - 1 as last_day,
           known.since
      from known
  )
  select first_day, last_day, since
    from ranges
   where first_day <= last_day
     and not callcenter.is_queued('daily_sync:manual:' || first_day) and not callcenter.is_queued('daily_sync:manual:' || last_day);

/* When the nightly run was last due, an hour ago at the least; null where the schedule has no daily time. */
create function callcenter.last_due_nightly_run() returns timestamptz
  language sql stable as $$
  with daily (due) as (
    select (callcenter.local_day(now()) + callcenter.setting('daily_time', null)::time) at time zone callcenter.zone()
  )
  select case when due < now() - interval '1 hour' then due else due - interval '1 day' end from daily
$$;

/* A row for each thing that a person must look at. */
create view callcenter.attention as
  select c.since, c.code as kind, c.neighbour as subject, c.reason, callcenter.hint(c.code) as hint
    from callcenter.circuits c join callcenter.error_codes e using (code)
   where c.state = 'open' and (e.refusal or c.since < now() - interval '1 hour') and (c.neighbour <> 'drive' or callcenter.drive_enabled())
  union all
  select s.since, 'day_incomplete', s.day::text, s.reason, callcenter.hint(s.code) from callcenter.stuck_days s
  union all
  select u.since, 'days_not_read', u.first_day || ' to ' || u.last_day,
         format('%s between days that were read: nobody has read %s, and no run to come does.',
                case when u.first_day = u.last_day then 'A day' else u.last_day - u.first_day + 1 || ' days' end,
                case when u.first_day = u.last_day then 'it' else 'them' end),
         'Fetch the days that were never read. Those that the PBX no longer has: accept them, each with its reason.'
    from callcenter.unread_ranges u
  union all
  select coalesce(r."uploadTriedAt", r."createdAt"), 'recording_given_up', r."uuid",
         coalesce(r."uploadError", 'Its rounds of attempts are used up.'), callcenter.hint(r."uploadErrorCode")
    from "CallCenterRecord" r
   where callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadedPath", r."uploadRetryCount") = 'failed' and callcenter.drive_enabled()
     and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")
  union all
  -- Nobody's fault, as far as its errors tell, yet the others got through.
  select r."uploadTriedAt", 'recording_stuck', r."uuid", coalesce(r."uploadError", 'It is not in Drive yet.'), callcenter.hint(r."uploadErrorCode")
    from "CallCenterRecord" r
   where callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadedPath", r."uploadRetryCount") = 'pending'
     and r."uploadTriedAt" is not null and callcenter.drive_enabled() and r."createdAt" < now() - interval '1 day'
     and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")
  union all
  select r."recordingFlaggedAt", 'recording_' || r."recordingFlag", r."uuid", coalesce(r."recordingFlagNote", r."recordingFlag"),
         case r."recordingFlag"
           when 'too_short' then 'Listen to it: the PBX''s file is shorter than it should be. Accept it, or retry when the PBX has the whole.'
           when 'twin_in_drive' then 'More than one file in Drive carries this recording: keep the linked one, delete the others there.'
           when 'not_seen_in_drive' then 'The link of the old system leads to a file that this account does not see. Share it, or upload the recording again.'
           else 'The file was deleted or changed in Drive. It is uploaded again while the PBX has the recording; restored in Drive, the next check links it again.'
         end
    from "CallCenterRecord" r
   where r."recordingFlag" is not null
     and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")
  union all
  select l.last_checked_at, 'no_calls', l.day::text, 'The PBX has no calls on a weekday that has always had some.',
         'Check that the PBX records calls (its disk, its CDR module), then fetch the day again, or accept it.'
    from callcenter.day_ledger l
   where l.pbx_total = 0 and callcenter.is_proved(l.day, l.agreed_at) and l.day >= callcenter.local_day(now()) - 7
     and (select count(*) >= 2 and min(p.pbx_total) > 0 from callcenter.day_ledger p
           where p.day < l.day and p.day >= l.day - 56 and (l.day - p.day) % 7 = 0 and p.pbx_total is not null)
     and not exists (select from callcenter.acceptances a where a.kind = 'day' and a.uuid = l.day::text)
  union all
  select due, 'nightly_run_missing', (callcenter.local_day(due) - 1)::text, 'The nightly run of this day did not happen.',
         'Check that a worker runs (it makes up for missed nights when it is back), or fetch the day by hand.'
    from callcenter.last_due_nightly_run() due
   where callcenter.setting('sync_enabled', 'true')::boolean
     and callcenter.setting('first_started_at', null)::timestamptz < due
     and not exists (select from callcenter.day_ledger l where l.day = callcenter.local_day(due) - 1 and l.last_checked_at >= due)
     and not exists (select from "CallCenterSyncLog" log
                      where log."dateFrom" = callcenter.day_start(callcenter.local_day(due) - 1) and log."createdAt" >= due)
  union all
  select s.updated_at, 'zone_changed', s.value ->> 'to',
         format('TIMEZONE was %s before: the days of calls stored until then were counted there.', s.value ->> 'from'),
         'Set TIMEZONE back, or accept this notice and fetch the last days again.'
    from callcenter.settings s
   where s.key = 'zone_changed' and not exists (select from callcenter.acceptances a where a.kind = 'notice' and a.uuid = 'zone_changed')
  union all
  select max(w.heartbeat_at), 'no_worker', 'worker', 'No worker is alive: nothing is fetched or uploaded.', 'Start the service, or look at its log.'
    from callcenter.worker_leases w
  having max(w.heartbeat_at) filter (where w.ended_at is null) < now() - interval '60 seconds'
      or (count(*) > 0 and count(*) filter (where w.ended_at is null) = 0)
  union all
  select a.raised_at, 'alert_undelivered', a.kind, coalesce(a.last_error, 'The alert could not be delivered.'), callcenter.hint('alert_refused')
    from callcenter.alerts a
   where a.sent_at is null and a.cleared_at is null and a.last_error is not null and a.raised_at < now() - interval '10 minutes';
