-- What lists, /metrics and the first line of the dashboard ask, each with an index: ten million calls are no more to them than ten.

/*
 * Lists of calls, newest first, by number, by where their recording stands and by how they ended: any of these, or none but the outcome. Calls
 * of the same instant are put in order when they are read, ids would double the indexes. Their time is written in a way of its own: where it is
 * "startTime" the planner would rather go through all calls by time until it has a page of rare ones.
 */
create index "calls_by_outcome" on "CallCenterRecord" (
  callcenter.upload_state("recordingPath", "googleDriveUrl", "uploadedPath", "uploadRetryCount"), coalesce("disposition", ''),
  ("startTime" at time zone 'UTC') desc);
create index "calls_by_caller" on "CallCenterRecord" (
  callcenter.normal_phone("callerId"),
  callcenter.upload_state("recordingPath", "googleDriveUrl", "uploadedPath", "uploadRetryCount"), coalesce("disposition", ''),
  ("startTime" at time zone 'UTC') desc) where "callerId" is not null;
create index "calls_by_destination" on "CallCenterRecord" (
  callcenter.normal_phone("destination"),
  callcenter.upload_state("recordingPath", "googleDriveUrl", "uploadedPath", "uploadRetryCount"), coalesce("disposition", ''),
  ("startTime" at time zone 'UTC') desc) where "destination" is not null;

/*
 * The pairs of upload state and disposition that occur, by leaps over the first of these indexes. A list that names but one of them, or none,
 * takes the newest calls of each pair.
 */
create function callcenter.outcomes() returns table (state text, disposition text)
  language sql stable
begin atomic
  with recursive leap (state, disposition) as (
    (select callcenter.upload_state("recordingPath", "googleDriveUrl", "uploadedPath", "uploadRetryCount"), coalesce("disposition", '')
       from "CallCenterRecord" order by 1, 2 limit 1)
    union all
    select next.* from leap cross join lateral (
      select callcenter.upload_state("recordingPath", "googleDriveUrl", "uploadedPath", "uploadRetryCount"), coalesce("disposition", '')
        from "CallCenterRecord"
       where (callcenter.upload_state("recordingPath", "googleDriveUrl", "uploadedPath", "uploadRetryCount"), coalesce("disposition", ''))
             > (leap.state, leap.disposition)
       order by 1, 2 limit 1) next
  )
  select leap.state, leap.disposition from leap;
end;

/*
 * The days before today that callcenter.days shows as not complete, and why: the day was never read to its end, calls are missing, recordings
 * are unproved. It counts nothing, a few looks into indexes for each day: years take milliseconds.
 */
create view callcenter.incomplete_days as
  with first as (
    select least(min(day), (select callcenter.local_day(min("startTime")) from "CallCenterRecord")) as day, min(day) as read
      from callcenter.day_ledger
  ), judged as (
    select d.day,
           not callcenter.is_proved(d.day, l.agreed_at) and accepted.day is null as unread,
           exists (select from callcenter.gaps g where g.day = d.day) as lacks_calls,
           callcenter.drive_enabled() and exists (
             select from "CallCenterRecord" r
              where r."recordingPath" is not null and (r."googleDriveUrl" is null or r."driveVerifiedAt" is null)
                and r."startTime" >= callcenter.day_start(d.day) and r."startTime" < callcenter.day_start(d.day + 1)
                and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")) as lacks_recordings,
           l.day is not null or d.day >= greatest(first.read, callcenter.watched_from()) as is_ours
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
