import type { RefusedRecord } from "../call.ts";
import type { Day } from "../day.ts";
import type { ErrorCode } from "../errors.ts";
import type { Sql } from "./open.ts";

/**
 * Notes a reading of a day that agreed with itself: the ledger keeps the largest. It proves the day where it began after the day's end. A gap
 * is every id of the largest, and every record that this one refused, that is neither stored nor accepted. Returns the number of gaps. Safe
 * twice.
 */
export async function proveDay(
  sql: Sql,
  day: Day,
  ids: readonly string[],
  refused: readonly RefusedRecord[],
  beganAt: Date,
): Promise<number> {
  const reasons = Object.fromEntries(refused.map(({ uuid, reason }) => [uuid, reason]));
  const [row] = await sql<{ gaps: number }[]>`
    with kept as (
      insert into callcenter.day_ledger as l (day, pbx_total, expected, agreed_at)
      -- As JSON: the driver would make an array's text of a text for each of its items.
      select ${day}, ${ids.length}, array(select jsonb_array_elements_text(${sql.json(ids)})), ${beganAt}
      on conflict (day) do update set
        last_checked_at = now(), agreed_at = greatest(l.agreed_at, excluded.agreed_at), last_code = null, last_reason = null,
        pbx_total = greatest(l.pbx_total, excluded.pbx_total),
        -- The PBX forgets: a smaller reading later does not lower the ledger.
        expected = case when l.pbx_total >= excluded.pbx_total then l.expected else excluded.expected end
      returning day, expected
    ), refused as (
      select key as uuid, value as reason from jsonb_each_text(${sql.json(reasons)})
    ), missing as (
      select kept.day, call.uuid, coalesce(refused.reason, 'not stored') as reason
        -- A record without a uuid has an id of its content: mended it has another one, and this is no gap any more.
        from kept, (
          select id from kept, unnest(expected) as id where not starts_with(id, 'no-uuid:') union select uuid from refused) as call (uuid)
        left join refused using (uuid)
       where not exists (select from "CallCenterRecord" r where r."uuid" = call.uuid)
    ), noted as (
      insert into callcenter.missing_calls (day, uuid, reason) select day, uuid, reason from missing
      on conflict (day, uuid) do update set reason = excluded.reason
    ), healed as (
      delete from callcenter.missing_calls m
       where m.day = ${day} and not exists (select from missing where missing.uuid = m.uuid)
    )
    select count(*)::int as gaps from missing
     where not exists (select from callcenter.acceptances a where a.kind = 'call' and a.uuid = missing.uuid)`;
  // What others are deleting was still there to be seen.
  const [late] = await sql<{ gaps: number }[]>`select callcenter.note_calls_deleted_meanwhile(${day})::int as gaps`;
  return (row?.gaps ?? 0) + (late?.gaps ?? 0);
}

/** Notes that a day was read and nothing was proved, and why. What was proved before stays. */
export async function noteUnprovedDay(sql: Sql, day: Day, code: ErrorCode, reason: string): Promise<void> {
  await sql`
    insert into callcenter.day_ledger (day, last_code, last_reason) values (${day}, ${code}, ${reason})
    on conflict (day) do update set last_checked_at = now(), last_code = excluded.last_code, last_reason = excluded.last_reason`;
}

/**
 * Days to read again, oldest first: never read since they ended or not complete, from the first day that this system read, `daysBack` days back
 * at most. A day that waits for recordings alone is not among them: reading the PBX would not mend it.
 */
export async function daysToCheck(sql: Sql, daysBack: number): Promise<Day[]> {
  const rows = await sql<{ day: Day }[]>`
    select d::date::text as day
      from (select min(day) as day from callcenter.day_ledger) first,
           generate_series(greatest(first.day, callcenter.local_day(now()) - ${daysBack}::int), callcenter.local_day(now()) - 1, '1 day') d
      left join callcenter.day_ledger l on l.day = d::date
     where first.day is not null and (not callcenter.is_proved(d::date, l.agreed_at) or exists (select from callcenter.gaps g where g.day = l.day))
       and not exists (select from callcenter.acceptances a where a.kind = 'day' and a.uuid = d::date::text)
     order by 1`;
  return rows.map(({ day }) => day);
}
