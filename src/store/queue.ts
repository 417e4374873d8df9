import type { Day } from "../day.ts";
import type { SyncType } from "../sync_log.ts";
import type { Sql } from "./open.ts";

/** A day job that was asked for: the id of its log, and whether it was not queued already. */
export interface QueuedDay {
  day: Day;
  syncLogId: string;
  isNew: boolean;
}

/** Queues one job a day, in the order given; a day that is queued or runs already is left alone. */
export async function queueDays(
  sql: Sql,
  days: readonly Day[],
  options: { syncType: SyncType; priority: number },
): Promise<QueuedDay[]> {
  return sql<QueuedDay[]>`
    select day::text as day, sync_log_id as "syncLogId", is_new as "isNew"
      from callcenter.queue_days(${days as Day[]}::date[], ${options.syncType}, ${options.priority})`;
}

/** Sees to it that no more days are read at once than the shared setting says, also of those queued under another. Returns how many it moved. */
export async function keepToQueues(sql: Sql): Promise<number> {
  const [row] = await sql<{ moved: number }[]>`select callcenter.keep_to_queues()::int as moved`;
  return row?.moved ?? 0;
}

/** One task's jobs: `callcenter.queue`. */
export interface QueueRow {
  task: string;
  ready: number;
  scheduled: number;
  running: number;
  failed: number;
  oldestReadySeconds: number;
}

/** A row for each task; none where no worker has ever started. Counts all jobs: at a million of them it takes some 0.4 s. */
export async function findQueue(sql: Sql): Promise<QueueRow[]> {
  return sql<QueueRow[]>`
    select task, ready::int, scheduled::int, running::int, failed::int, oldest_ready_seconds as "oldestReadySeconds" from callcenter.queue`;
}
