import type { PatientPool } from "./pool.ts";
import { type Client, freeStrays, lockedJobs } from "./rescue.ts";

/**
 * Looks for jobs that our pools hold but nobody runs: PostgreSQL handed them out, and the answer was lost with its
 * connection. Costs nothing while no connection is lost.
 */
export class StraySearch {
  readonly #pool: PatientPool;
  readonly #poolIds: string[];
  readonly #running: ReadonlySet<string>;
  readonly #ttlMs: number;
  #lostAnswers = 0;
  #lookUntil = 0;
  #suspects = new Set<string>();

  constructor(pool: PatientPool, options: { poolIds: string[]; running: ReadonlySet<string>; ttlMs: number }) {
    this.#pool = pool;
    this.#poolIds = options.poolIds;
    this.#running = options.running;
    this.#ttlMs = options.ttlMs;
  }

  /**
   * Frees what was a stray at two looks in a row: between them, the end of a job that has just ended is written.
   * Returns how many.
   */
  async look(client: Client): Promise<number> {
    if (this.#pool.lostAnswers !== this.#lostAnswers) {
      this.#lostAnswers = this.#pool.lostAnswers;
      this.#lookUntil = performance.now() + 4 * this.#ttlMs;
    }
    if (performance.now() > this.#lookUntil) return 0;
    const held = await lockedJobs(client, this.#poolIds, this.#ttlMs);
    const strays = held.filter((id) => !this.#running.has(id));
    const sure = strays.filter((id) => this.#suspects.has(id));
    this.#suspects = new Set(strays);
    if (sure.length > 0) await freeStrays(client, this.#poolIds, sure);
    return sure.length;
  }
}
