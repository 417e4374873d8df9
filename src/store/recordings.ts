import { type ErrorCode, meaningOf } from "../errors.ts";
import { MAX_UPLOAD_ROUNDS } from "../jobs.ts";
import type { Times } from "../recording.ts";
import type { Piece, Sql } from "./open.ts";

/** What an upload needs to know of its recording. */
export interface Recording extends Times {
  /** When this was read, by the clock that also wrote when it was first seen. */
  readAt: Date;
  uuid: string;
  answeredAt: Date | null;
  billSeconds: number;
  direction: string | null;
  disposition: string | null;
  path: string | null;
  url: string | null;
  fileId: string | null;
  /** The MD5 of what was uploaded; null before the first upload has ended. */
  md5: string | null;
  sessionUri: string | null;
  /** True where the path is another than the one that lies in Drive. */
  isReplaced: boolean;
  flag: string | null;
  /** Since when Drive says that it has the file and does not show it, as of the failures noted; null where none is. */
  unseenSince: Date | null;
  /** True where the PBX refused it the last time, and has served other recordings since. */
  isRefusedAlone: boolean;
}

/** So many recordings in a row broke off, and none was fetched whole: that is no fault of theirs. */
const BREAKS_OF_AN_OUTAGE = 5;

/** True where the last uploads, of other recordings than this one, all broke off in mid-download. */
export async function doAllBreakOff(sql: Sql, uuid: string): Promise<boolean> {
  const [row] = await sql<{ breaks: number }[]>`
    with latest as (
      select uuid, event, code, at from callcenter.call_events
       where event in ('uploaded', 'upload_failed') and at > now() - interval '1 hour' order by at desc limit 200
    )
    select count(distinct uuid)::int as breaks from latest
     where uuid <> ${uuid} and code in ('recording_cut_short', 'recordings_unreachable')
       and at > coalesce((select max(at) from latest where event = 'uploaded'), '-infinity')`;
  return (row?.breaks ?? 0) >= BREAKS_OF_AN_OUTAGE;
}

/** A recording by its call's uuid; undefined where there is no such call. */
export async function findRecording(sql: Sql, uuid: string): Promise<Recording | undefined> {
  const [row] = await sql<Recording[]>`
    select "uuid", "startTime" as "startedAt", "answerTime" as "answeredAt", "endTime" as "endedAt", "createdAt" as "firstSeenAt", now() as "readAt", "billSec" as "billSeconds", "direction", "disposition",
           "recordingPath" as path, "googleDriveUrl" as url, "driveFileId" as "fileId", "driveMd5" as md5, "driveSessionUri" as "sessionUri",
           coalesce("uploadedPath" <> "recordingPath", false) as "isReplaced", "recordingFlag" as flag,
           coalesce("uploadErrorCode" = 'recording_refused' or "uploadErrorCode" = 'recordings_key_refused' and "updatedAt" < (
             select last_success_at from callcenter.circuits where neighbour = 'pbx_recordings'), false) as "isRefusedAlone",
           (select min(e.at) from callcenter.call_events e
             where e.uuid = r."uuid" and e.code = 'drive_file_unseen' and e.at > coalesce((
               select max(l.at) from callcenter.call_events l where l.uuid = r."uuid" and l.code = 'drive_file_lost'), '-infinity')) as "unseenSince"
      from "CallCenterRecord" r where "uuid" = ${uuid}`;
  return row;
}

/** Reserves the id of the recording's file, before the first byte. Whoever comes second gets the first one's id. */
export async function reserveFileId(sql: Sql, uuid: string, candidate: string): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    update "CallCenterRecord" set "driveFileId" = coalesce("driveFileId", ${candidate}) where "uuid" = ${uuid}
    returning "driveFileId" as id`;
  return row?.id ?? candidate;
}

/** Forgets a file id that leads nowhere any more, so that the next attempt reserves another. */
export async function forgetFileId(sql: Sql, uuid: string, fileId: string): Promise<void> {
  await sql`
    update "CallCenterRecord" set "driveFileId" = null, "driveMd5" = null, "driveSessionUri" = null
     where "uuid" = ${uuid} and "driveFileId" = ${fileId}`;
}

/** Keeps the session of a large upload, so that the next process continues it; null when it is over. */
export async function saveSession(sql: Sql, uuid: string, sessionUri: string | null): Promise<void> {
  await sql`update "CallCenterRecord" set "driveSessionUri" = ${sessionUri} where "uuid" = ${uuid}`;
}

/**
 * The link, once Drive's size and MD5 agree with what the PBX sent. Returns whether the PBX names another recording by now: then what was
 * uploaded proves nothing of the day, and the other one is to be uploaded.
 */
export async function finishUpload(
  sql: Sql,
  uuid: string,
  upload: {
    path: string;
    fileId: string;
    url: string;
    sizeBytes: number;
    md5: string;
    mimeType: string;
    seconds: number;
    recordingSeconds: number | null;
    flag: { code: "too_short"; note: string } | null;
  },
): Promise<{ isReplaced: boolean }> {
  const [row] = await sql<{ isReplaced: boolean }[]>`
    with finished as (
      update "CallCenterRecord" set
        "googleDriveUrl" = ${upload.url}, "driveFileId" = ${upload.fileId}, "driveSizeBytes" = ${upload.sizeBytes},
        "driveMd5" = ${upload.md5}, "driveMimeType" = ${upload.mimeType}, "driveSessionUri" = null,
        "driveVerifiedAt" = case when "recordingPath" = ${upload.path} then now() end,
        "uploadedPath" = ${upload.path}, "uploadSeconds" = ${upload.seconds}, "uploadErrorCode" = null, "uploadError" = null,
        "recordingSeconds" = ${upload.recordingSeconds}, "recordingFlag" = ${upload.flag?.code ?? null},
        "recordingFlagNote" = ${upload.flag?.note ?? null},
        "recordingFlaggedAt" = case when ${upload.flag !== null} then now() end, "updatedAt" = now()
       where "uuid" = ${uuid}
      returning "uuid", coalesce("recordingPath" <> "uploadedPath", false) as is_replaced
    ), noted as (
      insert into callcenter.call_events (uuid, event) select "uuid", 'uploaded' from finished
    ), counted as (
      insert into callcenter.counters as c (name, label, value)
      select name, label, value from finished, lateral (values
          ('upload', 'success', 1), ('upload_seconds', '', ${upload.seconds}::float8),
          ('upload_bytes', '', ${upload.sizeBytes}::float8)) as v (name, label, value)
      on conflict (name, label) do update set value = c.value + excluded.value
    )
    select is_replaced as "isReplaced" from finished`;
  return row ?? { isReplaced: false };
}

/**
 * The reason why an attempt ended without a link. `round`: the round is over (it counts where it was the recording's own fault);
 * `giveUp`: no later round can succeed without a person.
 */
export async function failUpload(
  sql: Sql,
  uuid: string,
  failure: { code: ErrorCode; message: string; round: boolean; counts: boolean; giveUp: boolean },
): Promise<void> {
  const { code, message, round, counts, giveUp } = failure;
  await sql`
    with failed as (
      update "CallCenterRecord" set
        "uploadErrorCode" = ${code}, "uploadError" = ${message}, "updatedAt" = now(),
        -- Also one whose neighbour was to blame, where that served others since it failed last: it is stuck, for whatever reason.
        "uploadTriedAt" = case when ${round} or "uploadErrorCode" is not null and "updatedAt" < (
          select last_success_at from callcenter.circuits where neighbour = ${meaningOf(code).circuit ?? null}) then now() else "uploadTriedAt" end,
        "uploadRetryCount" = case when ${giveUp} then greatest("uploadRetryCount", ${MAX_UPLOAD_ROUNDS})
                                  when ${round && counts} then "uploadRetryCount" + 1 else "uploadRetryCount" end
       where "uuid" = ${uuid}
      returning "uuid"
    ), noted as (
      insert into callcenter.call_events (uuid, event, code, message) select "uuid", 'upload_failed', ${code}, ${message} from failed
    )
    insert into callcenter.counters as c (name, label, value)
    select 'upload', 'failed', 1 from failed where ${round}
    on conflict (name, label) do update set value = c.value + excluded.value`;
}

/**
 * Queues a new round for recordings that are not in Drive, or there as another than the PBX names now: those tried longest ago first, so that
 * none starves; those that were put off are tried now. `force`: also those given up, whose rounds count again from 0. Returns which.
 */
export async function retryUploads(sql: Sql, options: { limit: number; force: boolean }): Promise<string[]> {
  const key = sql`'upload_recording:' || r."uuid"`;
  // Those without a job come first: what is only put off has its time.
  const [free, putOff] = [
    sql`not callcenter.is_queued(${key})`,
    sql`callcenter.is_queued(${key}) and not callcenter.is_under_way(${key})`,
  ];
  const [unlinked, replaced] = [
    sql`r."googleDriveUrl" is null`,
    sql`r."googleDriveUrl" is not null and r."uploadedPath" <> r."recordingPath"`,
  ];
  const oldestTried = (rank: number, which: Piece, stands: Piece) => sql`
    (select "uuid", "uploadTriedAt", "startTime", ${rank}::int as rank from "CallCenterRecord" r
     where "recordingPath" is not null and ${which} and (${options.force} or "uploadRetryCount" < ${MAX_UPLOAD_ROUNDS})
       and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")
       and ${stands}
     order by "uploadTriedAt" nulls first, "startTime" limit ${options.limit})`;
  const [row] = await sql<{ uuids: string[] }[]>`
    with chosen as (
      ${oldestTried(1, unlinked, free)} union all ${oldestTried(1, replaced, free)} union all
      ${oldestTried(2, unlinked, putOff)} union all ${oldestTried(2, replaced, putOff)}
       order by rank, "uploadTriedAt" nulls first, "startTime" limit ${options.limit}
    ), again as (
      update "CallCenterRecord" r set "uploadRetryCount" = 0 from chosen where r."uuid" = chosen."uuid" and ${options.force} and r."uploadRetryCount" > 0
    )
    select uuids, callcenter.queue_uploads(uuids), callcenter.hurry_uploads(uuids) from (select array(select "uuid" from chosen) as uuids) every`;
  return row?.uuids ?? [];
}

/** Queues, once and behind everything else, the recordings that the old system left without a link. Returns how many. */
export async function queueAdopted(sql: Sql): Promise<number> {
  const [row] = await sql<{ jobs: number }[]>`
    with first as (
      insert into callcenter.settings (key, value) values ('adopted_queued', 'true') on conflict do nothing returning key
    )
    select callcenter.queue_uploads(
      array(select "uuid" from "CallCenterRecord", first
             where "adopted" and "recordingPath" is not null and "googleDriveUrl" is null), 20)::int as jobs`;
  return row?.jobs ?? 0;
}
