import type { Sql } from "./open.ts";

/** What is told to a person: a cause, or that it is over. */
export interface Alert {
  id: string;
  kind: string;
  subject: string;
  reason: string;
  hint: string;
  since: Date;
  isSent: boolean;
  isCleared: boolean;
}

/**
 * Holds what needs attention now against what was told: each new cause becomes an alert, each cause that is over clears its own. Where there
 * is a webhook, whatever was not told yet gets a job that delivers it, unless it has one: an alert from before there was a webhook too, and one
 * whose job gave up an hour ago. Recordings are told a day at a time; old days that nobody asked for are shown, not told. In one statement,
 * hence never twice. Returns how many were raised and cleared.
 */
export async function raiseAlerts(sql: Sql, hasWebhook: boolean): Promise<{ raised: number; cleared: number }> {
  const [row] = await sql<{ raised: number; cleared: number }[]>`
    with causes as (
      select a.kind,
             case when not starts_with(a.kind, 'recording_') then a.subject
                  when r."adopted" then 'recordings of the old system'
                  else coalesce(callcenter.local_day(r."startTime")::text, 'recordings') end as subject,
             min(a.since) as since, count(*) as things, min(a.reason) as reason, min(a.hint) as hint
        from callcenter.attention a left join "CallCenterRecord" r on starts_with(a.kind, 'recording_') and r."uuid" = a.subject
       where a.kind not in ('no_worker', 'alert_undelivered', 'days_not_read')
       group by 1, 2
    ), raised as (
      insert into callcenter.alerts (kind, subject, reason, hint, since)
      select kind, subject, case when things > 1 then things || ' recordings, the first: ' || reason else reason end, hint, since from causes
      on conflict do nothing
      returning id
    ), cleared as (
      update callcenter.alerts a set cleared_at = now()
       where cleared_at is null and not exists (select from causes c where c.kind = a.kind and c.subject = a.subject)
      returning id, sent_at
    ), untold as (
      select id, false as is_cleared from raised
      union all select id, true from cleared where sent_at is not null
      union all
      select id, cleared_at is not null from callcenter.alerts
       where (sent_at is null and cleared_at is null or sent_at is not null and cleared_at is not null and clear_sent_at is null)
         and id not in (select id from cleared)
    ), keyed as (
      select *, format('send_alert:%s:%s', id, case when is_cleared then 'cleared' else 'raised' end) as key from untold
    ), jobs as (
      select * from keyed where ${hasWebhook} and not exists (
        select from graphile_worker.jobs j
         where j.key = keyed.key
           and (j.attempts < j.max_attempts or j.locked_at is not null or j.updated_at > now() - interval '1 hour'))
    ), queued as (
      select count(*) as jobs from graphile_worker.add_jobs(array(
        select row('send_alert', json_build_object('alertId', id, 'cleared', is_cleared), 'alerts', null, 25::smallint, key, 0::smallint, null)::graphile_worker.job_spec
          from jobs))
    )
    select (select count(*) from raised)::int as raised, (select count(*) from cleared)::int as cleared from queued`;
  return row ?? { raised: 0, cleared: 0 };
}

/** Undefined where there is no such alert (any more). */
export async function findAlert(sql: Sql, id: string): Promise<Alert | undefined> {
  const [row] = await sql<Alert[]>`
    select id, kind, subject, reason, hint, since, sent_at is not null as "isSent", cleared_at is not null as "isCleared"
      from callcenter.alerts where id = ${id}`;
  return row;
}

/** How a delivery ended: `error` null where it arrived. */
export async function noteDelivery(
  sql: Sql,
  id: string,
  delivery: { cleared: boolean; error: string | null },
): Promise<void> {
  const arrived = delivery.error === null;
  await sql`
    update callcenter.alerts set
      last_error = ${delivery.error},
      sent_at = case when ${arrived && !delivery.cleared} then now() else sent_at end,
      clear_sent_at = case when ${arrived && delivery.cleared} then now() else clear_sent_at end
     where id = ${id}`;
}
