import type pg from "pg";

/** Somewhere to send statements: the lease's own connection. */
export type Client = pg.ClientBase;

/** No job runs more often than Graphile Worker's own limit, whatever died under it. */
const MOST_ATTEMPTS = 25;

/**
 * Frees what dead pools left locked, through Graphile Worker's public functions; must run inside the caller's
 * transaction. A job runs again after a few seconds, later each time (20 s at most), so that one which kills its
 * process cannot spin. One that died in its last attempt gets another, up to 25: the death may be no fault of its own.
 * One that another has replaced is forgotten: its key is gone, and with it all its attempts, which are 25 but for an upload
 * (and what had no key from the start has fewer, or is an upload that the next round finds). Returns how many jobs were freed.
 */
export async function freeJobs(client: Client, poolIds: string[]): Promise<number> {
  const { rows } = await client.query<{ id: string; fate: "again" | "replaced" | "failed" }>(
    `select id::text, case when attempts < max_attempts then 'again'
                           when key is null and (task_identifier = 'upload_recording' or attempts >= ${MOST_ATTEMPTS}) then 'replaced'
                           when attempts < ${MOST_ATTEMPTS} then 'again' else 'failed' end as fate
       from graphile_worker.jobs where locked_by = any ($1)`,
    [poolIds],
  );
  await client.query("select graphile_worker.force_unlock_workers($1)", [poolIds]);
  const idsOf = (fate: string) => rows.filter((row) => row.fate === fate).map(({ id }) => id);
  await client.query(
    `select count(*) from graphile_worker.jobs j, lateral graphile_worker.reschedule_jobs(
       array[j.id], run_at := now() + exp(least(j.attempts, 3)) * interval '1 second',
       max_attempts := greatest(j.max_attempts, j.attempts + 1)) where j.id = any ($1::bigint[])`,
    [idsOf("again")],
  );
  await client.query("select count(*) from graphile_worker.complete_jobs($1::bigint[])", [idsOf("replaced")]);
  await client.query("select count(*) from graphile_worker.permanently_fail_jobs($1::bigint[], $2)", [
    idsOf("failed"),
    "The worker died while the job ran",
  ]);
  return rows.length;
}

/** A job that was asked to stop, as it was when it began. */
export interface Interrupted {
  id: string;
  key: string | null;
  attempt: number;
}

/**
 * Gives interrupted jobs their attempt back, and lets them run at once; they must have failed already. One whose key another
 * has taken meanwhile is forgotten.
 */
export async function giveBackAttempts(client: Client, jobs: Interrupted[]): Promise<void> {
  await client.query(
    `select count(*) from unnest($1::bigint[], $2::int[]) as interrupted (id, attempt)
       join graphile_worker.jobs j on j.id = interrupted.id and j.attempts = interrupted.attempt,
       lateral graphile_worker.reschedule_jobs(array[j.id], run_at := now(), attempts := j.attempts - 1)`,
    [jobs.map(({ id }) => id), jobs.map(({ attempt }) => attempt)],
  );
  await client.query(
    `select count(*) from graphile_worker.complete_jobs(array(
       select id from graphile_worker.jobs where id = any ($1::bigint[]) and key is null and locked_at is null))`,
    [jobs.filter(({ key }) => key !== null).map(({ id }) => id)],
  );
}

/** The jobs that these pools have held for longer than `olderThanMs`. */
export async function lockedJobs(client: Client, poolIds: string[], olderThanMs = 0): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id::text from graphile_worker.jobs
      where locked_by = any ($1) and locked_at <= now() - $2 * interval '1 millisecond'`,
    [poolIds, olderThanMs],
  );
  return rows.map(({ id }) => id);
}

/**
 * Frees single jobs of living pools, their attempt not counted: they were handed out in an answer that was lost on
 * the way, so nobody runs them. Graphile Worker has no public function for it: one of the worker's three statements that touch
 * its private tables.
 */
export async function freeStrays(client: Client, poolIds: string[], ids: string[]): Promise<void> {
  await client.query(
    `with freed as (
       update graphile_worker._private_jobs set locked_at = null, locked_by = null, attempts = greatest(attempts - 1, 0)
        where id = any ($2::bigint[]) and locked_by = any ($1) returning job_queue_id)
     update graphile_worker._private_job_queues q set locked_at = null, locked_by = null
       from freed where q.id = freed.job_queue_id and q.locked_by = any ($1)`,
    [poolIds, ids],
  );
}

/**
 * Frees queues that were locked longer than `olderThanMs` ago and whose job is gone: who was taken for dead came back and
 * ended it, and the end that its new holder wrote found no job, and hence no queue to free. Another of the three.
 */
export async function freeQueues(client: Client, olderThanMs: number): Promise<void> {
  await client.query(
    `update graphile_worker._private_job_queues q set locked_at = null, locked_by = null
      where q.locked_at < now() - $1 * interval '1 millisecond'
        and not exists (select from graphile_worker._private_jobs j where j.locked_by = q.locked_by and j.job_queue_id = q.id)`,
    [olderThanMs],
  );
}

/** Takes a running job ($1, its id) its further attempts: the third statement that touches a private table. */
export const NO_MORE_ATTEMPTS = "update graphile_worker._private_jobs set attempts = max_attempts where id = $1";
