import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../log.ts";
import { type DatabaseAddress, searchPathOf } from "../store/database_url.ts";
import { READABLE_DATES } from "../store/open.ts";

/**
 * What node-postgres reports when the connection is to blame, not the statement. The last one: a primary that was
 * demoted.
 */
const CONNECTION_CODES = new Set(
  [
    "ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN",
    "57P01 57P02 57P03 08000 08001 08003 08004 08006 53300 25006",
  ].flatMap((codes) => codes.split(" ")),
);
const CONNECTION_WORDS =
  /Connection terminated|not queryable|timeout exceeded when trying to connect|Client was closed|Query read timeout/;

/** As `postgres` says it; and what PostgreSQL breaks off in favour of others: a serialization failure, a deadlock. */
const AWAY_CODES = /^(CONNECT_TIMEOUT|CONNECTION_(CLOSED|DESTROYED|ENDED)|40001|40P01)$/;

/**
 * True where PostgreSQL is not to be reached, not ready yet, or broke the statement off for no fault of its own, as either driver (or our
 * pool, which gives a connection's end another code) tells it: the same statement may succeed later.
 */
export const isDatabaseAway = (error: unknown): boolean =>
  isConnectionError(error) || AWAY_CODES.test(String((error as { code?: string }).code));

/** True where the same statement may succeed on another connection, later. */
function isConnectionError(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return CONNECTION_CODES.has(code ?? "") || CONNECTION_WORDS.test(message ?? "");
}

/**
 * Of the codes that make Graphile Worker try again, the one after which it waits least: waiting is for connect() to do.
 */
const TRY_AGAIN = "40001";

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/**
 * A pool whose promised connections wait for the database instead of failing. Graphile Worker writes a job's end
 * without awaiting it: with any other pool, a job that ends while PostgreSQL is away takes the process down, and its
 * end is lost.
 *
 * The callback form of connect() fails as usual: LISTEN, the schedule and query() have a patience of their own.
 */
export class PatientPool extends pg.Pool {
  /** How many statements lost their connection so far: each may have been done without our hearing of it. */
  lostAnswers = 0;
  readonly #log: Log;
  #isDown = false;
  #isClosing = false;

  constructor(config: pg.PoolConfig, log: Log) {
    super({ connectionTimeoutMillis: 5_000, keepAlive: true, keepAliveInitialDelayMillis: 10_000, ...config });
    this.#log = log.named("callcenter.worker");
    this.on("error", () => {}); // an idle connection died: the pool has removed it already
    this.on("connect", (client) => {
      client.on("error", () => {}); // one in use died: its next statement fails
      this.#relabel(client);
    });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) return this.#connectPatiently();
    super.connect(callback);
  }

  /**
   * Whoever waits for a connection now waits for ever: a rejection that nobody awaits would end the process in
   * disorder.
   */
  override async end(): Promise<void> {
    this.#isClosing = true;
    await super.end();
  }

  async #connectPatiently(): Promise<pg.PoolClient> {
    for (let attempt = 0; ; attempt++) {
      if (this.#isClosing) return new Promise(() => {});
      try {
        const client = await super.connect();
        if (this.#isDown) this.#log.info("PostgreSQL answers again");
        this.#isDown = false;
        return client;
      } catch (error) {
        if (this.#isClosing) continue;
        if (!isConnectionError(error)) throw error;
        if (!this.#isDown) this.#log.warn("PostgreSQL does not answer: work waits for it", { error });
        this.#isDown = true;
        await pause(Math.min(2_000, 100 * 1.6 ** attempt) * (0.75 + Math.random() / 2));
      }
    }
  }

  /** Makes Graphile Worker try a statement again that failed with its connection. */
  #relabel(client: pg.PoolClient): void {
    const query = client.query as (...parameters: unknown[]) => unknown;
    const patient = (...parameters: unknown[]) => {
      const answer = query.apply(client, parameters);
      return answer instanceof Promise ? answer.catch((error) => this.#failed(client, error)) : answer;
    };
    client.query = patient as typeof client.query;
  }

  #failed(client: pg.PoolClient, error: Error & { code?: string; originalCode?: string | undefined }): never {
    if (isConnectionError(error)) {
      this.lostAnswers++;
      error.originalCode = error.code;
      error.code = TRY_AGAIN;
      // After a timeout the answer may still come, and would be taken for the next statement's.
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    }
    throw error;
  }
}

/**
 * The one pool of a process: both runners and the lease use it. Opens no connection yet; `end()` belongs to the worker.
 */
export function createPool(address: DatabaseAddress, options: { max: number; log: Log }): PatientPool {
  return new PatientPool(
    {
      host: address.host,
      port: address.port,
      database: address.database,
      user: address.user,
      password: address.password,
      ssl: address.tls ? { rejectUnauthorized: address.tls.verify } : false,
      application_name: "callcenter-sync",
      ...(address.schema !== "public" && { options: `-c search_path=${searchPathOf(address).replaceAll(" ", "\\ ")}` }),
      // Not as an option of the start: PgBouncer would refuse it before refusePooler() can say what is wrong.
      onConnect: (client) => client.query(`set datestyle = ${READABLE_DATES}`),
      query_timeout: 60_000,
      max: options.max,
    },
    options.log,
  );
}
