import type { Neighbour } from "../errors.ts";
import type { Sql } from "./open.ts";
import { findQueue, type QueueRow } from "./queue.ts";

/** The counts that only grow, of all processes since the beginning, by name and label. */
export interface Counter {
  name: string;
  label: string;
  value: number;
}

/** What a scrape reads anew each time: a handful of rows. */
export interface Standing {
  counters: Counter[];
  circuits: { neighbour: Neighbour; isOpen: boolean }[];
  workersAlive: number;
  syncEnabled: boolean;
  driveEnabled: boolean;
  /** Seconds since 1970; null where no day was ever completed. */
  lastCompletedAt: number | null;
}

/** Reads them in one statement. A worker that was silent for longer than `silenceSeconds` is not alive. */
export async function readStanding(sql: Sql, silenceSeconds: number): Promise<Standing> {
  const [row] = await sql<Standing[]>`
    select coalesce((select json_agg(json_build_object('name', name, 'label', label, 'value', value)) from callcenter.counters), '[]') as counters,
           (select json_agg(json_build_object('neighbour', neighbour, 'isOpen', state = 'open') order by neighbour) from callcenter.circuits) as circuits,
           (select count(*)::int from callcenter.worker_leases
             where ended_at is null and heartbeat_at > now() - ${silenceSeconds} * interval '1 second') as "workersAlive",
           callcenter.setting('sync_enabled', 'true')::boolean as "syncEnabled", callcenter.drive_enabled() as "driveEnabled",
           (select extract(epoch from max("endTime"))::float8 from "CallCenterSyncLog" where "status" = 'completed') as "lastCompletedAt"`;
  return row!;
}

/** Quantiles by their number, such as 0.95; null where nothing was observed. */
export type Quantiles = Record<string, number> | null;

/** What takes a while at millions of jobs or calls: asked for seldom. */
export interface Aggregates {
  queue: QueueRow[];
  incompleteDays: number;
  attention: { kind: string; count: number }[];
  /** Age of the oldest call whose recording waits for its upload; null where none waits. */
  oldestWaitingSeconds: number | null;
  syncSeconds: Quantiles;
  uploadSeconds: Quantiles;
}

export const QUANTILES = [0.5, 0.9, 0.95, 0.99];

/** The windows of the quantiles: days are few, uploads many. */
export const SYNC_WINDOW_HOURS = 24;
export const UPLOAD_WINDOW_HOURS = 1;
const NEWEST_UPLOADS = 10_000;

/** Reads them in three statements at once: some 40 ms at a million calls, longer with as many jobs. */
export async function readAggregates(sql: Sql): Promise<Aggregates> {
  const [queue, attention, [row]] = await Promise.all([
    findQueue(sql),
    sql<{ kind: string; count: number }[]>`
      select kind, count(*)::int as count from callcenter.attention group by kind order by kind`,
    sql<Omit<Aggregates, "queue" | "attention">[]>`
      with synced as (
        select percentile_cont(${QUANTILES}::float8[]) within group (order by extract(epoch from "endTime" - "triedAt")::float8) as q
          from "CallCenterSyncLog" where "endTime" > now() - ${SYNC_WINDOW_HOURS} * interval '1 hour' and not "adopted"
           and "createdAt" > now() - interval '30 days'
      ), newest as (
        select uuid from callcenter.call_events
         where at > now() - ${UPLOAD_WINDOW_HOURS} * interval '1 hour' and event = 'uploaded' order by at desc limit ${NEWEST_UPLOADS}
      ), uploaded as (
        select percentile_cont(${QUANTILES}::float8[]) within group (order by r."uploadSeconds"::float8) as q
          from newest join "CallCenterRecord" r on r."uuid" = newest.uuid
      )
      select (select count(*)::int from callcenter.incomplete_days) as "incompleteDays",
             (select extract(epoch from now() - min(oldest."startTime"))::float8
                from callcenter.outcomes() o cross join lateral (
                  select r."startTime" from "CallCenterRecord" r
                   where callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadedPath", r."uploadRetryCount") = o.state
                     and coalesce(r."disposition", '') = o.disposition and r."startTime" at time zone 'UTC' is not null
                     and not exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid")
                   order by r."startTime" at time zone 'UTC' limit 1) oldest
               where o.state = 'pending' and callcenter.drive_enabled()) as "oldestWaitingSeconds",
             (select json_object(array(select quantile::text from unnest(${QUANTILES}::float8[]) quantile), q::text[]) from synced where q is not null) as "syncSeconds",
             (select json_object(array(select quantile::text from unnest(${QUANTILES}::float8[]) quantile), q::text[]) from uploaded where q is not null) as "uploadSeconds"`,
  ]);
  return { queue, attention: [...attention], ...row! };
}
