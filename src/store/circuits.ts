import type { Neighbour, SyncError } from "../errors.ts";
import type { Redact } from "../log.ts";
import type { Sql } from "./open.ts";

/** How many failures in a row open a circuit; a refusal or a request to wait opens it at once. A page was asked for several times already. */
const FAILURES_TO_OPEN: Record<Neighbour, number> = { pbx_api: 1, pbx_recordings: 3, drive: 3 };

/** What waits for which neighbour, and goes on when it is back. */
const WAITING: Record<Neighbour, string[]> = {
  pbx_api: ["daily_sync"],
  pbx_recordings: ["upload_recording"],
  drive: ["upload_recording"],
};

/** A neighbour that asks to wait is there, and need not stay so. */
const ASKS_TO_WAIT = /_rate_limited$|^drive_daily_limit$/;

/** Seconds between probes: the first, and what doubling ends at. */
function probing(error: SyncError): { firstSeconds: number; lastSeconds: number } {
  if (error.code === "drive_daily_limit") return { firstSeconds: 900, lastSeconds: 3_600 };
  if (error.meaning.refusal) return { firstSeconds: 15, lastSeconds: 60 };
  if (ASKS_TO_WAIT.test(error.code)) return { firstSeconds: 1, lastSeconds: 60 };
  return { firstSeconds: 5, lastSeconds: 30 };
}

/** A probe that is the caller's to make: others wait until then, as the database writes it. */
export interface Claim {
  neighbour: Neighbour;
  until: string;
}

interface Asking {
  /** The caller does not wait for its turn, but where a neighbour asked to wait. */
  probe?: boolean;
}

/** As claimProbes(), for who asks one neighbour and tells how that went. */
export async function waitForCircuits(
  sql: Sql,
  neighbours: readonly Neighbour[],
  asking: Asking = {},
): Promise<Date | null> {
  return (await claimProbes(sql, neighbours, asking)).until;
}

/**
 * When work with these neighbours may go on: `until` is null for now, else the time of the next probe. Where a probe is due the caller is it,
 * and the others wait for the one after: what it does not ask after all it gives back.
 */
export async function claimProbes(
  sql: Sql,
  neighbours: readonly Neighbour[],
  { probe = false }: Asking = {},
): Promise<{ until: Date | null; claims: Claim[] }> {
  const [row] = await sql<{ until: Date | null; claims: Claim[] }[]>`
    with open as (
      select neighbour, next_probe_at from callcenter.circuits
       where neighbour = any (${neighbours as string[]}) and state = 'open'
         and (not ${probe} or (code ~ ${ASKS_TO_WAIT.source} and next_probe_at > now()))
    ), due as (
      select neighbour from callcenter.circuits
       where neighbour in (select neighbour from open) and next_probe_at <= now() and not exists (select from open where next_probe_at > now())
       order by neighbour for update
    ), claimed as (
      update callcenter.circuits c set next_probe_at = now() + interval '20 seconds', probing = true
        from due where c.neighbour = due.neighbour
      returning c.neighbour, c.next_probe_at::text as until
    )
    select max(greatest(next_probe_at, now())) as until, (select coalesce(json_agg(claimed), '[]') from claimed) as claims
      from open where next_probe_at is not null and neighbour not in (select neighbour from claimed)`;
  return row!;
}

/** Lets others make these probes at once, but for those that were made, or that others have claimed since. */
export async function giveProbesBack(sql: Sql, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  await sql`
    with mine as (
      select c.neighbour from callcenter.circuits c
        join jsonb_to_recordset(${sql.json(claims as never)}) as claim (neighbour text, until timestamptz)
          on c.neighbour = claim.neighbour and c.next_probe_at = claim.until and c.state = 'open' and c.probing
       order by c.neighbour for update of c
    )
    update callcenter.circuits c set next_probe_at = now(), probing = false from mine where c.neighbour = mine.neighbour`;
}

/**
 * Notes that a neighbour failed. Opens its circuit after a few failures in a row, or at once where it refused or asked to wait. The next
 * probe comes after a time that doubles, with jitter, never before the neighbour's own `Retry-After`. Returns when that is, null while the
 * circuit is closed. While it is open its code is the cause as a person was told it: the first sign that the neighbour is away, or the last
 * refusal; how an outage shows from one probe to the next is in the reason alone.
 */
export async function reportFailure(sql: Sql, error: SyncError, redact: Redact): Promise<Date | null> {
  const neighbour = error.meaning.circuit;
  if (!neighbour) return null;
  const { firstSeconds, lastSeconds } = probing(error);
  // One recording may be refused for reasons of its own: that the key is to blame shows when the next ones are refused too.
  const isRefused = Boolean(error.meaning.refusal) && neighbour !== "pbx_recordings";
  const atOnce = isRefused || ASKS_TO_WAIT.test(error.code);
  const askedSeconds = (error.retryAfterMs ?? 0) / 1_000;
  const [row] = await sql<{ next_probe_at: Date | null }[]>`
    update callcenter.circuits set
      failures = failures + 1,
      since = case when state = 'open' then since else now() end,
      state = case when state = 'open' or ${atOnce} or failures + 1 >= ${FAILURES_TO_OPEN[neighbour]} then 'open' else 'closed' end,
      code = case when state = 'open' and code !~ ${ASKS_TO_WAIT.source} and not ${Boolean(error.meaning.refusal)}
        then code else ${error.code} end,
      reason = ${redact(error.message)}, probing = false,
      -- Workers that failed together put the probe off once, not once each.
      next_probe_at = case when state = 'open' and not probing and next_probe_at > now()
        then greatest(next_probe_at, now() + ${askedSeconds}::float8 * interval '1 second')
        else now() + greatest(${askedSeconds}::float8,
          least(${lastSeconds}, ${firstSeconds} * power(2, least(greatest(failures - ${FAILURES_TO_OPEN[neighbour] - 1}, 0), 20)))
            * (0.75 + random() / 2)) * interval '1 second' end
     where neighbour = ${neighbour}
    returning case when state = 'open' then next_probe_at end as next_probe_at`;
  return row?.next_probe_at ?? null;
}

/**
 * Notes that these neighbours answered. Where a circuit was open, all work that waits for it goes on at once; but for an answer to what began
 * before it opened (`tookMs` ago): a download that was under way says nothing of a neighbour that asked to wait meanwhile.
 */
export async function reportSuccess(sql: Sql, neighbours: readonly Neighbour[], tookMs = 0): Promise<void> {
  const waking = [...new Set(neighbours.flatMap((neighbour) => WAITING[neighbour]))];
  // First the circuits are closed, then what waits is woken: see callcenter.waiting_time().
  await sql`
    with before as (
      select neighbour, state from callcenter.circuits
       where neighbour = any (${neighbours as string[]})
         and (state = 'open' and since <= now() - ${tookMs} * interval '1 millisecond'
           or state = 'closed' and (failures > 0 or last_success_at is null or last_success_at < now() - interval '10 seconds'))
       order by neighbour for update -- everybody in this order: two that wait for each other would both wait in vain
    ), closed as (
      update callcenter.circuits c set
        since = case when c.state = 'open' then now() else c.since end,
        state = 'closed', failures = 0, probing = false, code = null, reason = null, next_probe_at = null, last_success_at = now()
        from before where c.neighbour = before.neighbour
      returning before.state
    )
    select callcenter.wake_jobs(${waking}) from closed having bool_or(state = 'open')`;
}

/** Sees to it that a probe that is due is made: by a few of the uploads that rest. For the clock of each worker; nothing while all is well. */
export async function callProbers(sql: Sql): Promise<void> {
  await sql`select callcenter.call_probers()`;
}

/** Refusals may have been mended while we were down: a start probes at once, but for a neighbour that asked to wait. */
export async function probeSoon(sql: Sql): Promise<void> {
  await sql`
    with open as (
      select neighbour from callcenter.circuits
       where state = 'open' and code !~ ${ASKS_TO_WAIT.source} order by neighbour for update
    )
    update callcenter.circuits c set next_probe_at = now(), failures = least(failures, 3) from open where c.neighbour = open.neighbour`;
}
