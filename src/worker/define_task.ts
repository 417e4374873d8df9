import { readdir } from "node:fs/promises";
import * as v from "valibot";
import type { Config } from "../config.ts";
import type { Drive } from "../drive/drive.ts";
import type { Neighbour } from "../errors.ts";
import { jobs, type Payload, type TaskName } from "../jobs.ts";
import type { Log, Redact } from "../log.ts";
import type { Pbx } from "../pbx/pbx.ts";
import type { Sql } from "../store/open.ts";

/** What every task is given: the neighbours, the database, the clock. */
export interface TaskContext {
  sql: Sql;
  pbx: Pbx;
  /** Null where Google Drive is disabled. */
  drive: Drive | null;
  log: Log;
  redact: Redact;
  zone: string;
  now(): Date;
  config: Config;
}

export interface JobInfo {
  id: string;
  key: string | null;
  /** The first is 1. */
  attempt: number;
  maxAttempts: number;
  priority: number;
  runAt: Date;
}

/**
 * How a job ended. `done`: the line that the log shows. `later`: it did nothing, nobody's fault; it is queued again
 * for then (a time of the database's, or so many milliseconds from now: the process's own clock may be off), all its
 * attempts before it; for now where it `waitsFor` neighbours that are all back by then. What is thrown instead is tried
 * again after Graphile Worker's back-off.
 */
export type Outcome = { logger?: string; level?: Level; context?: Record<string, unknown> } & (
  | { done: string }
  | { later: Date | number; why: string; waitsFor?: readonly Neighbour[] }
);
type Level = "debug" | "info" | "warn" | "error";

/**
 * A task's context while one of its jobs runs. The signal says: the process ends, stop soon; throwing then costs no
 * attempt.
 */
export type JobContext = TaskContext & { job: JobInfo; signal: AbortSignal };

export interface TaskDefinition {
  readonly name: TaskName;
  /** Does one job; throws a BadPayload, before anything is done, where the payload is not what `jobs` says. */
  run(payload: unknown, context: JobContext): Promise<Outcome>;
}

/** A payload that no attempt can do anything with: who queued the job must mend it. */
export class BadPayload extends Error {
  override readonly name = "BadPayload";
}

/** A task: its name (its file, its key in `jobs`) and what one of its jobs does with a payload that was checked. */
export function defineTask<T extends TaskName>(
  name: T,
  run: (payload: Payload<T>, context: JobContext) => Promise<Outcome>,
): TaskDefinition {
  return {
    name,
    async run(payload, context) {
      const parsed = v.safeParse(jobs[name], payload);
      if (Array.isArray(payload)) throw new BadPayload(`Bad payload for ${name}: it must be a JSON object`);
      if (!parsed.success) throw new BadPayload(`Bad payload for ${name}: ${describe(parsed.issues)}`);
      return run(parsed.output as Payload<T>, context);
    },
  };
}

/** Every task of a directory, one a file. Throws where a file defines none, or one of another name. */
export async function loadTasks(directory: URL): Promise<TaskDefinition[]> {
  const files = (await readdir(directory)).filter((file) => /^[^.]+\.[jt]s$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const { default: task } = (await import(new URL(file, directory).href)) as { default?: Partial<TaskDefinition> };
      if (`${task?.name}.ts` !== file.replace(/\.js$/, ".ts") || !task?.run) {
        throw new Error(`tasks/${file} must export by default a task of that name`);
      }
      return task as TaskDefinition;
    }),
  );
}

/** What is wrong with a value, on one line. */
export function describe(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.map((issue) => [v.getDotPath(issue), issue.message].filter(Boolean).join(": ")).join("; ");
}
