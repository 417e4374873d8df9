import type { Day } from "../../day.ts";
import type { DayRow } from "../../store/dashboard_days.ts";
import type { Tone } from "./parts.ts";

/** What the calendar paints a day in. `unknown`: never read, and before everything that is known; `future`: not come yet. */
export type DayState = "complete" | "accepted" | "incomplete" | "running" | "not_read" | "today" | "unknown" | "future";

/**
 * Where a day stands. `running` is what mends itself: its job is queued or runs, or all that lacks are recordings on their way to Drive.
 */
export function stateOf(day: Day, row: DayRow | undefined, today: Day): DayState {
  if (day > today) return "future";
  if (day === today) return "today";
  if (!row) return "unknown";
  if (row.isQueued || row.isRunning) return "running";
  if (row.isComplete) return row.isAccepted ? "accepted" : "complete";
  if (row.lastCheckedAt === null) return "not_read";
  const waitsForUploads = row.pbxTotal !== null && row.gaps === 0 && row.failed === 0 && row.pending > 0;
  return waitsForUploads ? "running" : "incomplete";
}

export const stateTones: Record<DayState, Tone> = {
  complete: "ok",
  accepted: "accepted",
  incomplete: "bad",
  running: "work",
  not_read: "none",
  today: "none",
  unknown: "none",
  future: "none",
};
