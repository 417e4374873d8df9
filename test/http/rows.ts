import type { Sql } from "../../src/store/open.ts";

export interface CallRow {
  uuid: string;
  callerId?: string | null;
  callerName?: string | null;
  destination?: string | null;
  startTime?: Date | string | null;
  disposition?: string | null;
  recordingPath?: string | null;
  googleDriveUrl?: string | null;
  uploadRetryCount?: number;
  driveFileId?: string | null;
  driveSessionUri?: string | null;
  driveVerifiedAt?: Date | null;
  uploadedPath?: string | null;
  uploadSeconds?: number | null;
  uploadErrorCode?: string | null;
  uploadError?: string | null;
  recordingFlag?: string | null;
  recordingFlaggedAt?: Date | null;
  adopted?: boolean;
}

/** Writes calls as they stand, with none of the ways by which they come there. */
export async function insertCalls(sql: Sql, calls: readonly CallRow[]): Promise<void> {
  for (const call of calls)
    await sql`insert into "CallCenterRecord" ${sql({ startTime: new Date(), ...call } as never)}`;
}

export interface LogRow {
  id: string;
  day: string;
  syncType?: string;
  status?: string;
  createdAt?: Date | string;
  endTime?: Date | string | null;
  errorCode?: string | null;
  errorMessage?: string | null;
  retryCount?: number;
  adopted?: boolean;
}

/** Writes sync logs as they stand. */
export async function insertLogs(sql: Sql, logs: readonly LogRow[]): Promise<void> {
  for (const { day, ...log } of logs) {
    const row = { syncType: "daily", status: "completed", createdAt: new Date(), endTime: new Date(), ...log };
    await sql`
      with day as (select callcenter.day_start(${day}) as start)
      insert into "CallCenterSyncLog" ("id", "syncType", "status", "createdAt", "endTime", "dateFrom", "dateTo", "errorCode", "errorMessage", "retryCount", "adopted", "totalRecords", "successCount")
      select ${row.id}, ${row.syncType}, ${row.status}, ${row.createdAt}, ${row.endTime}, start, start, ${row.errorCode ?? null},
             ${row.errorMessage ?? null}, ${row.retryCount ?? 0}, ${row.adopted ?? false}, 10, 10 from day`;
  }
}

/** The keys of all queued jobs, sorted. */
export async function queuedKeys(sql: Sql): Promise<string[]> {
  const rows = await sql<{ key: string }[]>`select key from graphile_worker.jobs order by key`;
  return rows.map(({ key }) => key);
}

/** A worker that lives. */
export async function insertWorker(sql: Sql, heartbeatAt: Date = new Date()): Promise<void> {
  await sql`insert into callcenter.worker_leases (process_id, instance, heartbeat_at) values (${crypto.randomUUID()}, 'test', ${heartbeatAt})`;
}
