import { type ErrorCode, meaningOf, meanings } from "../errors.ts";
import type { Sql } from "./open.ts";

/** What the views and the other processes must know of a worker's configuration. No secrets. */
export interface SharedSettings {
  zone: string;
  drive_enabled: boolean;
  sync_enabled: boolean;
  pbx_concurrency: number;
  max_retries: number;
  default_days_back: number;
  /** `HH:MM` of the nightly run, null where the crontab says something that is no single daily time. */
  daily_time: string | null;
  /** The next runs of each task of the schedule, ISO 8601 in business time. */
  schedule: Record<string, string[]>;
}

/**
 * Writes what changed. Returns the zone of the last start where it was another one: what was counted then was
 * counted in other days.
 */
export async function shareSettings(sql: Sql, settings: Partial<SharedSettings>): Promise<string | null> {
  const { zone } = settings;
  const [row] = await sql<{ before: string | null }[]>`
    with before as (
      select value #>> '{}' as zone from callcenter.settings where key = 'zone'
    ), changed as (
      insert into callcenter.settings (key, value)
      select 'zone_changed', jsonb_build_object('from', before.zone, 'to', ${zone ?? null}::text) from before where before.zone <> ${zone ?? null}
      on conflict (key) do update set value = excluded.value, updated_at = now()
    ), anew as (
      delete from callcenter.acceptances a using before
       where a.kind = 'notice' and a.uuid = 'zone_changed' and before.zone <> ${zone ?? null}
    ), started as (
      insert into callcenter.settings (key, value) values ('first_started_at', to_jsonb(now())) on conflict do nothing
    ), written as (
      insert into callcenter.settings (key, value) select key, value from jsonb_each(${sql.json(settings as never)}::jsonb)
      on conflict (key) do update set value = excluded.value, updated_at = now() where settings.value is distinct from excluded.value
    )
    select (select zone from before where zone <> ${zone ?? null}) as before`;
  return row?.before ?? null;
}

/** The zone of a process that is no worker: days are counted in it until the first worker says which; never over a worker's. */
export async function shareZone(sql: Sql, zone: string): Promise<void> {
  await sql`
    insert into callcenter.settings (key, value) select 'zone', to_jsonb(${zone}::text) where callcenter.zone() <> ${zone}
    on conflict do nothing`;
}

/** Writes the table of error codes, so that the views can say what to do. */
export async function shareErrorCodes(sql: Sql): Promise<void> {
  const codes = Object.keys(meanings).map((code) => {
    const { hint, refusal = false } = meaningOf(code as ErrorCode);
    return { code, hint, refusal };
  });
  await sql`
    insert into callcenter.error_codes (code, hint, refusal)
    select code, hint, refusal from jsonb_to_recordset(${sql.json(codes)}) as e (code text, hint text, refusal boolean)
    on conflict (code) do update set hint = excluded.hint, refusal = excluded.refusal
      where (error_codes.hint, error_codes.refusal) is distinct from (excluded.hint, excluded.refusal)`;
}

/** Queues yesterday, once, where the database has never held a call or a log. */
export async function queueFirstDay(sql: Sql): Promise<boolean> {
  const rows = await sql`
    with first as (
      insert into callcenter.settings (key, value) select 'first_day_queued', 'true'
       where not exists (select from "CallCenterRecord") and not exists (select from "CallCenterSyncLog")
      on conflict do nothing returning key
    )
    select queued.is_new from first, callcenter.queue_days(array[callcenter.local_day(now()) - 1], 'daily', 0) as queued`;
  return rows.length > 0;
}
