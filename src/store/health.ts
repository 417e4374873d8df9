import type { Day } from "../day.ts";
import type { ErrorCode, Neighbour } from "../errors.ts";
import type { Sql } from "./open.ts";

/** What the last word with a neighbour was. */
export interface Circuit {
  neighbour: Neighbour;
  isOpen: boolean;
  code: ErrorCode | null;
  since: Date;
  lastSuccessAt: Date | null;
}

/** All that /health tells, as the database has it. */
export interface Condition {
  /** By the database's clock. */
  now: Date;
  workersAlive: number;
  lastHeartbeatAt: Date | null;
  syncEnabled: boolean;
  driveEnabled: boolean;
  /** The next runs of each task, ISO 8601, as the last worker noted them at its start. */
  schedule: Record<string, string[]>;
  /** When the nightly run is due next; null where the schedule has no single daily time. */
  nextNightlyRunAt: Date | null;
  /** The last night whose run did not happen. */
  missedNight: Day | null;
  circuits: Circuit[];
  lastSync: LastSync | null;
}

export interface LastSync {
  status: string;
  syncType: string;
  day: Day;
  endedAt: string | null;
  totalRecords: number;
  successCount: number;
  failedCount: number;
  errorCode: string | null;
  /** True where its day lacks nothing any more, whatever became of this log. */
  isMended: boolean;
}

/** Seconds without a heartbeat after which a worker counts as dead. */
export const WORKER_SILENCE_SECONDS = 60;

/** The service's condition, in one statement that reads a few rows. */
export async function readCondition(sql: Sql): Promise<Condition> {
  const [row] = await sql<Condition[]>`
    with leases as (
      select count(*) filter (where ended_at is null and heartbeat_at > now() - ${WORKER_SILENCE_SECONDS} * interval '1 second')::int as alive,
             max(heartbeat_at) as last
        from callcenter.worker_leases
    ), nightly as (
      select (callcenter.local_day(now()) + d.n + callcenter.setting('daily_time', null)::time) at time zone callcenter.zone() as at
        from generate_series(0, 1) d (n)
    ), last_sync as (
      select "status", "syncType", callcenter.local_day("dateFrom")::text as day, "endTime" as "endedAt", "totalRecords",
             "successCount", "failedCount", "errorCode",
             not exists (select from callcenter.incomplete_days d
                          where d.day = callcenter.local_day("dateFrom") and (d.unread or d.lacks_calls)) as "isMended"
        from "CallCenterSyncLog" where "status" not in ('running', 'retrying') order by "createdAt" desc, "id" desc limit 1
    )
    select now() as now, leases.alive as "workersAlive", leases.last as "lastHeartbeatAt",
           callcenter.setting('sync_enabled', 'true')::boolean as "syncEnabled", callcenter.drive_enabled() as "driveEnabled",
           coalesce((select value from callcenter.settings where key = 'schedule'), '{}') as schedule,
           (select min(at) from nightly where at > now()) as "nextNightlyRunAt",
           (select subject from callcenter.attention where kind = 'nightly_run_missing') as "missedNight",
           (select json_agg(json_build_object('neighbour', neighbour, 'isOpen', state = 'open', 'code', code, 'since', since,
                                              'lastSuccessAt', last_success_at)) from callcenter.circuits) as circuits,
           (select to_json(last_sync) from last_sync) as "lastSync"
      from leases`;
  const { circuits, ...rest } = row!;
  const instant = (text: unknown) => (text === null ? null : new Date(text as string));
  return {
    ...rest,
    circuits: circuits.map((circuit) => ({
      ...circuit,
      since: new Date(circuit.since),
      lastSuccessAt: instant(circuit.lastSuccessAt),
    })),
  };
}
