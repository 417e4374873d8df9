import { setTimeout as pause } from "node:timers/promises";
import { type Client, freeJobs, freeQueues } from "./rescue.ts";

export interface Judge {
  processId: string;
  /** What stays the same when this process is restarted in its place: a machine id, a host name. */
  instance: string;
  beatMs: number;
  ttlMs: number;
  /** We have been heard for a whole ttl. Before that, after an outage, everybody looks dead. */
  isSteady: boolean;
  /** We have just started: who ran in our place before is known to be gone. */
  isNew: boolean;
}

/**
 * Who is dead: who was silent for the ttl; or whose session is gone, after two missed beats, or at once where we have
 * just started in its place. Where PostgreSQL itself has started since its last heartbeat, its session proves nothing.
 * ($1 us, $2 our instance, $3 ttl, $4 beat, $5 we are steady, $6 we are new)
 */
const DEAD = `
  l.ended_at is null and l.process_id <> $1 and (
    ($5 and l.heartbeat_at < now() - $3 * interval '1 millisecond')
    or (not exists (
          select from pg_stat_activity a
           where a.pid = l.backend_pid and (a.backend_start = l.backend_start or a.backend_start is null))
        and pg_postmaster_start_time() < l.heartbeat_at
        and (($5 and l.heartbeat_at < now() - 2 * $4 * interval '1 millisecond') or ($6 and l.instance = $2))))`;

const ONE_AFTER_THE_OTHER = "select pg_advisory_xact_lock(hashtext('callcenter.worker_leases'))";

/**
 * Ends the leases of processes that died, and frees their jobs: both or neither. Any number of processes may try at
 * once.
 */
export async function takeOver(client: Client, judge: Judge): Promise<{ processes: number; jobs: number }> {
  const values = [judge.processId, judge.instance, judge.ttlMs, judge.beatMs, judge.isSteady, judge.isNew];
  const { rows } = await client.query<{ process_id: string }>(
    `select l.process_id from callcenter.worker_leases l where ${DEAD}`,
    values,
  );
  if (rows.length === 0) return { processes: 0, jobs: 0 };
  // Looked at again after a moment (3 s): a process that lives has connected again by then, and said so.
  await pause(judge.beatMs * 0.3);
  const suspects = rows.map((row) => row.process_id);
  return inTransaction(client, async () => {
    // One after the other; nobody leaves it to the others, for only who has just started may free its predecessor's jobs at once.
    await client.query(ONE_AFTER_THE_OTHER);
    return endLeases(client, `${DEAD} and l.process_id = any ($7)`, [...values, suspects], "no sign of life");
  });
}

/**
 * Pools whose lease has ended, though they have held a job for a ttl ($1): who was taken for dead came back, and took it
 * before it met its end at its next beat. That is over by now.
 */
const LEFT_BEHIND = `
  select distinct j.locked_by as pool_id
    from graphile_worker.jobs j join callcenter.worker_leases l on j.locked_by = any (l.pool_ids)
   where l.ended_at is not null and j.locked_at < now() - $1 * interval '1 millisecond'`;

/** Frees the jobs and queues that a process took after others had taken it for dead. Returns how many jobs. */
export async function freeLeftBehind(client: Client, ttlMs: number): Promise<number> {
  await freeQueues(client, ttlMs);
  const { rows } = await client.query(LEFT_BEHIND, [ttlMs]);
  if (rows.length === 0) return 0;
  return inTransaction(client, async () => {
    await client.query(ONE_AFTER_THE_OTHER);
    const left = await client.query<{ pool_id: string }>(LEFT_BEHIND, [ttlMs]);
    return freeJobs(
      client,
      left.rows.map(({ pool_id }) => pool_id),
    );
  });
}

/** Ends a process's own lease, and frees whatever it still holds: both or neither. */
export async function endLease(client: Client, processId: string): Promise<void> {
  const mine = "l.process_id = $1 and l.ended_at is null";
  await inTransaction(client, () => endLeases(client, mine, [processId], "stopped"));
}

async function endLeases(client: Client, condition: string, values: unknown[], why: string) {
  const { rows } = await client.query<{ pool_ids: string[] }>(
    `update callcenter.worker_leases l set ended_at = now(), ended_why = '${why}'
      where ${condition} returning l.pool_ids`,
    values,
  );
  const poolIds = rows.flatMap((row) => row.pool_ids);
  return { processes: rows.length, jobs: rows.length > 0 ? await freeJobs(client, poolIds) : 0 };
}

async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}
