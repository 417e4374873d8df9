import { withoutDriveFlag } from "./drive_files.ts";
import type { Sql } from "./open.ts";

/** A recording that lies in Drive, by what its file says of itself. */
export interface FoundRecording {
  uuid: string;
  startedAt: Date;
}

/** Makes a row of uuid and start for each call that the table lacks; a backfill fills in the rest. Safe twice. Returns the new ones. */
export async function createAbsentCalls(sql: Sql, found: readonly FoundRecording[]): Promise<FoundRecording[]> {
  return sql<FoundRecording[]>`
    insert into "CallCenterRecord" ("uuid", "startTime")
    select distinct on ("uuid") "uuid", "startedAt"
      from jsonb_to_recordset(${sql.json(found as never)}) as f ("uuid" text, "startedAt" timestamptz) order by "uuid", "startedAt"
    on conflict ("uuid") do nothing
    returning "uuid", "startTime" as "startedAt"`;
}

/**
 * Files of the look that began at `at` beside their calls. `fits`: the file may become the call's link: its bytes are those uploaded, or of
 * a call without a reservation, for which nobody can tell; and the PBX has no other recording since. `unverified`: an id is reserved for the
 * call, and whoever uploads never came to compare the bytes: only the upload can tell.
 */
const files = (sql: Sql, at: Date) => sql`
  select f.uuid, f.file_id, f.name, f.size_bytes, f.md5, f.url, r."driveFileId" as reserved, r."uuid" is not null as is_known,
         r."googleDriveUrl" is not null as has_link,
         coalesce(r."driveMd5" = f.md5, r."driveFileId" is null) and coalesce(r."uploadedPath" = r."recordingPath", true) as fits,
         r."driveFileId" is not null and r."driveMd5" is null and r."recordingPath" is not null as unverified
    from callcenter.drive_files f left join "CallCenterRecord" r on r."uuid" = f.uuid
   where f.seen_at >= ${at} and f.uuid is not null and not f.trashed and f.size_bytes > 0 and f.md5 is not null`;

/** What there is to restore: recordings, each counted once. */
export interface RebuildPlan {
  recordings: number;
  /** Have their link: never touched. */
  linked: number;
  /** Their link is gone, and a file fits. */
  restorable: number;
  /** Their link is gone, and their file is not what was uploaded, or the PBX has another recording since: they are uploaded again. */
  altered: number;
  /** Their file was never compared with the PBX's recording: their upload does that. */
  unverified: number;
  /** Of calls that the table lacks. */
  absent: number;
  /** More than one file carries them. */
  twins: number;
}

/** Counts what the look at Drive that began at `at` could restore; changes nothing. */
export async function planRebuild(sql: Sql, at: Date): Promise<RebuildPlan> {
  const [plan] = await sql<RebuildPlan[]>`
    with recordings as (
      select uuid, bool_or(is_known) as is_known, bool_or(has_link) as has_link, bool_or(fits) as fits,
             bool_or(unverified) as unverified, count(*) as files
        from (${files(sql, at)}) f group by uuid
    )
    select count(*)::int as recordings, count(*) filter (where has_link)::int as linked,
           count(*) filter (where is_known and not has_link and fits)::int as restorable,
           count(*) filter (where is_known and not has_link and not fits and not unverified)::int as altered,
           count(*) filter (where not has_link and not fits and unverified)::int as unverified,
           count(*) filter (where not is_known)::int as absent, count(*) filter (where files > 1)::int as twins
      from recordings`;
  return plan!;
}

/**
 * Gives links back to calls that have none, in the order of their uuids after `after`, `limit` at most; a link that is there is never
 * touched. Of several files the reserved one counts, else the largest. Returns how many, and the last uuid: null at the end.
 */
export async function restoreLinks(
  sql: Sql,
  at: Date,
  after: string,
  limit: number,
): Promise<{ restored: number; last: string | null }> {
  const [row] = await sql<{ restored: number; last: string | null }[]>`
    with chosen as (
      select distinct on (uuid) * from (${files(sql, at)}) f
       where is_known and not has_link and fits and uuid > ${after}
       order by uuid, (file_id = reserved) desc nulls last, size_bytes desc, file_id limit ${limit}
    ), locked as materialized (
      select r."uuid" from chosen c join "CallCenterRecord" r on r."uuid" = c.uuid
       where r."googleDriveUrl" is null order by r."uuid" for update of r
    ), restored as (
      update "CallCenterRecord" r set
        "googleDriveUrl" = c.url, "driveFileId" = c.file_id, "driveSizeBytes" = c.size_bytes, "driveMd5" = c.md5,
        "driveMimeType" = case when c.name ~* '\.mp3$' then 'audio/mpeg' else 'audio/wav' end, "driveVerifiedAt" = ${at},
        "driveSessionUri" = null, "uploadedPath" = r."recordingPath", "uploadErrorCode" = null, "uploadError" = null, "updatedAt" = now(),
        ${withoutDriveFlag(sql)}
        from chosen c join locked on locked."uuid" = c.uuid where r."uuid" = c.uuid
      returning r."uuid"
    ), noted as (
      insert into callcenter.call_events (uuid, event) select "uuid", 'link_restored' from restored
    )
    select (select count(*) from restored)::int as restored, max(uuid) as last from chosen`;
  return row!;
}

/** Queues the upload of each recording whose file was never compared: it finds the file, and links it or writes it again. Safe twice. */
export async function queueUnverified(sql: Sql, at: Date): Promise<void> {
  await sql`select callcenter.queue_uploads(array(select uuid from (${files(sql, at)}) f where unverified and not has_link))`;
}

/** Recordings that more than one file carries, `limit` at most. */
export async function findTwins(sql: Sql, at: Date, limit: number): Promise<{ uuid: string; fileIds: string[] }[]> {
  return sql<{ uuid: string; fileIds: string[] }[]>`
    select uuid, array_agg(file_id order by file_id) as "fileIds" from (${files(sql, at)}) f
     group by uuid having count(*) > 1 order by uuid limit ${limit}`;
}
