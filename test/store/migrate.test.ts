import { readFile } from "node:fs/promises";
import { runMigrations } from "graphile-worker";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openSql } from "../../src/store/open.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { eventually } from "../eventually.ts";

let database: TestDatabase | undefined;
afterEach(() => database?.drop());

async function emptyDatabase(): Promise<TestDatabase> {
  database = await createDatabase({ empty: true });
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  await runMigrations({ pgPool: pool });
  await pool.end();
  return database;
}

test("migrate() applies every file once, also when four processes do it at once", async () => {
  const { sql } = await emptyDatabase();
  const applied = await Promise.all([migrate(sql), migrate(sql), migrate(sql), migrate(sql)]);
  const names = applied.flat().sort();
  expect(new Set(names).size).toBe(names.length);
  const [row] = await sql`select count(*)::int as files from callcenter.migrations`;
  expect(names.length).toBe(row?.files);
});

test("migrate() refuses a database that is newer than the program", async () => {
  const { sql } = await emptyDatabase();
  await migrate(sql);
  await sql`insert into callcenter.migrations (version, name, checksum) values (999, '999_future.sql', 'x')`;
  await expect(migrate(sql)).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("The database is newer than this program: it has 999_future.sql."),
  });
});

test("migrate() refuses a file that was changed after it was applied", async () => {
  const { sql } = await emptyDatabase();
  await migrate(sql);
  await sql`update callcenter.migrations set checksum = 'x' where version = 1`;
  await expect(migrate(sql)).rejects.toThrow(/is not the file that was applied/);
});

test("migrate() whose connection is ended says so by the error's code, and goes on where it was the next time", async () => {
  const { sql, url } = await emptyDatabase();
  const ours = openSql(parseDatabaseUrl(url), { max: 1 });
  await sql.unsafe(`
    create schema callcenter;
    create table callcenter.migrations (
      version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`);
  await sql.begin(async (other) => {
    await other`insert into callcenter.migrations (version, name, checksum) values (1, 'under way', '')`;
    const migrating = migrate(ours).catch((error: unknown) => error);
    const [waiting] = await eventually(async () => {
      const found = await sql<{ pid: number }[]>`
        select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      return found.length > 0 ? found : null;
    }, "it waits for another that migrates");
    await sql`select pg_terminate_backend(${waiting!.pid})`;
    expect(await migrating).toMatchObject({
      message: expect.stringContaining("Cannot apply sql/001_"),
      code: expect.stringMatching("57P01|CONNECTION_CLOSED"),
    });
    await other`delete from callcenter.migrations`;
  });
  expect((await migrate(sql)).length).toBeGreaterThan(1);
  await ours.end({ timeout: 0 });
});

test("a plain INSERT works on both tables: ids, times and counts come from the database", async () => {
  const { sql } = await emptyDatabase();
  await migrate(sql);
  await sql`insert into "CallCenterRecord" ("uuid") values ('a')`;
  await sql`insert into "CallCenterSyncLog" ("syncType", "status", "dateFrom", "dateTo") values ('daily', 'failed', now(), now())`;
  const [call] = await sql`select * from "CallCenterRecord"`;
  expect(call).toMatchObject({ duration: 0, billSec: 0, uploadRetryCount: 0, adopted: false });
  expect(call?.id).toHaveLength(36);
  const [log] = await sql`select * from "CallCenterSyncLog"`;
  expect(log).toMatchObject({ totalRecords: 0, retryCount: 0, adopted: false });
});

test("a sync log of a status or a type that does not exist is refused; those of the old system stay as they are", async () => {
  const { sql } = await emptyDatabase();
  await sql.unsafe(await readFile(new URL("../fakes/prisma.sql", import.meta.url), "utf8")).simple();
  await sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "startTime", "dateFrom", "dateTo", "updatedAt")
    values ('old', 'hourly', 'pending', now(), now(), now(), now())`;
  await migrate(sql);
  expect(await sql`select "syncType", "status" from "CallCenterSyncLog"`).toEqual([
    { syncType: "hourly", status: "pending" },
  ]);
  const insert = (syncType: string, status: string) => sql`
    insert into "CallCenterSyncLog" ("syncType", "status", "dateFrom", "dateTo") values (${syncType}, ${status}, now(), now())`;
  await expect(insert("hourly", "failed")).rejects.toThrow("sync_type_is_known");
  await expect(insert("daily", "pending")).rejects.toThrow("status_is_known");
});

test("with the tables in a schema of their own, the views answer to a session that does not look there", async () => {
  const { sql, url } = await emptyDatabase();
  await sql`create schema kata`;
  const ours = openSql(parseDatabaseUrl(`${url}?schema=kata`), { max: 1 });
  await migrate(ours);
  await ours`insert into "CallCenterRecord" ("uuid", "startTime") values ('a', now())`;
  await ours.end();
  const [day] = await sql`select records::int from callcenter.days`;
  expect(day).toEqual({ records: 1 });
  expect(await sql`select * from callcenter.attention`).toEqual([]);
  await sql`delete from kata."CallCenterRecord"`;
});

test("the schema that the URL names is made where it does not exist, and holds the two tables", async () => {
  const { sql, url } = await emptyDatabase();
  const address = parseDatabaseUrl(`${url}?schema=ap"p`);
  const ours = openSql(address, { max: 1 });
  await migrate(ours, address);
  await ours.end();
  const tables =
    await sql`select schemaname as schema, tablename as table from pg_tables where tablename like 'CallCenter%' order by 2`;
  expect(tables).toEqual([
    { schema: 'ap"p', table: "CallCenterRecord" },
    { schema: 'ap"p', table: "CallCenterSyncLog" },
  ]);
});

test("the views answer on an empty database", async () => {
  const { sql } = await emptyDatabase();
  await migrate(sql);
  expect(await sql`select * from callcenter.days`).toHaveLength(0);
  expect(await sql`select * from callcenter.attention`).toHaveLength(0);
  expect((await sql`select task from callcenter.queue`).map(({ task }) => task)).toContain("daily_sync");
});
