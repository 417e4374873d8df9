import type { Call, RefusedRecord } from "./call.ts";
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

/** What the pages of a day's reading have come to so far: how many calls were stored, and the records that were refused. */
export class Tally {
  #stored = 0;
  readonly #refused = new Map<string, RefusedRecord>();

  /** Takes the calls of a page, those among them that the database refused, and the records that were refused before. */
  add(
    page: { calls: readonly Call[]; refused: readonly RefusedRecord[] },
    refusedCalls: readonly RefusedRecord[],
  ): void {
    this.#stored += page.calls.length - refusedCalls.length;
    for (const { uuid } of page.calls) this.#refused.delete(uuid); // mended since an earlier reading
    for (const record of [...page.refused, ...refusedCalls]) {
      // The log shows no more of them whole: those of a list that never ends would fill the memory.
      const isShown = this.#refused.size < MAX_FAILED_ITEMS;
      this.#refused.set(record.uuid, isShown ? record : { ...record, record: null });
    }
  }

  get refused(): RefusedRecord[] {
    return [...this.#refused.values()];
  }

  get counts(): SyncCounts {
    const failedCount = this.#refused.size;
    return { totalRecords: this.#stored + failedCount, successCount: this.#stored, failedCount };
  }
}
