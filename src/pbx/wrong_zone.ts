import { timeOfUuid } from "../call.ts";
import { SyncError } from "../errors.ts";
import type { ReadRecord } from "./record.ts";

const QUARTER_MS = 900_000;
/** PBXs make a call's uuid within the second of its start. */
const NEAR_MS = 2_000;

/**
 * Throws `day_wrong_zone` when most of the page's version-1 uuids, which carry the time of their call, differ from its start by whole
 * hours (or the quarters that some zones have). Better no call than every call stored at the wrong hour.
 */
export function checkZone(records: ReadRecord[], zone: string, subject: string): void {
  let compared = 0;
  let shifted = 0;
  let exampleMs = 0;
  for (const { id, statedStart } of records) {
    const made = statedStart && timeOfUuid(id);
    if (!made) continue;
    compared++;
    const byMs = statedStart.getTime() - made.getTime();
    if (!isShift(byMs)) continue;
    shifted++;
    exampleMs = byMs;
  }
  if (shifted * 2 <= compared) return;
  const hours = Math.round((exampleMs / 3_600_000) * 4) / 4;
  throw new SyncError(
    "day_wrong_zone",
    `Cannot trust ${subject}: wrong time zone? Read in ${zone}, ${shifted} of ${compared} calls start ${Math.abs(hours)} hours ${hours > 0 ? "after" : "before"} their uuids were made`,
  );
}

function isShift(byMs: number): boolean {
  const quarters = Math.round(byMs / QUARTER_MS);
  return quarters !== 0 && Math.abs(quarters) <= 26 * 4 && Math.abs(byMs - quarters * QUARTER_MS) <= NEAR_MS;
}
