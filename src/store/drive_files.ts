import type { Sql } from "./open.ts";

/** A file as the weekly look sees it. */
export interface SeenFile {
  id: string;
  uuid: string | null;
  name: string;
  sizeBytes: number | null;
  md5: string | null;
  url: string | null;
  trashed: boolean;
}

/** A recording that is not in Drive as it should be. */
export interface Discrepancy {
  uuid: string;
  fileId: string;
  what: "deleted" | "trashed" | "altered" | "unseen";
  /** What was uploaded; null where the old system did, of which only the link is known. */
  md5: string | null;
  sizeBytes: number | null;
  isAdopted: boolean;
}

/** Notes a page of the listing; `at` is when the look began. */
export async function noteSeenFiles(sql: Sql, files: readonly SeenFile[], at: Date): Promise<void> {
  await sql`
    insert into callcenter.drive_files (file_id, uuid, name, size_bytes, md5, url, trashed, seen_at)
    select distinct on (id) id, uuid, name, "sizeBytes", md5, url, trashed, ${at}
      from jsonb_to_recordset(${sql.json(files as never)}) as f (
        id text, uuid text, name text, "sizeBytes" bigint, md5 text, url text, trashed boolean)
    on conflict (file_id) do update set
      uuid = excluded.uuid, name = excluded.name, size_bytes = excluded.size_bytes, md5 = excluded.md5, url = excluded.url,
      trashed = excluded.trashed, seen_at = greatest(drive_files.seen_at, excluded.seen_at)`;
}

/** The id in a link that Drive made: `…/file/d/<id>/view`, `…?id=<id>`. */
const LINKED_ID = String.raw`(?:/d/|[?&]id=)([-\w]{10,})`;

/**
 * What the look that began at `at` (or another one since) says of the recordings with a link: those deleted, trashed or altered. Left out are
 * recordings uploaded since then, and those that are to be replaced anyway. Drive's lists lag: each file is to be asked for before it counts.
 */
export async function findDiscrepancies(sql: Sql, at: Date): Promise<Discrepancy[]> {
  return sql<Discrepancy[]>`
    with linked as (
      select "uuid", "driveMd5", "driveSizeBytes"::float8, "driveFileId" is null as "isAdopted",
             coalesce("driveFileId", substring("googleDriveUrl" from ${LINKED_ID})) as "fileId"
        from "CallCenterRecord"
       where "googleDriveUrl" is not null and ("driveVerifiedAt" is null or "driveVerifiedAt" < ${at})
         and ("uploadedPath" is null or "uploadedPath" = "recordingPath")
    )
    select * from (
      select l."uuid", coalesce(l."fileId", '') as "fileId", l."driveMd5" as md5, l."driveSizeBytes" as "sizeBytes", l."isAdopted",
             case when f.file_id is null then case when l."isAdopted" then 'unseen' else 'deleted' end
                  when f.trashed then 'trashed'
                  when l."driveMd5" <> f.md5 or l."driveSizeBytes" <> f.size_bytes or f.size_bytes = 0 then 'altered'
             end as what
        from linked l left join callcenter.drive_files f on f.file_id = l."fileId" and f.seen_at >= ${at}
    ) found where what is not null order by "uuid"`;
}

/** Notes the recordings that lie in Drive as they should: their proof is of today. Also those that the old system uploaded. Returns how many. */
export async function confirmSeen(sql: Sql, at: Date): Promise<number> {
  const rows = await sql`
    update "CallCenterRecord" r
       set "driveVerifiedAt" = ${at},
           "recordingFlag" = nullif("recordingFlag", 'not_seen_in_drive')
      from callcenter.drive_files f
     where f.seen_at >= ${at} and not f.trashed and f.size_bytes > 0 and r."googleDriveUrl" is not null
       and (r."driveFileId" = f.file_id and r."driveMd5" = f.md5 and r."driveSizeBytes" = f.size_bytes
         and (r."uploadedPath" is null or r."uploadedPath" = r."recordingPath")
         or r."driveFileId" is null and substring(r."googleDriveUrl" from ${LINKED_ID}) = f.file_id)
    returning r."uuid"`;
  return rows.length;
}

/**
 * Our own files that are gone or changed: without link from now on, flagged, and queued again. Each keeps its id: should the file be there
 * after all, it is found again; whether the id leads nowhere any more is for the upload to say.
 */
export async function uploadAgain(sql: Sql, found: readonly Discrepancy[]): Promise<void> {
  await sql`
    with lost as (
      select * from jsonb_to_recordset(${sql.json(found as never)}) as d ("uuid" text, "fileId" text, what text)
    ), flagged as (
      update "CallCenterRecord" r set
        "googleDriveUrl" = null, "driveVerifiedAt" = null, "driveMd5" = null, "driveSessionUri" = null, "uploadRetryCount" = 0,
        "recordingFlag" = 'altered_in_drive', "recordingFlagNote" = 'Its file in Drive was ' || lost.what || '.',
        "recordingFlaggedAt" = now(), "updatedAt" = now()
        from lost where r."uuid" = lost."uuid"
      returning r."uuid", lost.what
    ), noted as (
      insert into callcenter.call_events (uuid, event, message) select "uuid", 'lost_in_drive', what from flagged
    )
    select callcenter.queue_uploads(array(select "uuid" from flagged), 5)`;
}

/** Links of the old system that lead to no file this account sees: shown to a person, never uploaded again by themselves. */
export async function flagUnseen(sql: Sql, uuids: readonly string[]): Promise<void> {
  await sql`
    update "CallCenterRecord" set
      "recordingFlag" = 'not_seen_in_drive', "recordingFlagNote" = 'The link leads to a file that this account does not see, or that is in the trash.',
      "recordingFlaggedAt" = coalesce("recordingFlaggedAt", now())
     where "uuid" = any (${uuids as string[]}) and "recordingFlag" is distinct from 'not_seen_in_drive'`;
}

/** Recordings that more than one file in Drive carries, as the old system's retries made them. Returns how many. */
export async function flagTwins(sql: Sql, at: Date): Promise<number> {
  const rows = await sql`
    with twins as (
      select uuid, count(*) as files, string_agg(file_id, ', ' order by file_id) as ids
        from callcenter.drive_files where seen_at >= ${at} and not trashed and uuid is not null
       group by uuid having count(*) > 1
    ), cleared as (
      update "CallCenterRecord" r set "recordingFlag" = null, "recordingFlagNote" = null, "recordingFlaggedAt" = null
       where "recordingFlag" = 'twin_in_drive' and not exists (select from twins where twins.uuid = r."uuid")
    )
    update "CallCenterRecord" r set
      "recordingFlag" = 'twin_in_drive', "recordingFlagNote" = twins.files || ' files in Drive: ' || twins.ids,
      "recordingFlaggedAt" = coalesce("recordingFlaggedAt", now())
      from twins where r."uuid" = twins.uuid
    returning r."uuid"`;
  return rows.length;
}
