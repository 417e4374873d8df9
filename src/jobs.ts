import * as v from "valibot";
import { type Day, isDay } from "./day.ts";
import { syncTypes } from "./sync_log.ts";

/** Days that one request may ask for. */
export const MAX_REQUESTED_DAYS = 366;

/** A day as a caller writes it. */
export const DaySchema = v.custom<Day>(isDay, "must be a calendar day, YYYY-MM-DD");

/** May be left out, or be null, as other programs write what they leave out. */
const leftOut = <T>(schema: v.GenericSchema<T, T>) =>
  v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );

const Cron = v.optional(v.object({ ts: v.string(), backfilled: v.optional(v.boolean()) }));

/**
 * Task name → payload. The one list that both sides share: whoever queues a job and whoever runs it. A task's name is its
 * file in `tasks/`, its identifier in SQL and the beginning of its job key.
 */
export const jobs = {
  /** Without `syncLogId`: queues a day job for each day. With it: is one, and reads its day. */
  daily_sync: v.object({
    dateFrom: leftOut(DaySchema),
    dateTo: leftOut(DaySchema),
    syncType: leftOut(v.picklist(syncTypes)),
    syncLogId: v.optional(v.string()),
    /** Tries at once even where the PBX's circuit is open. */
    probe: v.optional(v.boolean(), false),
    /** Continues a log that failed or ended partial. */
    retry: v.optional(v.boolean(), false),
    _cron: Cron,
  }),
  upload_recording: v.object({ uuid: v.pipe(v.string(), v.minLength(1)) }),
  retry_syncs: v.object({ _cron: Cron }),
  retry_uploads: v.object({
    limit: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 50),
    force: v.nullish(v.boolean(), false),
    _cron: Cron,
  }),
  missing_check: v.object({
    daysBack: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_REQUESTED_DAYS)), 3),
    _cron: Cron,
  }),
  verify_drive: v.object({ _cron: Cron }),
  /** `cleared`: the message that the cause is over. */
  send_alert: v.object({ alertId: v.string(), cleared: v.optional(v.boolean(), false) }),
  /** Nightly: old leases, delivered alerts and the refused records of old logs. */
  prune: v.object({ _cron: Cron }),
} as const;

export type TaskName = keyof typeof jobs;
export type Payload<T extends TaskName> = v.InferOutput<(typeof jobs)[T]>;

/** Attempts in a round of one job: some 4 minutes of Graphile Worker's exponential back-off. */
export const ATTEMPTS_PER_ROUND = 6;

/** Rounds that a recording gets before a person must look at it. */
export const MAX_UPLOAD_ROUNDS = 3;
