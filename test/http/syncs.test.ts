import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Client, openClient } from "./client.ts";
import { insertLogs, queuedKeys } from "./rows.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());
beforeEach(async () => {
  await client.database.sql`delete from "CallCenterSyncLog"`;
  await client.database.sql`select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))`;
});

const idsOf = async (query: string) =>
  (await client.ask(`/syncs?${query}`)).body.syncs.map(({ id }: { id: string }) => id);

describe("sync logs", () => {
  test("go on at no cursor of a year that PostgreSQL does not know", async () => {
    const { body } = await client.ask(`/syncs?cursor=${btoa("-99999999999999 abc")}`);
    expect(body).toMatchObject({ status: 400, code: "invalid_request" });
  });

  test("come newest first, page by page, their dates as days of the business", async () => {
    const createdAt = (minute: number) => new Date(Date.UTC(2024, 0, 15, 19, minute));
    await insertLogs(
      client.database.sql,
      [1, 2, 3].map((n) => ({ id: `log-${n}`, day: "2024-01-15", createdAt: createdAt(n) })),
    );
    const first = (await client.ask("/syncs?limit=2")).body;
    expect(first.syncs[0]).toMatchObject({
      id: "log-3",
      dateFrom: "2024-01-15",
      dateTo: "2024-01-15",
      status: "completed",
    });
    const second = (await client.ask(`/syncs?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.syncs, ...second.syncs].map(({ id }) => id)).toEqual(["log-3", "log-2", "log-1"]);
    expect(second.nextCursor).toBeNull();
  });

  test("are filtered by status, type and day", async () => {
    await insertLogs(client.database.sql, [
      { id: "a", day: "2024-01-15", status: "failed" },
      { id: "b", day: "2024-01-16", syncType: "manual" },
    ]);
    expect(await idsOf("status=failed")).toEqual(["a"]);
    expect(await idsOf("syncType=manual")).toEqual(["b"]);
    expect(await idsOf("day=2024-01-16")).toEqual(["b"]);
    expect(await idsOf("day=2024-01-17")).toEqual([]);
    expect((await client.ask("/syncs?status=lost")).status).toBe(400);
  });

  test("of the old system are found by each day that they hold", async () => {
    await client.database.sql`
      insert into "CallCenterSyncLog" ("id", "syncType", "status", "dateFrom", "dateTo", "adopted")
      values ('old', 'manual', 'completed', '2024-01-10T00:00:00Z', '2024-01-12T00:00:00Z', true)`;
    for (const day of ["2024-01-10", "2024-01-11", "2024-01-12"])
      expect(await idsOf(`day=${day}`), day).toEqual(["old"]);
    expect(await idsOf("day=2024-01-13")).toEqual([]);
  });

  test("show what was refused, with its reason, and what to do", async () => {
    const { sql } = client.database;
    await insertLogs(sql, [{ id: "a", day: "2024-01-15", status: "partial", errorCode: "day_refused_records" }]);
    const items = [{ uuid: "u", reason: "no start", record: { caller_name: "A\u202eB" } }];
    await sql`update "CallCenterSyncLog" set "failedItems" = ${sql.json(items)}`;
    const { body } = await client.ask("/syncs/a");
    expect(body).toMatchObject({ id: "a", hint: expect.stringContaining("refused records") });
    expect(body.failedItems).toEqual([{ uuid: "u", reason: "no start", record: { caller_name: "AB" } }]);
  });

  test("show no secret and no phone number that an old error carries", async () => {
    await insertLogs(client.database.sql, [
      {
        id: "a",
        day: "2024-01-15",
        status: "failed",
        errorMessage: "401 for Bearer abcdef123456 of 0901234567",
        adopted: true,
      },
    ]);
    const { text } = await client.ask("/syncs/a");
    expect(text).not.toMatch(/abcdef123456|0901234567/);
  });
});

describe("retrying a log", () => {
  const retry = (id: string) => client.ask(`/syncs/${id}/retry`, { method: "POST" });

  test("continues it: retrying, one retry more, and its day job queued", async () => {
    await insertLogs(client.database.sql, [{ id: "a", day: "2024-01-15", status: "failed", retryCount: 3 }]);
    const answer = await retry("a");
    expect(answer).toMatchObject({ status: 202, body: { id: "a", day: "2024-01-15", url: "/syncs/a" } });
    expect((await client.ask("/syncs/a")).body).toMatchObject({ status: "retrying", retryCount: 4, syncType: "daily" });
    expect(await queuedKeys(client.database.sql)).toEqual(["daily_sync:retry:a"]);
  });

  test("is refused where the log is unknown, running, completed or of the old system", async () => {
    await insertLogs(client.database.sql, [
      { id: "running", day: "2024-01-15", status: "running" },
      { id: "completed", day: "2024-01-15" },
      { id: "old", day: "2024-01-15", status: "failed", adopted: true },
    ]);
    expect((await retry("unknown")).body.code).toBe("not_found");
    for (const id of ["running", "completed", "old"]) {
      expect((await retry(id)).body, id).toMatchObject({ status: 409, code: "not_possible" });
    }
    expect(await queuedKeys(client.database.sql)).toEqual([]);
  });
});

describe("a missing check", () => {
  const payloads = async () =>
    (
      await client.database.sql<{ payload: unknown }[]>`
      select payload from graphile_worker._private_jobs`
    ).map(({ payload }) => payload);

  test("is queued with the days that were asked for, once", async () => {
    const first = await client.ask("/missing-check", { json: { daysBack: 7 } });
    expect(first).toMatchObject({ status: 202, body: { task: "missing_check", isNew: true } });
    expect((await client.ask("/missing-check", { json: { daysBack: 7 } })).body.isNew).toBe(false);
    expect(await payloads()).toEqual([{ daysBack: 7 }]);
  });

  test("of more days than one that waits is queued too", async () => {
    for (const json of [{}, { daysBack: 30 }]) {
      expect((await client.ask("/missing-check", { json })).body.isNew, JSON.stringify(json)).toBe(true);
      expect((await client.ask("/missing-check", { json })).body.isNew, JSON.stringify(json)).toBe(false);
    }
    expect(await payloads()).toEqual([{}, { daysBack: 30 }]);
  });

  test("needs no body, nor its content type", async () => {
    expect((await client.ask("/missing-check", { method: "POST" })).status).toBe(202);
    await client.database.sql`select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))`;
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await client.ask("/missing-check", { text: '{"daysBack":4}', headers })).status).toBe(202);
    expect(await payloads()).toEqual([{ daysBack: 4 }]);
  });

  test.each([
    '{"daysBack":0}',
    '{"daysBack":367}',
    '{"daysBack":1.5}',
    '{"daysBack":"3"}',
    '{"days":3}',
    "[]",
    "null",
    "{",
  ])("refuses %s", async (text) => {
    expect((await client.ask("/missing-check", { text })).body).toMatchObject({ status: 400, code: "invalid_request" });
  });
});
