import * as v from "valibot";
import { dayText, instant } from "./shapes.ts";

const reasons = { reason: v.optional(v.string()), hint: v.optional(v.string()) };
const neighbourPart = v.strictObject({
  status: v.picklist(["ok", "failing", "disabled", "unknown"]),
  since: v.optional(instant),
  last_success_at: v.optional(instant),
  ...reasons,
});

/** What /health answers. */
export const HealthSchema = v.pipe(
  v.strictObject({
    status: v.picklist(["healthy", "degraded", "unhealthy"]),
    scheduler: v.strictObject({
      status: v.picklist(["ok", "failing", "disabled", "unknown"]),
      workers: v.optional(v.number()),
      last_heartbeat_at: v.optional(instant),
      next_run_at: v.optional(instant),
      ...reasons,
    }),
    database: v.strictObject({ status: v.picklist(["ok", "failing"]), ...reasons }),
    google_drive: neighbourPart,
    pbx: neighbourPart,
    last_sync: v.strictObject({
      status: v.pipe(
        v.string(),
        v.description("Of the sync log; none where there is none, unknown without a database."),
      ),
      day: v.optional(dayText),
      sync_type: v.optional(v.string()),
      ended_at: v.optional(instant),
      total_records: v.optional(v.number()),
      success_count: v.optional(v.number()),
      failed_count: v.optional(v.number()),
      ...reasons,
    }),
  }),
  v.metadata({ ref: "Health" }),
);
