import type { Day } from "../day.ts";
import type { Sql } from "./open.ts";

/** How fast work goes: over the last quarter of an hour. */
export interface Rates {
  uploads: number;
  days: number;
  minutes: number;
}

/** What was uploaded and read in that time. */
export async function findRates(sql: Sql): Promise<Rates> {
  const [rates] = await sql<Rates[]>`
    select (select count(*) from callcenter.call_events where at > now() - interval '15 minutes' and event = 'uploaded')::int as uploads,
           (select count(*) from "CallCenterSyncLog"
             where "createdAt" > now() - interval '1 day' and "endTime" > now() - interval '15 minutes' and "status" <> 'failed')::int as days,
           15 as minutes`;
  return rates!;
}

/** How far a backfill has come. */
export interface BackfillRow {
  id: string;
  from: Day;
  to: Day;
  createdAt: Date;
  days: number;
  ended: number;
  failed: number;
}

/** The backfills of the last weeks of which a day has not ended, newest first. */
export async function findOpenBackfills(sql: Sql): Promise<BackfillRow[]> {
  return sql<BackfillRow[]>`
    select b.id, b.date_from::text as from, b.date_to::text as to, b.created_at as "createdAt", count(*)::int as days,
           count(*) filter (where log."status" in ('completed', 'partial', 'failed'))::int as ended,
           count(*) filter (where log."status" in ('partial', 'failed'))::int as failed
      from callcenter.backfills b
      join callcenter.backfill_days d on d.backfill_id = b.id
      left join "CallCenterSyncLog" log on log."id" = d.sync_log_id
     where b.created_at > now() - interval '21 days'
     group by b.id
    having count(*) > count(*) filter (where log."status" in ('completed', 'partial', 'failed'))
     order by b.created_at desc limit 5`;
}

/** When a backfill was asked for; null where there is no such backfill. */
export async function findBackfillTime(sql: Sql, id: string): Promise<Date | null> {
  const [row] = await sql<
    { createdAt: Date }[]
  >`select created_at as "createdAt" from callcenter.backfills where id = ${id}`;
  return row?.createdAt ?? null;
}
