import { randomUUID } from "node:crypto";
import type pg from "pg";
import { ConfigError } from "../errors.ts";

const REFUSAL =
  "DATABASE_URL leads to a connection pooler in transaction mode (such as PgBouncer). A worker needs sessions of its " +
  "own, for LISTEN and for its lease: set DATABASE_URL to the direct URL of the same database, the one that does not " +
  "pass through the pooler. A process with --role web may keep the pooled URL.";

/**
 * Throws a ConfigError where a pooler in transaction mode stands between us and PostgreSQL, by what it does, not by
 * what its URL looks like: there, two open connections share one backend, or one changes its backend, or a notification
 * does not arrive.
 */
export async function refusePooler(pool: pg.Pool, patienceMs = 5_000): Promise<void> {
  const [listener, other] = await Promise.all([pool.connect(), pool.connect()]);
  try {
    if (!(await areSessions(listener, other, patienceMs))) throw new ConfigError(REFUSAL);
  } finally {
    listener.release(true);
    other.release(true);
  }
}

async function areSessions(listener: pg.PoolClient, other: pg.PoolClient, patienceMs: number): Promise<boolean> {
  const channel = `"callcenter_${randomUUID()}"`;
  const heard = new Promise<boolean>((resolve) => {
    listener.once("notification", () => resolve(true));
    setTimeout(resolve, patienceMs, false).unref();
  });
  const listening = await backendOf(listener);
  await listener.query(`listen ${channel}`);
  // A transaction gets a backend for itself: under such a pooler the listener's, or else the listener gets another.
  await other.query("begin");
  const notifying = await backendOf(other);
  const stillListening = await backendOf(listener);
  await other.query(`notify ${channel}`);
  await other.query("commit");
  return listening !== notifying && listening === stillListening && (await heard);
}

async function backendOf(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]!.pid;
}
