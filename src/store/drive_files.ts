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

/** A recording with a link whose file was not seen, or was seen trashed or altered. */
export interface Doubt {
  uuid: string;
  /** Empty where the link holds no id. */
  fileId: string;
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

/** Sets what a call `r` is flagged with where that was its file's absence. */
export const withoutDriveFlag = (sql: Sql) => {
  const kept = sql`case when r."recordingFlag" in ('not_seen_in_drive', 'altered_in_drive') then null else`;
  return sql`
    "recordingFlag" = ${kept} r."recordingFlag" end, "recordingFlagNote" = ${kept} r."recordingFlagNote" end,
    "recordingFlaggedAt" = ${kept} r."recordingFlaggedAt" end`;
};

/** How old a proof becomes before a look renews it: a row that is as it was is not written every week. */
const PROOF_DAYS = 60;

/** What a look says of some calls, in the order of their uuids. */
export interface CheckedCalls {
  /** The last of them; null where there was none. */
  last: string | null;
  /** Recordings that lie in Drive as they should, and those among them that had lost their link. */
  verified: number;
  restored: number;
  doubts: Doubt[];
}

/**
 * Holds calls against the look that began at `at` (or another one since): one call, or `limit` of those after a uuid. What lies in Drive as it
 * was uploaded is proved; where the link was taken away it is given back, and a flag that said otherwise is gone. Left out of the doubts are
 * recordings uploaded since `at`, and those that are to be replaced anyway. Drive's lists lag: each file is to be asked for before it counts.
 */
export async function checkCalls(
  sql: Sql,
  at: Date,
  which: { uuid: string } | { after: string; limit: number },
): Promise<CheckedCalls> {
  const [scope, limit] =
    "uuid" in which ? [sql`"uuid" = ${which.uuid}`, 1] : [sql`"uuid" > ${which.after}`, which.limit];
  const [row] = await sql<CheckedCalls[]>`
    with calls as materialized (
      select "uuid", "googleDriveUrl", "driveFileId", "driveMd5", "driveSizeBytes", "driveVerifiedAt", "driveFileId" is null as is_adopted,
             coalesce("driveFileId", substring("googleDriveUrl" from ${LINKED_ID})) as file_id,
             coalesce("uploadedPath" = "recordingPath", true) as is_current
        from "CallCenterRecord"
       where ${scope} and ("googleDriveUrl" is not null or "driveMd5" is not null) order by "uuid" limit ${limit}
    ), judged as materialized (
      select c.*, f.url, f.file_id is not null as is_seen, coalesce(f.trashed, false) as is_trashed,
             f.size_bytes > 0 and (c.is_adopted or c."driveMd5" = f.md5 and c."driveSizeBytes" = f.size_bytes) as is_whole
        from calls c left join callcenter.drive_files f on f.file_id = c.file_id and f.seen_at >= ${at}
    ), sound as materialized (
      select * from judged where is_seen and not is_trashed and is_whole and is_current
    ), unproved as (
      select r."uuid", sound.url, r."googleDriveUrl" is null as is_lost
        from sound join "CallCenterRecord" r on r."uuid" = sound."uuid"
       where (r."googleDriveUrl", r."driveFileId", r."driveMd5") is not distinct from (sound."googleDriveUrl", sound."driveFileId", sound."driveMd5")
         and coalesce(r."uploadedPath" = r."recordingPath", true)
         and (r."googleDriveUrl" is null or r."driveVerifiedAt" is null or r."driveVerifiedAt" < ${at}::timestamptz - ${PROOF_DAYS} * interval '1 day'
           or r."recordingFlag" in ('not_seen_in_drive', 'altered_in_drive'))
       order by r."uuid" for update of r
    ), proved as (
      update "CallCenterRecord" r set
        "driveVerifiedAt" = ${at}, "googleDriveUrl" = coalesce(r."googleDriveUrl", unproved.url),
        "uploadErrorCode" = case when not is_lost then r."uploadErrorCode" end, "uploadError" = case when not is_lost then r."uploadError" end,
        "updatedAt" = case when is_lost then now() else r."updatedAt" end, ${withoutDriveFlag(sql)}
        from unproved where r."uuid" = unproved."uuid"
      returning r."uuid", unproved.is_lost
    ), noted as (
      insert into callcenter.call_events (uuid, event) select "uuid", 'link_restored' from proved where is_lost
    ), doubts as (
      select "uuid", coalesce(file_id, '') as "fileId", "driveMd5" as md5, "driveSizeBytes" as "sizeBytes", is_adopted as "isAdopted"
        from judged
       where "googleDriveUrl" is not null and is_current and ("driveVerifiedAt" is null or "driveVerifiedAt" < ${at})
         and (not is_seen or is_trashed or not is_whole)
    )
    select (select max("uuid") from calls) as last, (select count(*) from sound)::int as verified,
           (select count(*) from proved where is_lost)::int as restored,
           (select coalesce(json_agg(d order by "uuid"), '[]') from doubts d) as doubts`;
  return row!;
}

/**
 * Our own files that the look that began at `at` found gone or changed, unless they were uploaded since: without link from now on, flagged, and
 * queued again. What is known of each is kept: should the file be there again as it was, the link is given back; whether the id leads nowhere
 * any more is for the upload to say.
 */
export async function uploadAgain(
  sql: Sql,
  found: readonly { uuid: string; what: "deleted" | "trashed" | "altered" }[],
  at: Date,
): Promise<void> {
  await sql`
    with lost as materialized (
      select r."uuid", d.what
        from jsonb_to_recordset(${sql.json(found as never)}) as d ("uuid" text, what text)
        join "CallCenterRecord" r on r."uuid" = d."uuid"
       where r."googleDriveUrl" is not null and (r."driveVerifiedAt" is null or r."driveVerifiedAt" < ${at})
       order by r."uuid" for update of r
    ), flagged as (
      update "CallCenterRecord" r set
        "googleDriveUrl" = null, "driveVerifiedAt" = null, "driveSessionUri" = null, "uploadRetryCount" = 0,
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
    with unseen as materialized (
      select "uuid" from "CallCenterRecord"
       where "uuid" = any (${uuids as string[]}) and "recordingFlag" is distinct from 'not_seen_in_drive' order by "uuid" for update
    )
    update "CallCenterRecord" r set
      "recordingFlag" = 'not_seen_in_drive', "recordingFlagNote" = 'The link leads to a file that this account does not see, or that is in the trash.',
      "recordingFlaggedAt" = coalesce("recordingFlaggedAt", now())
      from unseen where r."uuid" = unseen."uuid"`;
}

/** Recordings that more than one file in Drive carries, as the old system's retries made them. Returns how many. */
export async function flagTwins(sql: Sql, at: Date): Promise<number> {
  const [row] = await sql<{ twins: number }[]>`
    with twins as materialized (
      select uuid, count(*) || ' files in Drive: ' || string_agg(file_id, ', ' order by file_id) as note
        from callcenter.drive_files where seen_at >= ${at} and not trashed and uuid is not null
       group by uuid having count(*) > 1
    ), concerned as materialized (
      select uuid from twins union select "uuid" from "CallCenterRecord" where "recordingFlag" = 'twin_in_drive'
    ), judged as materialized (
      select r."uuid", twins.note
        from concerned join "CallCenterRecord" r on r."uuid" = concerned.uuid left join twins on twins.uuid = concerned.uuid
       order by r."uuid" for update of r
    ), flagged as (
      update "CallCenterRecord" r set
        "recordingFlag" = case when note is not null then 'twin_in_drive' end, "recordingFlagNote" = note,
        "recordingFlaggedAt" = case when note is not null then coalesce(r."recordingFlaggedAt", now()) end
        from judged
       where r."uuid" = judged."uuid" and (r."recordingFlag", r."recordingFlagNote") is distinct from (
         case when note is not null then 'twin_in_drive' end, note)
    )
    select count(*)::int as twins from judged where note is not null`;
  return row!.twins;
}
