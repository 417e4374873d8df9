import { setTimeout as pause } from "node:timers/promises";
import type { JobHelpers, Task, TaskList } from "graphile-worker";
import { messageOf, SyncError } from "../errors.ts";
import { type Log, plain } from "../log.ts";
import { BadPayload, type JobInfo, type Outcome, type TaskContext, type TaskDefinition } from "./define_task.ts";
import { isDatabaseAway } from "./pool.ts";
import { NO_MORE_ATTEMPTS } from "./rescue.ts";

/** The process around the jobs: how they are asked to stop, and what it hears of them. */
export interface Surroundings {
  signal: AbortSignal;
  /** Called with each job that stopped unfinished: it fails, and deserves its attempt back. */
  onInterrupted(job: JobInfo): void;
  /** Called with each job with a key that failed: another may have taken its key meanwhile. */
  onFailed(job: JobInfo): void;
}

/** How long to wait before PostgreSQL, which was away, is asked again. */
const AWAY_MS = 500;

/** How long a task may go on once it is asked to stop: then its job ends without it. */
const STOP_PATIENCE_MS = 3_000;

/**
 * What Graphile Worker runs: every job with its payload checked, one log line, and the end that its outcome asks for.
 */
export function taskList(
  definitions: readonly TaskDefinition[],
  context: TaskContext,
  around?: Surroundings,
): TaskList {
  const performing = (definition: TaskDefinition): Task => {
    return (payload, helpers) => perform(definition, payload, context, helpers, around);
  };
  return Object.fromEntries(definitions.map((definition) => [definition.name, performing(definition)]));
}

/**
 * Does one job. Resolves where Graphile Worker may forget it, rejects with a redacted message where it shall try again.
 */
async function perform(
  definition: TaskDefinition,
  payload: unknown,
  context: TaskContext,
  helpers: JobHelpers,
  around: Surroundings | undefined,
): Promise<void> {
  const startedAt = performance.now();
  const job = describeJob(helpers);
  const signal = around?.signal ?? helpers.abortSignal;
  const facts = (more: Record<string, unknown> = {}) => ({
    task: definition.name,
    job_id: job.id,
    attempt: job.attempt,
    duration_seconds: Math.round(performance.now() - startedAt) / 1_000,
    ...more,
  });
  const log = context.log.named("callcenter.worker");
  try {
    signal.throwIfAborted();
    const outcome = await untilStopped(definition.run(payload, { ...context, job, signal }), signal).catch(
      orAnew(job, context, signal),
    );
    if ("later" in outcome) await onceThere(signal, () => queueAgain(helpers, payload, outcome));
    report(outcome, log, facts);
  } catch (error) {
    const message = context.redact(plain(messageOf(error), 1_000));
    if (error instanceof BadPayload) {
      await helpers.query(NO_MORE_ATTEMPTS, [job.id]);
      log.error(message, facts());
    } else if (signal.aborted) {
      around?.onInterrupted(job);
      log.info(`Interrupted, runs again: ${definition.name}`, facts({ reason: message }));
    } else {
      const code = error instanceof SyncError && { code: error.code };
      log[job.attempt < job.maxAttempts ? "warn" : "error"](message, facts({ ...code, max_attempts: job.maxAttempts }));
      if (job.key !== null) around?.onFailed(job);
    }
    throw new Error(message, { cause: error });
  }
}

/** The last attempt is not lost for a connection that broke: the job begins anew. What else was thrown is thrown on. */
function orAnew(job: JobInfo, { redact }: TaskContext, signal: AbortSignal): (error: unknown) => Outcome {
  return (error) => {
    if (signal.aborted || job.attempt < job.maxAttempts || !isDatabaseAway(error)) throw error;
    return { later: AWAY_MS, why: redact(plain(messageOf(error), 1_000)), level: "warn" };
  };
}

/** Does what is safe twice until PostgreSQL is there for it, or the process ends. */
async function onceThere<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const patiently = async (): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        await pause(AWAY_MS, undefined, { signal });
      }
    }
  };
  return untilStopped(patiently(), signal);
}

function report(outcome: Outcome, log: Log, facts: (more?: Record<string, unknown>) => Record<string, unknown>): void {
  const voice = outcome.logger ? log.named(outcome.logger) : log;
  const level = outcome.level ?? "info";
  if ("later" in outcome) voice[level](outcome.why, facts({ ...outcome.context, ...whenOf(outcome.later) }));
  else voice[level](outcome.done, facts(outcome.context));
}

const whenOf = (later: Date | number) => (typeof later === "number" ? { later_seconds: later / 1_000 } : { later });

function describeJob({ job }: JobHelpers): JobInfo {
  return {
    id: job.id,
    key: job.key,
    attempt: job.attempts,
    maxAttempts: job.max_attempts,
    priority: job.priority,
    runAt: job.run_at,
  };
}

/** Settles as the work does; rejects where it does not stop although it was asked to. */
async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => setTimeout(stopped.reject, STOP_PATIENCE_MS, new Error("The task did not stop in time")).unref();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Queues the same job for a later time, with all its attempts before it; the running row gives its key away and is
 * then forgotten. Does nothing where somebody has queued that key meanwhile: their wish is the newer one. Safe twice; a job without a key is
 * then queued twice, as one whose end nobody heard of.
 */
async function queueAgain(
  { query, job }: JobHelpers,
  payload: unknown,
  { later, waitsFor }: Extract<Outcome, { later: unknown }>,
): Promise<void> {
  const flags = job.flags && Object.keys(job.flags);
  const [at, inMs] = typeof later === "number" ? [null, later] : [later, null];
  await query(
    `select count(graphile_worker.add_job(
              task_identifier, $3::json, queue_name,
              case when $5::text[] is null then later else callcenter.waiting_time($5, later) end,
              max_attempts, key, priority, $6))
       from graphile_worker.jobs, coalesce($4::timestamptz, now() + $7::float8 * interval '1 millisecond') as later
      where id = $1 and key is not distinct from $2`,
    [job.id, job.key, JSON.stringify(payload), at, waitsFor ?? null, flags, inMs],
  );
}
