import type { Day } from "../day.ts";
import type { SyncStatus, SyncType } from "../sync_log.ts";
import type { Place } from "./call_list.ts";
import type { Sql } from "./open.ts";

export interface SyncFilter {
  status?: SyncStatus | undefined;
  syncType?: SyncType | undefined;
  /** Logs whose days hold this one. */
  day?: Day | undefined;
}

/** A sync log as lists show it, in the table's own words; its dates are days. */
export interface ListedSync {
  id: string;
  syncType: string;
  status: string;
  startTime: Date;
  endTime: Date | null;
  dateFrom: Day;
  dateTo: Day;
  totalRecords: number;
  successCount: number;
  failedCount: number;
  retryCount: number;
  errorCode: string | null;
  errorMessage: string | null;
  /** True where the old system wrote it: it is history. */
  adopted: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export interface StoredSync extends ListedSync {
  /** What was refused, each with its reason and the record as it came. */
  failedItems: unknown;
}

const listedColumns = (sql: Sql) => sql`
  "id", "syncType", "status", "startTime", "endTime", callcenter.local_day("dateFrom")::text as "dateFrom",
  callcenter.local_day("dateTo")::text as "dateTo", "totalRecords", "successCount", "failedCount", "retryCount", "errorCode",
  "errorMessage", "adopted", "createdAt", "updatedAt"`;

/** Sync logs, newest first; at most `limit` of them behind `after`. */
export async function listSyncs(
  sql: Sql,
  { status, syncType, day }: SyncFilter,
  { limit, after }: { limit: number; after?: Place | undefined },
): Promise<ListedSync[]> {
  return sql<ListedSync[]>`
    select ${listedColumns(sql)} from "CallCenterSyncLog"
     where true
       ${status ? sql`and "status" = ${status}` : sql``}
       ${syncType ? sql`and "syncType" = ${syncType}` : sql``}
       ${day ? sql`and "dateFrom" < (select callcenter.day_start(${day}::date + 1)) and "dateTo" >= (select callcenter.day_start(${day}))` : sql``}
       ${after ? sql`and ("createdAt", "id") < (${after.at}, ${after.id})` : sql``}
     order by "createdAt" desc, "id" desc limit ${limit}`;
}

/** One sync log with what it refused; undefined where there is none. */
export async function findSync(sql: Sql, id: string): Promise<StoredSync | undefined> {
  const [row] = await sql<StoredSync[]>`
    select ${listedColumns(sql)}, "failedItems" from "CallCenterSyncLog" where "id" = ${id}`;
  return row;
}
