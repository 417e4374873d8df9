-- The two tables as Prisma's migration makes them from the models of the Python system.
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
CREATE INDEX "CallCenterSyncLog_dateFrom_dateTo_idx" ON "CallCenterSyncLog"("dateFrom", "dateTo");
