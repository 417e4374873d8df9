import {
  type Aggregates,
  QUANTILES,
  type Quantiles,
  type Standing,
  SYNC_WINDOW_HOURS,
  UPLOAD_WINDOW_HOURS,
} from "../store/metrics.ts";
import type { Metric, Sample } from "./prometheus.ts";

// Every metric that comes from PostgreSQL: the same from every process, and as old as the database.

const EVERYWHERE = "From PostgreSQL: the same from every process.";

const counter = (name: string, help: string, samples: Sample[]): Metric => ({
  name: `callcenter_${name}`,
  type: "counter",
  help: `${help} ${EVERYWHERE}`,
  samples,
});

const gauge = (name: string, help: string, samples: Sample[]): Metric => ({
  name: `callcenter_${name}`,
  type: "gauge",
  help: `${help} ${EVERYWHERE}`,
  samples,
});

const one = (value: number): Sample[] => [{ value }];

/** A summary whose quantiles span a window, and whose sum and count span all time. */
const summary = (name: string, help: string, quantiles: Quantiles, sum: number, count: number): Metric => ({
  name: `callcenter_${name}`,
  type: "summary",
  help: `${help} ${EVERYWHERE}`,
  samples: [
    ...QUANTILES.map((quantile) => ({
      labels: { quantile: String(quantile) },
      value: Number(quantiles?.[String(quantile)] ?? Number.NaN),
    })),
    { value: sum, suffix: "_sum" as const },
    { value: count, suffix: "_count" as const },
  ],
});

/** What was counted since the beginning, and how things stand now; without the aggregates where they are not there in time. */
export function measure(standing: Standing, aggregates: Aggregates | null): Metric[] {
  return [...counted(standing, aggregates), ...standingNow(standing), ...(aggregates ? waiting(aggregates) : [])];
}

function counted({ counters }: Standing, aggregates: Aggregates | null): Metric[] {
  const of = (name: string, label = "") => counters.find((row) => row.name === name && row.label === label)?.value ?? 0;
  const byStatus = (name: string, statuses: string[]) =>
    statuses.map((status) => ({ labels: { status }, value: of(name, status) }));
  const syncs = byStatus("sync", ["success", "partial", "failed"]);
  return [
    counter("sync_total", "Days read, by how that ended.", syncs),
    summary(
      "sync_duration_seconds",
      `How long the reading of a day took; quantiles over the last ${SYNC_WINDOW_HOURS} hours, sum and count since the beginning.`,
      aggregates?.syncSeconds ?? null,
      of("sync_seconds"),
      syncs.reduce((sum, { value }) => sum + value, 0),
    ),
    counter("records_synced_total", "Records read and stored, or found stored.", one(of("records_synced"))),
    counter("records_failed_total", "Records that were refused.", one(of("records_failed"))),
    counter(
      "upload_total",
      "Rounds of uploading a recording, by how they ended.",
      byStatus("upload", ["success", "failed"]),
    ),
    summary(
      "upload_duration_seconds",
      `How long a recording took from the PBX to Drive; quantiles over the last ${UPLOAD_WINDOW_HOURS} hour, sum and count since the beginning.`,
      aggregates?.uploadSeconds ?? null,
      of("upload_seconds"),
      of("upload", "success"),
    ),
    counter("upload_bytes_total", "Bytes of recordings that lie in Drive.", one(of("upload_bytes"))),
  ];
}

function standingNow(standing: Standing): Metric[] {
  const { circuits, workersAlive, syncEnabled, driveEnabled, lastCompletedAt } = standing;
  return [
    gauge(
      "circuit_open",
      "1 while a neighbour (pbx_api, pbx_recordings, drive) refuses or fails, and work for it waits.",
      circuits.map(({ neighbour, isOpen }) => ({ labels: { neighbour }, value: Number(isOpen) })),
    ),
    gauge("workers_alive", "Worker processes with a fresh heartbeat.", one(workersAlive)),
    gauge("sync_enabled", "1 where the schedule is on (CALLCENTER_SYNC_ENABLED).", one(Number(syncEnabled))),
    gauge("drive_enabled", "1 where recordings go to Google Drive (GOOGLE_DRIVE_ENABLED).", one(Number(driveEnabled))),
    gauge(
      "last_completed_sync_timestamp_seconds",
      "When a day was last read completely.",
      lastCompletedAt === null ? [] : one(lastCompletedAt),
    ),
  ];
}

function waiting({ queue, incompleteDays, attention, oldestWaitingSeconds }: Aggregates): Metric[] {
  const states = ["ready", "scheduled", "running", "failed"] as const;
  return [
    gauge(
      "queue_jobs",
      "Jobs in the queue, by task and state.",
      queue.flatMap((row) => states.map((state) => ({ labels: { task: row.task, state }, value: row[state] }))),
    ),
    gauge(
      "queue_oldest_ready_seconds",
      "How long the oldest job that could run has waited, by task; 0 where none waits.",
      queue.map(({ task, oldestReadySeconds }) => ({ labels: { task }, value: oldestReadySeconds })),
    ),
    gauge("incomplete_dates", "Days before today that are not complete.", one(incompleteDays)),
    gauge(
      "oldest_waiting_recording_seconds",
      "Age of the oldest call whose recording waits for its upload; 0 where none waits.",
      one(Math.max(oldestWaitingSeconds ?? 0, 0)),
    ),
    gauge(
      "attention",
      "Things that a person must look at, by kind; no line where there is nothing.",
      attention.map(({ kind, count }) => ({ labels: { kind }, value: count })),
    ),
  ];
}
