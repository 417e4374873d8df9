import type { Sql } from "../../src/store/open.ts";

/** The two tables as `prisma migrate` makes them of the old system's models. */
const PRISMA = `
CREATE TABLE "CallCenterRecord" (
    "id" TEXT NOT NULL,
    "uuid" TEXT NOT NULL,
    "callerId" TEXT,
    "callerName" TEXT,
    "destination" TEXT,
    "direction" TEXT,
    "duration" INTEGER NOT NULL DEFAULT 0,
    "billSec" INTEGER NOT NULL DEFAULT 0,
    "startTime" TIMESTAMP(3),
    "answerTime" TIMESTAMP(3),
    "endTime" TIMESTAMP(3),
    "disposition" TEXT,
    "recordingPath" TEXT,
    "googleDriveUrl" TEXT,
    "uploadRetryCount" INTEGER NOT NULL DEFAULT 0,
    "rawData" JSONB,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "CallCenterRecord_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "CallCenterSyncLog" (
    "id" TEXT NOT NULL,
    "syncType" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "startTime" TIMESTAMP(3) NOT NULL,
    "endTime" TIMESTAMP(3),
    "dateFrom" TIMESTAMP(3) NOT NULL,
    "dateTo" TIMESTAMP(3) NOT NULL,
    "totalRecords" INTEGER NOT NULL DEFAULT 0,
    "successCount" INTEGER NOT NULL DEFAULT 0,
    "failedCount" INTEGER NOT NULL DEFAULT 0,
    "retryCount" INTEGER NOT NULL DEFAULT 0,
    "errorMessage" TEXT,
    "failedItems" JSONB,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "CallCenterSyncLog_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "CallCenterRecord_uuid_key" ON "CallCenterRecord"("uuid");
CREATE INDEX "CallCenterRecord_startTime_idx" ON "CallCenterRecord"("startTime");
CREATE INDEX "CallCenterRecord_callerId_idx" ON "CallCenterRecord"("callerId");
CREATE INDEX "CallCenterRecord_destination_idx" ON "CallCenterRecord"("destination");
CREATE INDEX "CallCenterSyncLog_status_idx" ON "CallCenterSyncLog"("status");
CREATE INDEX "CallCenterSyncLog_syncType_idx" ON "CallCenterSyncLog"("syncType");
CREATE INDEX "CallCenterSyncLog_dateFrom_dateTo_idx" ON "CallCenterSyncLog"("dateFrom", "dateTo");`;

/** Makes the old system's tables, with so many calls (every fifth recording has no link) and one failed log. */
export async function makeOldSystem(sql: Sql, calls: number): Promise<void> {
  await sql.unsafe(PRISMA).simple();
  await sql`
    insert into "CallCenterRecord" ("id", "uuid", "startTime", "recordingPath", "googleDriveUrl", "updatedAt")
    select 'c' || n, 'u' || n, timestamp '2024-01-14 10:00' + n * interval '1 second', n || '.wav',
           case when n % 5 > 0 then 'https://drive.google.com/file/d/file' || n || '/view' end, now()
      from generate_series(1, ${calls}) n`;
  await sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "startTime", "dateFrom", "dateTo", "updatedAt")
    values ('l1', 'daily', 'failed', now(), '2024-01-14', '2024-01-14', now())`;
}
