import type { Sql } from "./open.ts";

/** Queues the look into Drive, unless one waits already; true where it is new. */
export async function requestDriveCheck(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ isNew: boolean }[]>`select callcenter.queue_task('verify_drive') as "isNew"`;
  return row?.isNew ?? false;
}

/** Where a look that was asked for stands. */
export interface DriveCheck {
  /** False once it has ended. */
  isUnderWay: boolean;
  /** Why its last attempt failed; null where none did. */
  lastError: string | null;
  /** Files that the newest look has seen so far, when that look began and whether it came to its end; null before the first ever. */
  files: number;
  beganAt: Date | null;
  isComplete: boolean;
}

export async function findDriveCheck(sql: Sql): Promise<DriveCheck> {
  const [row] = await sql<DriveCheck[]>`
    select coalesce(asked.is_under_way, false) as "isUnderWay", asked.last_error as "lastError",
           coalesce(newest.files, 0) as files, newest.began_at as "beganAt", newest.ended_at is not null as "isComplete"
      from (select) one
      left join (select * from callcenter.drive_looks order by began_at desc limit 1) newest on true
     -- One that was asked for while another ran has a key beside it: see callcenter.queue_task().
     cross join lateral (
       select bool_or(attempts < max_attempts or locked_at is not null) as is_under_way, (array_agg(last_error order by id desc))[1] as last_error
         from graphile_worker.jobs where key in ('verify_drive', 'verify_drive#2', 'verify_drive#3')) asked`;
  return row!;
}

/** What the checked calls of a look came to. */
export interface LookCounts {
  verified: number;
  restored: number;
  lost: number;
  unseen: number;
}

/** A look as an attempt of its job finds it. */
export interface DriveLook {
  /** What was seen since then was seen by this look. */
  at: Date;
  isListed: boolean;
  checkedTo: string;
}

/** Begins a job's look, or goes on with the one that an attempt of a day ago at most was cut short in. */
export async function openLook(sql: Sql, jobId: string, now: Date): Promise<DriveLook> {
  await sql`delete from callcenter.drive_looks where job_id = ${jobId} and began_at < ${now}::timestamptz - interval '1 day'`;
  const [row] = await sql<DriveLook[]>`
    insert into callcenter.drive_looks as l (job_id, began_at) values (${jobId}, ${now})
    on conflict (job_id) do update set files = case when l.listed_at is null then 0 else l.files end
    returning began_at as at, listed_at is not null as "isListed", checked_to as "checkedTo"`;
  return row!;
}

/** Notes that the look has seen more files. */
export async function noteFilesSeen(sql: Sql, jobId: string, files: number): Promise<void> {
  await sql`update callcenter.drive_looks set files = files + ${files} where job_id = ${jobId}`;
}

/** Notes that every file of the folder was seen: another attempt need not list it again. */
export async function noteListed(sql: Sql, jobId: string): Promise<void> {
  await sql`update callcenter.drive_looks set listed_at = now() where job_id = ${jobId}`;
}

/** Notes that the calls up to a uuid are checked. */
export async function noteChecked(sql: Sql, jobId: string, page: LookCounts & { last: string }): Promise<void> {
  await sql`
    update callcenter.drive_looks set
      checked_to = ${page.last}, verified = verified + ${page.verified}, restored = restored + ${page.restored},
      lost = lost + ${page.lost}, unseen = unseen + ${page.unseen}
     where job_id = ${jobId}`;
}

/** Ends a look. Returns what all its attempts came to. */
export async function endLook(sql: Sql, jobId: string): Promise<LookCounts & { files: number }> {
  const [row] = await sql<(LookCounts & { files: number })[]>`
    update callcenter.drive_looks set ended_at = now() where job_id = ${jobId} returning files, verified, restored, lost, unseen`;
  return row!;
}

/** Recordings that are flagged for what lies in Drive and that nobody accepted, by their flag. */
export async function countDriveFlags(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql<{ flag: string; count: number }[]>`
    select "recordingFlag" as flag, count(*)::int as count from "CallCenterRecord" r
     where "recordingFlag" in ('not_seen_in_drive', 'altered_in_drive', 'twin_in_drive')
       and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")
     group by 1 order by 1`;
  return Object.fromEntries(rows.map(({ flag, count }) => [flag, count]));
}
