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
  /** Files that the newest look has seen so far, and when that look began; null before the first ever. */
  files: number;
  beganAt: Date | null;
}

export async function findDriveCheck(sql: Sql): Promise<DriveCheck> {
  const [row] = await sql<DriveCheck[]>`
    with newest as (select max(seen_at) as at from callcenter.drive_files)
    select coalesce(j.attempts < j.max_attempts or j.locked_at is not null, false) as "isUnderWay", j.last_error as "lastError",
           (select count(*) from callcenter.drive_files f where f.seen_at = newest.at)::int as files, newest.at as "beganAt"
      from newest left join graphile_worker.jobs j on j.key = 'verify_drive'`;
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
