import type { Day } from "../day.ts";
import type { Sql } from "./open.ts";

/** Things of `callcenter.attention` that have one cure: the same kind, the same hint. */
export interface AttentionGroup {
  kind: string;
  hint: string;
  count: number;
  /** Of the oldest. */
  since: Date;
  reason: string;
  /** The oldest of them: a day, a call, a neighbour. */
  subject: string;
  /** The local days that they belong to, newest first, `limit` at most, with how many belong there. */
  days: { day: Day; count: number }[];
}

/** What a person must look at, grouped, the gravest first. */
export async function findAttention(sql: Sql, limit: number): Promise<AttentionGroup[]> {
  return sql<AttentionGroup[]>`
    with things as (
      select a.*, case when starts_with(a.kind, 'recording_') then callcenter.local_day(r."startTime")
                       when a.subject ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then a.subject::date end as day
        from callcenter.attention a left join "CallCenterRecord" r on starts_with(a.kind, 'recording_') and r."uuid" = a.subject
    ), by_day as (
      select kind, hint, day, count(*) as count, row_number() over (partition by kind, hint order by day desc) as place
        from things where day is not null group by kind, hint, day
    )
    select t.kind, t.hint, count(*)::int as count, min(t.since) as since, (array_agg(t.reason order by t.since, t.subject))[1] as reason,
           (array_agg(t.subject order by t.since, t.subject))[1] as subject,
           coalesce((select jsonb_agg(jsonb_build_object('day', d.day, 'count', d.count) order by d.day desc) from by_day d
                      where d.kind = t.kind and d.hint = t.hint and d.place <= ${limit}), '[]') as days
      from things t group by t.kind, t.hint
     order by case when t.kind = 'no_worker' then 0 when t.kind = 'nightly_run_missing' then 2
                   when t.kind in ('day_incomplete', 'days_not_read', 'no_calls') then 3 when t.kind = 'recording_given_up' then 4
                   when starts_with(t.kind, 'recording_') then 5 when t.kind in ('zone_changed', 'alert_undelivered') then 6 else 1 end,
              min(t.since)`;
}
