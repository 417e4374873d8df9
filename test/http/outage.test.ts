import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql } from "../../src/store/open.ts";
import { type Client, openClient } from "./client.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());

describe("without a database", () => {
  let hole: Server;
  beforeAll(async () => {
    hole = createServer(() => {});
    await new Promise<void>((resolve) => hole.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    hole.close();
  });

  const portOfHole = () => (hole.address() as { port: number }).port;
  test.each([
    ["that refuses connections", () => 1],
    ["that accepts them and says nothing", portOfHole],
  ])("%s, health is unhealthy within two seconds, metrics and liveness answer", async (_, port) => {
    const sql = openSql(parseDatabaseUrl(`postgres://nobody:db-password@127.0.0.1:${port()}/none`), { max: 2 });
    const cut = client.but({ sql, processMetrics: async () => "# HELP own Own.\n# TYPE own gauge\nown 1\n" });
    try {
      const before = performance.now();
      const answer = await cut.ask("/health", { token: null });
      expect(performance.now() - before).toBeLessThan(2_000);
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({
        status: "unhealthy",
        database: { status: "failing", reason: "database_unavailable" },
        pbx: { status: "unknown" },
      });
      expect(answer.text).not.toContain("db-password");
      expect((await cut.ask("/health/live", { token: null })).body).toEqual({ status: "alive" });
    } finally {
      await sql.end({ timeout: 0 });
    }
  });

  test("an API request is told so, and that it may come back", async () => {
    const sql = openSql(parseDatabaseUrl("postgres://nobody@127.0.0.1:1/none"), { max: 1 });
    const answer = await client.but({ sql }).ask("/calls");
    expect(answer.body).toMatchObject({ status: 503, code: "database_unavailable" });
    expect(answer.headers.get("Retry-After")).toBe("5");
    await sql.end({ timeout: 0 });
  });

  test("metrics still carry the process's own", async () => {
    const sql = openSql(parseDatabaseUrl("postgres://nobody@127.0.0.1:1/none"), { max: 1 });
    const answer = await client.but({ sql, processMetrics: async () => "own 1\n" }).ask("/metrics");
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("callcenter_database_up 0\n");
    expect(answer.text).toContain("own 1\n");
    await sql.end({ timeout: 0 });
  });
});

test("a database that takes no writes, such as a replica, is unavailable to whoever wants to write", async () => {
  const { database } = client;
  await database.sql.unsafe(`alter database ${database.name} set default_transaction_read_only = on`);
  const sql = openSql(parseDatabaseUrl(database.url), { max: 1 });
  try {
    const json = { dateFrom: "2024-01-10", dateTo: "2024-01-10" };
    const answer = await client.but({ sql }).ask("/backfill", { method: "POST", json });
    expect(answer).toMatchObject({ status: 503, body: { code: "database_unavailable" } });
    expect(answer.headers.get("Retry-After")).toBe("5");
  } finally {
    await sql.end();
    await database.sql.unsafe(`alter database ${database.name} reset default_transaction_read_only`);
  }
});

test("an empty database is unhealthy, and the reason is that it lacks its tables", async () => {
  const empty = await openClient({ empty: true });
  const answer = await empty.ask("/health", { token: null });
  expect(answer).toMatchObject({
    status: 503,
    body: { database: { status: "failing", reason: "database_not_migrated" } },
  });
  await empty.close();
});
