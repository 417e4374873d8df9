import { setTimeout as pause } from "node:timers/promises";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import { addressFault } from "../store/address_fault.ts";
import { migrate } from "../store/migrate.ts";
import type { Sql } from "../store/open.ts";
import { shareErrorCodes } from "../store/settings.ts";
import { isDatabaseAway, type PatientPool } from "../worker/pool.ts";
import { migrateGraphile } from "../worker/runner.ts";

const PATIENCE_MS = 5_000;

/** Where the two tables go, and who is told. */
interface Preparing {
  schema: string;
  log: Log;
}

/** As `migrateAll`, but waits for a database that is not there yet, or takes no writes. */
export const prepareDatabase = (
  sql: Sql,
  pool: PatientPool,
  { signal, ...how }: Preparing & { signal?: AbortSignal },
): Promise<string[]> => whileAway(how.log, signal, () => migrateAll(sql, pool, how));

/** Graphile Worker's tables, then ours. Returns the names of our files that were applied now. */
export async function migrateAll(sql: Sql, pool: PatientPool, { schema, log }: Preparing): Promise<string[]> {
  const [row] = await sql<{ version: number }[]>`select current_setting('server_version_num')::int as version`;
  if ((row?.version ?? 0) < 150_000) throw new ConfigError("PostgreSQL 15 or newer is needed.");
  await migrateGraphile(pool, log);
  const applied = await migrate(sql, { schema });
  await shareErrorCodes(sql);
  if (applied.length > 0) log.info("Migrations applied", { files: applied });
  return applied;
}

/** What PostgreSQL refuses for good, by its codes (postgresql.org/docs/current/errcodes-appendix.html). */
const WRONG_ADDRESS: Record<string, string> = {
  "28P01": "has a user or a password that PostgreSQL refuses",
  "28000": "has a user whom PostgreSQL does not let in",
  "3D000": "names a database that does not exist: create it, or name another",
};

function wrongAddress(error: unknown): string | undefined {
  const fault = addressFault(error);
  if (fault) return `${fault.message} ${fault.hint}`;
  const wrong = WRONG_ADDRESS[(error as { code?: string }).code ?? ""];
  return wrong && `DATABASE_URL ${wrong}`;
}

/** Does what is safe twice, again and again while PostgreSQL is away. */
export async function whileAway<T>(log: Log, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const wrong = wrongAddress(error);
      if (wrong) throw new ConfigError(`Cannot start: the environment is not right.\n  ${wrong}`, { cause: error });
      if (!isDatabaseAway(error)) throw error;
      log.warn("PostgreSQL is not to be reached; trying again", { reason: (error as Error).message });
      await pause(PATIENCE_MS, undefined, { signal });
    }
  }
}
