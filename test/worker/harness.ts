import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../../src/config.ts";
import { createLog, type LogLine, redactor } from "../../src/log.ts";
import type { Pbx } from "../../src/pbx/pbx.ts";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import type { TaskContext } from "../../src/worker/define_task.ts";
import { createPool } from "../../src/worker/pool.ts";
import { startWorker, type Worker, type WorkerOptions } from "../../src/worker/runner.ts";
import type { TestDatabase } from "../database.ts";

/** A secret that no log line and no last_error may show. */
export const SECRET = "s3cret-key-of-the-pbx";

export interface TestWorker extends Worker {
  lines: LogLine[];
  fatal: { exitCode: number; error: Error }[];
  pool: ReturnType<typeof createPool>;
}

/** A worker in this process, with the times of its lease a fiftieth of the real ones. */
export async function startTestWorker(
  db: Pick<TestDatabase, "url" | "sql">,
  options: Partial<WorkerOptions> & Pick<WorkerOptions, "tasks">,
): Promise<TestWorker> {
  const lines: LogLine[] = [];
  const fatal: TestWorker["fatal"] = [];
  const redact = redactor([SECRET]);
  const log = createLog({ level: "debug", zone: "UTC", redact, write: (line) => lines.push(line) });
  const pool = createPool(parseDatabaseUrl(db.url), { max: 20, log });
  const context: TaskContext = {
    sql: db.sql,
    pbx: {} as Pbx,
    drive: null,
    log,
    redact,
    zone: "UTC",
    now: () => new Date(),
    config: {} as Config,
  };
  const worker = await startWorker({
    pool,
    context,
    cronItems: [],
    uploadConcurrency: 4,
    controlConcurrency: 2,
    instance: "test",
    beatMs: 200,
    ttlMs: 900,
    onFatal: (exitCode, error) => fatal.push({ exitCode, error }),
    ...options,
  });
  return { processId: worker.processId, stop: (graceMs) => worker.stop(graceMs), lines, fatal, pool };
}

/** Resolves with what `look` gives once it gives something; fails with what it saw last after `patienceMs`. */
export async function eventually<T>(
  look: () => Promise<T | false | null | undefined>,
  patienceMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`It never came: ${look}`);
    await pause(10);
  }
}

export interface JobRow {
  id: string;
  key: string | null;
  task: string;
  attempts: number;
  max_attempts: number;
  last_error: string | null;
  locked_by: string | null;
  run_at: Date;
  queue_name: string | null;
  priority: number;
}

/** Every job that is in the queue, the oldest first. */
export async function jobRows({ sql }: Pick<TestDatabase, "sql">): Promise<JobRow[]> {
  return sql<JobRow[]>`
    select id::text, key, task_identifier as task, attempts::int, max_attempts::int, last_error, locked_by, run_at,
           queue_name, priority::int
      from graphile_worker.jobs order by id`;
}

/** Queues uploads `1`, `2`, … as the product does: each under its key, with six attempts. */
export async function queueUploads({ sql }: Pick<TestDatabase, "sql">, count: number): Promise<void> {
  await sql`
    select count(graphile_worker.add_job('upload_recording', json_build_object('uuid', n::text), max_attempts := 6,
      job_key := 'upload_recording:' || n)) from generate_series(1, ${count}) as n`;
}

/** Empties the queue and forgets all workers. */
export async function clearQueue({ sql }: Pick<TestDatabase, "sql">): Promise<void> {
  await sql`delete from graphile_worker._private_jobs`;
  await sql`delete from graphile_worker._private_job_queues`;
  await sql`delete from callcenter.worker_leases`;
}
