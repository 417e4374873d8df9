-- What lists, /metrics and the first line of the dashboard ask, each with an index: ten million calls are no more to them than ten.

-- Lists of calls by where their recording stands, newest first; the oldest that waits.
create index "calls_by_upload_state" on "CallCenterRecord" (
  callcenter.upload_state("recordingPath", "googleDriveUrl", "uploadRetryCount"), "startTime" desc);
-- Days with a recording that is not proved to be in Drive.
create index "recordings_unproved" on "CallCenterRecord" ("startTime")
  where "recordingPath" is not null and ("googleDriveUrl" is null or "driveVerifiedAt" is null);

/*
 * The days before today that callcenter.days shows as not complete, and why: the day was never read, calls are missing, recordings
 * are unproved. It counts nothing, a few looks into indexes for each day: years take milliseconds.
 */
create view callcenter.incomplete_days as
  with first as (
    select least(min(day), (select callcenter.local_day(min("startTime")) from "CallCenterRecord")) as day, min(day) as read
      from callcenter.day_ledger
  ), judged as (
    select d.day,
           l.pbx_total is null and accepted.day is null as unread,
           exists (select from callcenter.gaps g where g.day = d.day) as lacks_calls,
           callcenter.drive_enabled() and exists (
             select from "CallCenterRecord" r
              where r."recordingPath" is not null and (r."googleDriveUrl" is null or r."driveVerifiedAt" is null)
                and r."startTime" >= callcenter.day_start(d.day) and r."startTime" < callcenter.day_start(d.day + 1)
                and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")) as lacks_recordings,
           l.day is not null or d.day >= first.read as is_ours
      from first
     cross join lateral (select first.day + n as day from generate_series(0, callcenter.local_day(now()) - 1 - first.day) n) d
      left join callcenter.day_ledger l on l.day = d.day
      left join callcenter.acceptances accepted on accepted.kind = 'day' and accepted.uuid = d.day::text
  )
  select day, unread, lacks_calls, lacks_recordings
    from judged
   where (unread or lacks_calls or lacks_recordings)
     and (is_ours or exists (
       select from "CallCenterRecord" r
        where r."startTime" >= callcenter.day_start(judged.day) and r."startTime" < callcenter.day_start(judged.day + 1)));
