import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Log } from "../log.ts";
import { tookLonger, within } from "../within.ts";
import type { PatientPool } from "./pool.ts";
import { giveBackAttempts, type Interrupted, lockedJobs } from "./rescue.ts";
import { StraySearch } from "./strays.ts";
import type { Superseded } from "./superseded.ts";
import { endLease, freeLeftBehind, takeOver } from "./takeover.ts";

export interface LeaseOptions {
  /** What stays the same when this process is restarted in its place: a machine id, a host name. */
  instance: string;
  /** The ids under which this process's runners lock jobs. */
  poolIds: string[];
  version: string | null;
  uploadConcurrency: number;
  /** The ids of the jobs that run in this process at the moment. */
  running: ReadonlySet<string>;
  /** Those that failed, and may have been replaced. */
  superseded: Superseded;
  log: Log;
  /** Others took this process for dead and run its jobs: it must end at once. */
  onLost(): void;
  beatMs?: number | undefined;
  /** How long a process may be silent before others take its jobs. */
  ttlMs?: number | undefined;
}

/**
 * Says that we live, and by which backend others can see it; tells by the database's clock how long we had been silent.
 */
const BEAT = `
  update callcenter.worker_leases l
     set heartbeat_at = clock_timestamp(), backend_pid = pg_backend_pid(),
         backend_start = (select backend_start from pg_stat_activity where pid = pg_backend_pid())
    from (select process_id, heartbeat_at from callcenter.worker_leases
           where process_id = $1 and ended_at is null for update) before
   where l.process_id = before.process_id
  returning extract(epoch from l.heartbeat_at - before.heartbeat_at)::float8 * 1000 as silent_ms`;

/**
 * A process's word that it lives, renewed every few seconds: while it is kept, what the process holds is safe; once
 * it is not, its jobs run elsewhere within a minute.
 */
export class Lease {
  readonly processId = randomUUID();
  readonly #pool: PatientPool;
  readonly #options: LeaseOptions;
  readonly #log: Log;
  readonly #beatMs: number;
  readonly #ttlMs: number;
  readonly #strays: StraySearch;
  /**
   * One connection of its own: a heartbeat never queues behind work, and when it is gone the process is, or says so.
   */
  #client: pg.PoolClient | undefined;
  #session: Promise<pg.PoolClient> | undefined;
  #wake = new AbortController();
  #isNew = true;
  #isOver = false;
  #keeping: Promise<void> = Promise.resolve();
  /** For how long no beat has been late. */
  #steadyMs = 0;
  #sweptAt = -Infinity;

  private constructor(pool: PatientPool, options: LeaseOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#log = options.log.named("callcenter.worker");
    this.#beatMs = options.beatMs ?? 10_000;
    this.#ttlMs = options.ttlMs ?? 45_000;
    this.#strays = new StraySearch(pool, { ...options, ttlMs: this.#ttlMs });
  }

  /** Registers the process and keeps its lease from then on. Must resolve before the first job is fetched. */
  static async open(pool: PatientPool, options: LeaseOptions): Promise<Lease> {
    const lease = new Lease(pool, options);
    const client = await lease.#connection();
    await client.query(
      `insert into callcenter.worker_leases
         (process_id, instance, pool_ids, version, upload_concurrency, backend_pid, backend_start)
       select $1, $2, $3, $4, $5, pid, backend_start from pg_stat_activity where pid = pg_backend_pid()`,
      [lease.processId, options.instance, options.poolIds, options.version, options.uploadConcurrency],
    );
    lease.#keeping = lease.#keep();
    return lease;
  }

  /** Resolves with true when this process holds no job any more, with false after `patienceMs`. */
  async settled(patienceMs: number): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    for (let waitMs = 5; performance.now() < deadline; waitMs = Math.min(200, waitMs * 2)) {
      const client = await this.#connection();
      const held = await lockedJobs(client, this.#options.poolIds).catch(() => undefined);
      if (held?.length === 0) return true;
      await pause(waitMs);
    }
    return false;
  }

  /** Gives interrupted jobs their attempt back, frees whatever is still held, and ends the lease. */
  async release(interrupted: Interrupted[]): Promise<void> {
    this.#isOver = true;
    this.#wake.abort();
    await this.#keeping;
    const client = await this.#connection();
    await giveBackAttempts(client, interrupted);
    await this.#options.superseded.forget(client);
    await endLease(client, this.processId);
    this.#client = undefined;
    client.release();
  }

  #connection(): Promise<pg.PoolClient> {
    this.#session ??= this.#connect();
    return this.#session;
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      const client = await this.#pool.connect();
      // Heard at once, so that the new session is on record before anybody misses the old one.
      client.once("error", () => this.#client === client && this.#drop());
      this.#client = client;
      return client;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  #drop(): void {
    this.#client?.release(true);
    this.#client = this.#session = undefined;
    this.#wake.abort();
  }

  async #keep(): Promise<void> {
    const patienceMs = this.#ttlMs / 3;
    while (!this.#isOver) {
      this.#wake = new AbortController();
      try {
        const client = await this.#connection();
        await within(patienceMs, this.#beat(client), tookLonger("The lease's renewal", patienceMs));
        await pause(this.#beatMs, undefined, { signal: this.#wake.signal }).catch(() => {});
      } catch (error) {
        this.#log.warn("Cannot renew the lease; it is tried again", { error });
        this.#drop();
        await pause(Math.min(this.#beatMs, 500));
      }
    }
  }

  async #beat(client: pg.PoolClient): Promise<void> {
    const { rows } = await client.query<{ silent_ms: number }>(BEAT, [this.processId]);
    if (this.#isOver) return;
    if (!rows[0]) {
      this.#isOver = true;
      return this.#options.onLost();
    }
    const { silent_ms } = rows[0];
    this.#steadyMs = silent_ms > this.#ttlMs / 2 ? 0 : this.#steadyMs + silent_ms;
    const isSteady = this.#steadyMs >= this.#ttlMs;
    const dead = await takeOver(client, {
      processId: this.processId,
      instance: this.#options.instance,
      beatMs: this.#beatMs,
      ttlMs: this.#ttlMs,
      isSteady,
      isNew: this.#isNew,
    });
    this.#isNew = false;
    await this.#options.superseded.forget(client);
    if (dead.processes > 0) this.#log.warn("Took over from workers that died", dead);
    const jobs = isSteady ? (await this.#strays.look(client)) + (await this.#freeLeftBehind(client)) : 0;
    if (jobs > 0) this.#log.warn("Freed jobs that nobody ran", { jobs });
  }

  /** Once a ttl: it goes through all jobs. */
  async #freeLeftBehind(client: pg.PoolClient): Promise<number> {
    if (performance.now() - this.#sweptAt < this.#ttlMs) return 0;
    this.#sweptAt = performance.now();
    return freeLeftBehind(client, this.#ttlMs);
  }
}
