import type { RefusedRecord } from "./call.ts";
import type { Day } from "./day.ts";

/** Why a day was read: the nightly run, a person, a retry, the check for missing calls. It never changes. */
export const syncTypes = ["daily", "manual", "retry", "missing_check"] as const;
export type SyncType = (typeof syncTypes)[number];

export const syncStatuses = ["running", "completed", "partial", "failed", "retrying"] as const;
export type SyncStatus = (typeof syncStatuses)[number];

/** Where a day's reading stands after the pages so far. */
export interface SyncCounts {
  totalRecords: number;
  successCount: number;
  failedCount: number;
}

/** How a day's reading ended. */
export interface SyncOutcome extends SyncCounts {
  status: "completed" | "partial" | "failed";
  errorCode: string | null;
  errorMessage: string | null;
  failedItems: RefusedRecord[];
}

/** How many refused records a log keeps; the count is exact beyond it. */
export const MAX_FAILED_ITEMS = 1_000;

/** One day of one run. */
export interface SyncLog {
  id: string;
  syncType: SyncType;
  status: SyncStatus;
  day: Day;
  retryCount: number;
}
