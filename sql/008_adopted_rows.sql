-- What the old system left in a form in which it cannot be carried on; in databases that were taken over before, too.

/*
 * An empty link is none: the recording is queued like the others without one, and a path that names no recording goes as in 001. (On the first
 * start all of them are queued.)
 */
with unlinked as (
  update "CallCenterRecord" set
    "googleDriveUrl" = null, "driveVerifiedAt" = null,
    "recordingPath" = case when "recordingPath" !~* '^\s*(0|null)?\s*$' then "recordingPath" end,
    "recordingFlag" = nullif("recordingFlag", 'not_seen_in_drive'),
    "recordingFlagNote" = case when "recordingFlag" <> 'not_seen_in_drive' then "recordingFlagNote" end,
    "recordingFlaggedAt" = case when "recordingFlag" <> 'not_seen_in_drive' then "recordingFlaggedAt" end
   where "adopted" and "googleDriveUrl" ~ '^\s*$'
  returning "uuid", "recordingPath"
)
select callcenter.queue_uploads(array(select "uuid" from unlinked where "recordingPath" is not null), 20)
  from callcenter.settings where key = 'adopted_queued';

/*
 * The old system kept a uuid as its PBX sent it, also with white space around it. Here such a call would come a second time, and its recording
 * be uploaded again. Where the bare uuid is another call's, the row stays as it is (of two that would have the same, the one without a link).
 * A call without a uuid has its id as one: no job could name it, and its recording waited for ever.
 * What is known of the call goes with it. A job of the old name ends; what it was to do is queued under the new one.
 */
with spaced as materialized (
  select distinct on (bare) "id", "uuid" as old, bare as new
    from "CallCenterRecord" r
   cross join lateral (select coalesce(nullif(regexp_replace(r."uuid", '^\s+|\s+$', '', 'g'), ''), r."id") as bare) trimmed
   where "adopted" and ("uuid" ~ '^\s|\s$' or "uuid" = '')
     and not exists (select from "CallCenterRecord" other where other."uuid" = bare)
   order by bare, "googleDriveUrl" is null, "id"
), renamed as (
  update "CallCenterRecord" r set "uuid" = new from spaced where r."id" = spaced."id"
  returning old, new, "recordingPath" is not null and "googleDriveUrl" is null as is_left
), accepted as (
  update callcenter.acceptances a set uuid = new from renamed
   where a.kind = 'recording' and a.uuid = old
     and not exists (select from callcenter.acceptances other where other.kind = 'recording' and other.uuid = new)
), noted as (
  update callcenter.call_events e set uuid = new from renamed where e.uuid = old
), seen as (
  update callcenter.drive_files f set uuid = new from renamed where f.uuid = old
), ended as (
  select graphile_worker.remove_job(j.key) from renamed join graphile_worker.jobs j on j.key = 'upload_recording:' || old
)
select (select count(*) from ended), callcenter.queue_uploads(array(select new from renamed where is_left), 20)
  from callcenter.settings where key = 'adopted_queued'; -- else the first start queues all of them
