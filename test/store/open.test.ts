import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../src/log.ts";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql } from "../../src/store/open.ts";
import { createPool } from "../../src/worker/pool.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { startTcpProxy, type TcpProxy } from "../fakes/tcp_proxy.ts";

let database: TestDatabase;
let wire: TcpProxy;

beforeAll(async () => {
  database = await createDatabase({ empty: true });
  const { hostname, port } = new URL(database.url);
  wire = await startTcpProxy({ host: hostname, port: Number(port) });
});
afterAll(async () => {
  await wire.close();
  await database.drop();
});

test("a connection that breaks while it opens fails its statement, and leaves no rejection that nobody can catch", async () => {
  const unheard: unknown[] = [];
  const listen = (error: unknown) => unheard.push(error);
  process.on("unhandledRejection", listen);
  const url = new URL(database.url);
  url.host = `${wire.host}:${wire.port}`;
  const answers: string[] = [];
  for (let afterMs = 0; afterMs < 24; afterMs += 2) {
    const sql = openSql(parseDatabaseUrl(url.href), { max: 2 });
    const asked = Promise.all([sql`select ${["a", "b"]}::text[] as letters`, sql`select pg_sleep(0.01)`]);
    const answer = asked.then(
      ([[row]]) => String(row?.letters),
      (error: Error) => error.message,
    );
    await pause(afterMs);
    wire.cut();
    answers.push(await answer);
    await sql.end({ timeout: 0 });
  }
  process.off("unhandledRejection", listen);
  expect(unheard).toEqual([]);
  expect(new Set(answers.map((answer) => (answer === "a,b" ? "done" : "failed")))).toContain("failed");
});

test("instants and days are read alike, whatever date style the database is set to", async () => {
  await database.sql.unsafe(`alter database ${database.name} set datestyle = 'German'`);
  const address = parseDatabaseUrl(database.url);
  const clients = [openSql(address), openSql({ ...address, pooled: true }), openSql(address, { forOneRequest: true })];
  const pool = createPool(address, { max: 1, log: silentLog });
  const instant = new Date("2024-01-14T19:00:00Z");
  try {
    for (const sql of clients) {
      const [row] = await sql`
        select ${instant}::timestamptz as at, array[${instant}::timestamptz] as times, '2024-01-15'::date::text as day`;
      expect(row).toEqual({ at: instant, times: [instant], day: "2024-01-15" });
    }
    const { rows } = await pool.query("select '2024-01-14T19:00:00Z'::timestamptz as at");
    expect(rows).toEqual([{ at: instant }]);
  } finally {
    await Promise.all([...clients, pool].map((connections) => connections.end()));
    await database.sql.unsafe(`alter database ${database.name} reset datestyle`);
  }
});
