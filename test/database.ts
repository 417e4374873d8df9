import { randomBytes } from "node:crypto";
import { runMigrations } from "graphile-worker";
import pg from "pg";
import { inject } from "vitest";
import { parseDatabaseUrl } from "../src/store/database_url.ts";
import { migrate } from "../src/store/migrate.ts";
import { openSql, type Sql } from "../src/store/open.ts";
import { shareErrorCodes } from "../src/store/settings.ts";

/** A database of its own for one test file. */
export interface TestDatabase {
  url: string;
  name: string;
  sql: Sql;
  drop(): Promise<void>;
}

const withDatabase = (serverUrl: string, name: string) => {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
};

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const uniqueName = (what: string) => `ccs_${what}_${randomBytes(6).toString("hex")}`;

/** Makes the database that all others are cloned from: Graphile Worker's tables and ours. */
export async function migratedTemplate(serverUrl: string): Promise<{ name: string; drop(): Promise<void> }> {
  const name = uniqueName("template");
  await onServer(serverUrl, `create database ${name}`);
  const url = withDatabase(serverUrl, name);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  await runMigrations({ pgPool: pool });
  await pool.end();
  const sql = openSql(parseDatabaseUrl(url), { max: 1 });
  await migrate(sql);
  await shareErrorCodes(sql);
  await sql.end();
  return { name, drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`) };
}

/** A migrated database, or an empty one. */
export async function createDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const serverUrl = inject("serverUrl");
  const name = uniqueName("test");
  const template = options.empty ? "" : ` template ${inject("template")} strategy file_copy`;
  await onServer(serverUrl, `create database ${name}${template}`);
  const url = withDatabase(serverUrl, name);
  const sql = openSql(parseDatabaseUrl(url), { max: 4 });
  return {
    url,
    name,
    sql,
    drop: async () => {
      await sql.end({ timeout: 1 });
      await onServer(serverUrl, `drop database if exists ${name} with (force)`);
    },
  };
}
