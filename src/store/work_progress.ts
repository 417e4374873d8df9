import type { Day } from "../day.ts";
import type { SyncType } from "../sync_log.ts";
import type { BackfillDay } from "./backfills.ts";
import type { Sql } from "./open.ts";
import type { QueuedDay } from "./queue.ts";

/** Day jobs that were queued together, and what became of each, as `findBackfillDays` tells it of a backfill's. */
export async function findQueuedDays(
  sql: Sql,
  queued: readonly QueuedDay[],
  syncType: SyncType,
): Promise<BackfillDay[]> {
  return sql<BackfillDay[]>`
    select d.day::text as day,
           case when log."id" is not null then log."status"
                when exists (select from graphile_worker.jobs j where j.key = format('daily_sync:%s:%s', ${syncType}::text, d.day)) then 'queued'
                else 'failed' end as status,
           coalesce(log."totalRecords", 0) as "totalRecords", coalesce(log."successCount", 0) as "successCount",
           coalesce(log."failedCount", 0) as "failedCount"
      from unnest(${queued.map(({ day }) => day)}::date[], ${queued.map(({ syncLogId }) => syncLogId)}::text[]) as d (day, sync_log_id)
      left join "CallCenterSyncLog" log on log."id" = d.sync_log_id
     order by d.day desc`;
}

/**
 * True of a job `j` that goes on with its recording `r` soon: one that the PBX does not have yet may be put off for half an hour. While a
 * neighbour is away all rest, and go on when it is back.
 */
const goesOn = (sql: Sql) => sql`
  (j.attempts < j.max_attempts or j.locked_at is not null)
  and not (coalesce(r."uploadErrorCode" = 'recording_not_ready', false) and j.locked_at is null and j.run_at > now() + interval '1 minute'
    and not exists (select from callcenter.circuits where state = 'open' and neighbour in ('pbx_recordings', 'drive')))`;

/** How many recordings of these days have a job that goes on with them. */
export async function countUploadJobs(sql: Sql, days: readonly Day[]): Promise<number> {
  const [row] = await sql<{ jobs: number }[]>`
    select count(*)::int as jobs
      from unnest(${days as Day[]}::date[]) as d (day)
      join "CallCenterRecord" r on r."startTime" >= callcenter.day_start(d.day) and r."startTime" < callcenter.day_start(d.day + 1)
      join graphile_worker.jobs j on j.key = 'upload_recording:' || r."uuid"
     where r."recordingPath" is not null and (r."googleDriveUrl" is null or r."uploadedPath" <> r."recordingPath")
       and ${goesOn(sql)}`;
  return row?.jobs ?? 0;
}

export interface UploadsOf {
  total: number;
  /** In Drive. */
  done: number;
  /** Without a link, and no job goes on with them at the moment. */
  failed: number;
}

/** How far the uploads of these recordings are. */
export async function findUploads(sql: Sql, uuids: readonly string[]): Promise<UploadsOf> {
  const [row] = await sql<UploadsOf[]>`
    select count(*)::int as total, count(*) filter (where in_drive)::int as done,
           count(*) filter (where not in_drive and not has_job)::int as failed
      from (select r."googleDriveUrl" is not null and coalesce(r."uploadedPath" = r."recordingPath", true) as in_drive,
                   exists (select from graphile_worker.jobs j
                            where j.key = 'upload_recording:' || r."uuid" and ${goesOn(sql)}) as has_job
              from "CallCenterRecord" r where r."uuid" = any (${uuids as string[]})) recordings`;
  return row ?? { total: 0, done: 0, failed: 0 };
}

/** What keeps queued work from moving, in the order of how much it stops. */
export interface Obstacles {
  workers: number;
  circuits: { neighbour: string; reason: string; nextProbeAt: Date | null }[];
}

export async function findObstacles(sql: Sql): Promise<Obstacles> {
  const [row] = await sql<Obstacles[]>`
    select (select count(*) from callcenter.worker_leases where ended_at is null and heartbeat_at > now() - interval '60 seconds')::int as workers,
           (select coalesce(json_agg(json_build_object('neighbour', neighbour, 'reason', reason, 'nextProbeAt', next_probe_at) order by since), '[]')
              from callcenter.circuits where state = 'open') as circuits`;
  const circuits = row!.circuits.map((circuit) => {
    const { nextProbeAt } = circuit;
    return { ...circuit, nextProbeAt: nextProbeAt === null ? null : new Date(nextProbeAt) };
  });
  return { workers: row!.workers, circuits };
}
