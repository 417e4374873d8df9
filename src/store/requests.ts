import type { Sql } from "./open.ts";

/** What became of the wish to upload a recording again. */
export type UploadRequest = "queued" | "no_call" | "no_recording" | "in_drive" | "drive_disabled";

/**
 * Uploads a recording again, now: its rounds count from 0, and a job that waits for later is brought forward. A link of the old system that
 * leads nowhere is taken away; a file that is too short is written again under its id. One that lies in Drive as it should is left alone.
 */
export async function requestUpload(sql: Sql, uuid: string): Promise<UploadRequest> {
  const [row] = await sql<{ answer: UploadRequest }[]>`
    with call as (
      select "uuid", "recordingPath" is not null as has_recording,
             coalesce("recordingFlag" = 'not_seen_in_drive', false) as leads_nowhere,
             coalesce("recordingFlag" = 'too_short', false) as is_too_short,
             "googleDriveUrl" is not null and coalesce("uploadedPath" = "recordingPath", true) as is_linked
        from "CallCenterRecord" where "uuid" = ${uuid}
    ), begun as (
      update "CallCenterRecord" r set
        "uploadRetryCount" = 0, "updatedAt" = now(),
        "googleDriveUrl" = case when not leads_nowhere then r."googleDriveUrl" end,
        "driveVerifiedAt" = case when not leads_nowhere then r."driveVerifiedAt" end,
        "recordingFlag" = case when not leads_nowhere then r."recordingFlag" end,
        "recordingFlagNote" = case when not leads_nowhere then r."recordingFlagNote" end,
        "recordingFlaggedAt" = case when not leads_nowhere then r."recordingFlaggedAt" end,
        -- What lies in Drive is no path's whole recording: as for a changed path, the link stays until the new content is there.
        "uploadedPath" = case when is_too_short then '' else r."uploadedPath" end
        from call
       where r."uuid" = call."uuid" and has_recording and (not is_linked or leads_nowhere or is_too_short) and callcenter.drive_enabled()
      returning r."uuid"
    ), hurried as (
      select count(*) as jobs from graphile_worker.reschedule_jobs(
        array(select j.id from begun join graphile_worker.jobs j on j.key = 'upload_recording:' || begun."uuid"
               where j.locked_at is null and j.attempts < j.max_attempts and j.run_at > now()),
        run_at := now())
    ), queued as (
      select callcenter.queue_uploads(array(select "uuid" from begun), 0) as jobs from hurried where hurried.jobs >= 0
    ), noted as (
      insert into callcenter.call_events (uuid, event) select "uuid", 'upload_requested' from begun
    )
    select case when not exists (select from call) then 'no_call'
                when exists (select from call where not has_recording) then 'no_recording'
                when not callcenter.drive_enabled() then 'drive_disabled'
                when exists (select from begun) then 'queued'
                else 'in_drive' end as answer
      from queued where queued.jobs >= 0`;
  return row!.answer;
}

/**
 * Queues a missing check, unless one of as many days waits already; true where it is new. Its days count back from yesterday; a day that
 * several checks name is read once.
 */
export async function requestMissingCheck(sql: Sql, daysBack: number | undefined): Promise<boolean> {
  const [payload, key] = daysBack === undefined ? [{}, null] : [{ daysBack }, `missing_check:${daysBack}`];
  const [row] = await sql<{ isNew: boolean }[]>`
    select callcenter.queue_task('missing_check', ${sql.json(payload)}::json, ${key}) as "isNew"`;
  return row?.isNew ?? false;
}
