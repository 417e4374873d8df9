import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { ConfigError } from "../errors.ts";
import { findObstacles } from "./adoption.ts";
import type { Sql } from "./open.ts";

/** Any constant: whoever migrates this database holds this lock. */
const LOCK = 7_226_274_501;

/** How long a migration waits for a table that another program holds. */
const LOCK_TIMEOUT_MS = 10_000;

/** How PostgreSQL refuses to change a column that a view or an index of somebody else's uses. */
const OBSTRUCTED: ReadonlySet<string> = new Set(["0A000", "42P17"]);

const DIRECTORY = new URL("../../sql/", import.meta.url);

interface Migration {
  version: number;
  name: string;
  checksum: string;
  text: string;
}

/** The files of `sql/`, in their order. */
async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(DIRECTORY)).filter((name) => /^\d{3}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, DIRECTORY), "utf8");
      return {
        version: Number(name.slice(0, 3)),
        name,
        checksum: createHash("sha256").update(text).digest("hex"),
        text,
      };
    }),
  );
}

/**
 * Sends statements as one message of the simple protocol: one implicit transaction, all or nothing, which also a pooler in transaction
 * mode keeps together. It begins with the lock, in UTC (so that a timestamp becomes a timestamptz without touching a row), and gives up
 * when an old program holds the tables.
 */
const underLock = (sql: Sql, text: string, lockTimeoutMs = LOCK_TIMEOUT_MS) =>
  sql
    .unsafe(
      `select pg_advisory_xact_lock(${LOCK}), set_config('lock_timeout', '${lockTimeoutMs}ms', true), set_config('timezone', 'UTC', true);\n${text}`,
    )
    .simple();

/**
 * Brings the database up to the files of `sql/`, forward only. Safe when several processes do it at once. Throws where the database is
 * newer than this program (a ConfigError), or where a file that was applied has changed since. Returns the names of the files applied now.
 * `schema`: that of the two tables; it is made where it does not exist, as Prisma does, for they would else go to the next one of the search
 * path.
 *
 * Graphile Worker's own migrations must have run: our SQL functions name its types.
 */
export async function migrate(sql: Sql, options: { schema?: string; lockTimeoutMs?: number } = {}): Promise<string[]> {
  const { schema = "public" } = options;
  const ownSchema = schema === "public" ? "" : `create schema if not exists "${schema.replaceAll('"', '""')}";`;
  await underLock(
    sql,
    `${ownSchema}
     create schema if not exists callcenter;
     create table if not exists callcenter.migrations (
       version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now());`,
  );
  const migrations = await readMigrations();
  const applied = await sql<{ version: number; name: string; checksum: string }[]>`
    select version, name, checksum from callcenter.migrations order by version`;
  refuseForeign(applied, migrations);
  const pending = migrations.filter(({ version }) => !applied.some((row) => row.version === version));
  const done: string[] = [];
  for (const migration of pending) if (await apply(sql, migration, options.lockTimeoutMs)) done.push(migration.name);
  return done;
}

function refuseForeign(applied: Omit<Migration, "text">[], known: Migration[]): void {
  for (const row of applied) {
    const file = known.find(({ version }) => version === row.version);
    if (!file)
      throw new ConfigError(`The database is newer than this program: it has ${row.name}. Start the newer version.`);
    if (file.checksum !== row.checksum) {
      throw new Error(
        `sql/${file.name} is not the file that was applied to this database. Restore it, and add a new file instead.`,
      );
    }
  }
}

/** Applies one file; false where another process did it in the meantime. */
async function apply(sql: Sql, { version, name, checksum, text }: Migration, lockTimeoutMs?: number): Promise<boolean> {
  try {
    await underLock(
      sql,
      `insert into callcenter.migrations (version, name, checksum) values (${version}, '${name}', '${checksum}');\n${text}`,
      lockTimeoutMs,
    );
    return true;
  } catch (error) {
    const { code, constraint_name } = error as { code?: string; constraint_name?: string };
    if (code === "23505" && constraint_name === "migrations_pkey") return false;
    if (code === "55P03") {
      throw new Error(
        `Cannot apply sql/${name}: another program holds the tables. Stop the old system, then start again.`,
        { cause: error },
      );
    }
    const obstacles = OBSTRUCTED.has(String(code)) ? (await findObstacles(sql)).map((obstacle) => obstacle.name) : [];
    const advice = obstacles.length === 0 ? "" : `. Drop first, and create again afterwards: ${obstacles.join(", ")}`;
    const message = `Cannot apply sql/${name}: ${(error as Error).message}${advice}`;
    // Its code tells those who wait for a database that is away.
    throw Object.assign(new Error(message, { cause: error }), { code });
  }
}
