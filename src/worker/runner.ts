import { EventEmitter, setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type ParsedCronItem, type Runner, run, runMigrations, type WorkerEvents } from "graphile-worker";
import type { Log } from "../log.ts";
import { tookLonger, within } from "../within.ts";
import { calm } from "./calm.ts";
import type { JobInfo, TaskContext, TaskDefinition } from "./define_task.ts";
import { graphileLogger } from "./graphile_log.ts";
import { Lease } from "./lease.ts";
import type { PatientPool } from "./pool.ts";
import { refusePooler } from "./pooler.ts";
import type { Interrupted } from "./rescue.ts";
import { Superseded } from "./superseded.ts";
import { taskList } from "./task_list.ts";

export interface WorkerOptions {
  /**
   * The process's one pool (createPool): the worker ends it when it stops. It needs a connection for each job, and five
   * more.
   */
  pool: PatientPool;
  tasks: readonly TaskDefinition[];
  context: TaskContext;
  /** Empty: nothing is scheduled. */
  cronItems: ParsedCronItem[];
  /** Uploads at once in this process. */
  uploadConcurrency: number;
  /** All other jobs at once in this process. */
  controlConcurrency: number;
  /** What stays the same when this process is restarted in its place: a machine id, a host name. */
  instance: string;
  version?: string;
  /** The worker cannot go on: the process must end with this exit code, at once. 2: others run its jobs already. */
  onFatal(exitCode: number, error: Error): void;
  /** For tests: how often the lease is renewed, how long it lasts. */
  beatMs?: number;
  ttlMs?: number;
}

export interface Worker {
  /** As it stands in callcenter.worker_leases. */
  readonly processId: string;
  /**
   * Takes no more jobs, waits for those that run, asks them to stop after `graceMs`, and ends the pool. No end of a
   * job is lost, and one that was interrupted keeps its attempts. Takes at most ten seconds longer than `graceMs`,
   * whatever the database does. Never rejects.
   */
  stop(graceMs?: number): Promise<void>;
}

/** Brings Graphile Worker's own tables and functions up to date. Safe when several processes do it at once. */
export async function migrateGraphile(pool: PatientPool, log: Log): Promise<void> {
  try {
    await runMigrations({ pgPool: pool, logger: graphileLogger(log) });
  } catch (error) {
    const { code, originalCode } = error as { code?: string; originalCode?: string };
    throw Object.assign(error as Error, { code: originalCode ?? code }); // The pool's code is for jobs alone.
  }
}

/**
 * Runs jobs until stopped: two runners, so that five thousand uploads do not hold up the schedule, and one lease for
 * both. Rejects where a pooler in transaction mode stands before the database; then the pool is ended, too.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const worker = new RunningWorker(options);
  await worker.start();
  return worker;
}

/**
 * How long it may take to write the ends of jobs and to end the lease, once nothing runs or was asked to stop; then to
 * disconnect.
 */
const WIND_UP_MS = 7_000;
const DISCONNECT_MS = 1_000;

class RunningWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #log: Log;
  readonly #events: WorkerEvents = new EventEmitter();
  readonly #abort = new AbortController();
  readonly #running = new Set<string>();
  readonly #interrupted: Interrupted[] = [];
  readonly #superseded = new Superseded();
  readonly #poolIds: string[] = [];
  readonly #runners: Runner[] = [];
  /** No job is fetched before it resolves. */
  readonly #registered = Promise.withResolvers<void>();
  #lease: Lease | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#log = options.context.log.named("callcenter.worker");
    setMaxListeners(0, this.#abort.signal);
    this.#events.on("pool:create", ({ workerPool }) => this.#poolIds.push(workerPool.id));
    this.#events.on("job:start", ({ job }) => this.#running.add(job.id));
    this.#events.on("job:complete", ({ job }) => this.#running.delete(job.id));
  }

  get processId(): string {
    return this.#lease?.processId ?? "";
  }

  async start(): Promise<void> {
    const { pool, tasks, cronItems, controlConcurrency, uploadConcurrency } = this.#options;
    const isUpload = ({ name }: TaskDefinition) => name === "upload_recording";
    try {
      await refusePooler(pool);
      this.#events.once("pool:create", ({ workerPool }) => calm(workerPool, () => this.#stopping !== undefined));
      await this.#run(
        tasks.filter((task) => !isUpload(task)),
        controlConcurrency,
        cronItems,
      );
      await this.#run(tasks.filter(isUpload), uploadConcurrency, []);
      this.#lease = await this.#openLease();
      this.#registered.resolve();
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  stop(graceMs = 18_000): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    const stopped = Promise.allSettled(this.#runners.map((runner) => runner.stop()));
    this.#registered.resolve();
    const deadline = performance.now() + graceMs;
    while (this.#running.size > 0 && performance.now() < deadline) await pause(20);
    this.#abort.abort(new Error("The worker stops"));
    await this.#timely(WIND_UP_MS, "Stopping", this.#windUp(stopped));
    await this.#timely(DISCONNECT_MS, "Disconnecting", this.#options.pool.end());
  }

  async #windUp(stopped: Promise<unknown>): Promise<void> {
    await stopped;
    // Graphile Worker does not await that a job's end is written: the row tells.
    await this.#lease?.settled(WIND_UP_MS / 2);
    await this.#lease?.release(this.#interrupted);
  }

  async #timely(ms: number, what: string, work: Promise<unknown>): Promise<void> {
    await within(ms, work, tookLonger(what, ms)).catch((error: unknown) => {
      this.#log.warn("The worker does not stop cleanly; others take over what it leaves", { error });
    });
  }

  async #run(tasks: TaskDefinition[], concurrency: number, parsedCronItems: ParsedCronItem[]): Promise<void> {
    const { pool, context, onFatal } = this.#options;
    const onInterrupted = (job: JobInfo) => this.#interrupted.push(job);
    const onFailed = ({ id }: JobInfo) => this.#superseded.suspect(id);
    const runner = await run({
      pgPool: pool,
      taskList: taskList(tasks, context, { signal: this.#abort.signal, onInterrupted, onFailed }),
      parsedCronItems,
      concurrency,
      events: this.#events,
      noHandleSignals: true,
      logger: graphileLogger(context.log),
      preset: { plugins: [this.#gate()], worker: { getQueueNameBatchDelay: 0 } },
    });
    this.#runners.push(runner);
    const settled = (error?: unknown) => {
      if (!this.#stopping) onFatal(1, new Error("A runner ended unasked", { cause: error }));
    };
    runner.promise.then(settled, settled);
  }

  /**
   * Graphile Worker awaits this hook before a worker fetches its first job; were it rejected, the worker would fetch
   * all the same.
   */
  #gate(): GraphileConfig.Plugin {
    const startWorker = () => this.#registered.promise;
    return { name: "LeaseBeforeWork", version: "1.0.0", worker: { hooks: { startWorker } } };
  }

  #openLease(): Promise<Lease> {
    const { pool, context, instance, version = null, uploadConcurrency, beatMs, ttlMs, onFatal } = this.#options;
    return Lease.open(pool, {
      instance,
      poolIds: this.#poolIds,
      version,
      uploadConcurrency,
      running: this.#running,
      superseded: this.#superseded,
      log: context.log,
      onLost: () => onFatal(2, new Error("This worker was taken for dead: others run its jobs")),
      beatMs,
      ttlMs,
    });
  }
}
