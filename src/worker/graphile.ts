import { Logger, runMigrations } from "graphile-worker";
import type pg from "pg";
import type { Log } from "../log.ts";

/** Brings Graphile Worker's own tables and functions up to date. Safe when several processes do it at once. */
export async function migrateGraphile(pool: pg.Pool, log: Log): Promise<void> {
  await runMigrations({ pgPool: pool, logger: graphileLogger(log) });
}

/** What Graphile Worker says, in our log. A job's end is not among it: the job's own line says that, and better. */
export function graphileLogger(log: Log): Logger {
  const worker = log.named("callcenter.worker");
  return new Logger(() => (level, message, meta) => {
    if (meta?.failure || meta?.success) return;
    if (level === "error" || level === "warning") worker.warn(message);
    else worker.debug(message);
  });
}
