import { serve } from "@hono/node-server";
import type { Config, Role } from "../config.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { createApp } from "../http/app.ts";
import type { Log, Redact } from "../log.ts";
import { parseDatabaseUrl } from "../store/database_url.ts";
import { openSql, type Sql } from "../store/open.ts";
import { shareZone } from "../store/settings.ts";
import { createPool } from "../worker/pool.ts";
import type { Worker } from "../worker/runner.ts";
import { swaggerAsset } from "./assets.ts";
import { prepareDatabase, whileAway } from "./database.ts";
import { processMetrics } from "./process_metrics.ts";
import { version } from "./version.ts";
import { controlConcurrency, openWorker } from "./worker.ts";

/** A running service. */
export interface Service {
  port: number;
  /** Resolves once the database is migrated and the worker, where the role has one, takes jobs. */
  ready: Promise<void>;
  /** Takes no more jobs, lets those that run finish or hands them back, closes everything. Within 30 s. */
  stop(): Promise<void>;
}

/** How long a statement of a page may take: its reader has gone by then. */
const PAGE_STATEMENT_MS = 15_000;

/** How long a job's statement may take, and after how long without a word a connection is taken for dead. */
const JOB_STATEMENT_MS = 75_000;
const SILENCE_MS = 90_000;

/** How long jobs may go on after a signal: the platform kills after 40 s, we promise 30. */
const GRACE_MS = 15_000;

/**
 * Starts the service: the HTTP app first, so that `/health/live` answers while the database is still awaited; then the migrations; then the
 * worker. `onFatal`: the process must end with this exit code.
 */
export async function startService(options: {
  config: Config & { DATABASE_URL: string };
  role: Exclude<Role, "cli">;
  log: Log;
  redact: Redact;
  onFatal(exitCode: number, error: Error): void;
}): Promise<Service> {
  const { config, role, log, redact, onFatal } = options;
  const address = parseDatabaseUrl(config.DATABASE_URL);
  const withWorker = role !== "web";
  const sql = openSql(address, {
    max: withWorker ? controlConcurrency(config) + config.UPLOAD_CONCURRENCY : 2,
    statementTimeoutMs: JOB_STATEMENT_MS,
    silenceMs: SILENCE_MS,
  });
  const pool = createPool(address, { max: config.UPLOAD_CONCURRENCY + controlConcurrency(config) + 5, log });
  const pages = openSql(address, { max: 10, statementTimeoutMs: PAGE_STATEMENT_MS, silenceMs: SILENCE_MS });
  const app = createApp({
    sql: pages,
    zone: config.TIMEZONE,
    apiToken: config.API_TOKEN,
    metricsToken: config.METRICS_TOKEN,
    now: () => new Date(),
    log,
    redact,
    version,
    role,
    processMetrics,
    asset: swaggerAsset,
  });
  const { server, port } = await listen(app.fetch, config);
  log.info("Listening", { role, host: config.HOST, port, version });
  if (!config.API_TOKEN) log.warn("The API and the dashboard are closed: API_TOKEN is not set");

  const stopping = new AbortController();
  let worker: Worker | undefined;
  const start = async (unhurried: Sql) => {
    await prepareDatabase(unhurried, pool, { schema: address.schema, log, signal: stopping.signal });
    if (stopping.signal.aborted) return;
    if (!withWorker) return whileAway(log, stopping.signal, () => shareZone(sql, config.TIMEZONE));
    worker = await openWorker({ config, sql, unhurried, pool, log, redact, onFatal, signal: stopping.signal });
    log.info("Worker started", { uploads_at_once: config.UPLOAD_CONCURRENCY, days_at_once: config.PBX_CONCURRENCY });
  };
  const starting = openSql(address, { max: 1 });
  const ready = start(starting).finally(() => starting.end({ timeout: 2 }).catch(() => {}));
  ready.catch((error: Error) => {
    if (!stopping.signal.aborted) onFatal(error.name === "ConfigError" ? 78 : 1, error);
  });

  return {
    port,
    ready,
    async stop() {
      stopping.abort();
      await ready.catch(() => {});
      await worker?.stop(GRACE_MS);
      if (!worker) await pool.end().catch(() => {});
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await Promise.all([sql, pages].map((connections) => connections.end({ timeout: 2 }))).catch((error: unknown) =>
        log.warn("Connections did not close", { reason: messageOf(error) }),
      );
    },
  };
}

function listen(fetch: (request: Request) => Response | Promise<Response>, { PORT, HOST }: Config) {
  return new Promise<{ server: ReturnType<typeof serve>; port: number }>((resolve, reject) => {
    const server = serve({ fetch, port: PORT, hostname: HOST }, ({ port }) => resolve({ server, port }));
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, `${HOST}:${PORT}`)));
  });
}

/** What only another HOST or PORT mends, and what time may mend. */
function cannotListen(error: NodeJS.ErrnoException, where: string): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: "another program has this port; set PORT to a free one",
    EACCES: "this user may not use the port; set PORT to one above 1023",
    EADDRNOTAVAIL: "this machine has no such address; set HOST to one that it has",
    ENOTFOUND: "HOST is neither an address nor a name that is known; set it to an address of this machine",
  };
  const { code = "" } = error;
  const message = `Cannot listen on ${where}: ${reasons[code] ?? error.message}`;
  const isOurs = ["EACCES", "EADDRNOTAVAIL", "ENOTFOUND"].includes(code);
  return isOurs ? new ConfigError(message, { cause: error }) : new Error(message, { cause: error });
}
