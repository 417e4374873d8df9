import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Client, openClient } from "./client.ts";
import { insertLogs, insertWorker } from "./rows.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());
beforeEach(async () => {
  const { sql } = client.database;
  await sql`delete from callcenter.worker_leases`;
  await sql`delete from "CallCenterSyncLog"`;
  await sql`update callcenter.circuits set state = 'closed', code = null, last_success_at = now()`;
  await sql`update callcenter.settings set value = 'true' where key in ('sync_enabled', 'drive_enabled')`;
  await sql`update callcenter.settings set value = '"02:00"' where key = 'daily_time'`;
  await sql`update callcenter.settings set value = to_jsonb(now()) where key = 'first_started_at'`;
});

const health = async () => {
  const { status, body } = await client.ask("/health", { token: null });
  return { http: status, ...body };
};

describe("a service that works", () => {
  test("is healthy: a worker alive, the next run known, every neighbour's last word good", async () => {
    await insertWorker(client.database.sql);
    await insertLogs(client.database.sql, [{ id: "a", day: "2024-01-15" }]);
    const answer = await health();
    expect(answer).toEqual({
      http: 200,
      status: "healthy",
      scheduler: { status: "ok", workers: 1, last_heartbeat_at: expect.any(String), next_run_at: expect.any(String) },
      database: { status: "ok" },
      google_drive: { status: "ok", last_success_at: expect.any(String) },
      pbx: { status: "ok", last_success_at: expect.any(String) },
      last_sync: {
        status: "completed",
        day: "2024-01-15",
        sync_type: "daily",
        ended_at: expect.any(String),
        total_records: 10,
        success_count: 10,
        failed_count: 0,
      },
    });
    const nextRun = new Date(answer.scheduler.next_run_at);
    expect(nextRun.toISOString()).toMatch(/T19:00:00.000Z$/);
    expect(nextRun.getTime() - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
  });

  test("that has just begun knows nothing of its neighbours, and is healthy all the same", async () => {
    await insertWorker(client.database.sql);
    await client.database.sql`update callcenter.circuits set last_success_at = null`;
    expect(await health()).toMatchObject({
      status: "healthy",
      pbx: { status: "unknown" },
      last_sync: { status: "none" },
    });
  });
});

describe("without a worker", () => {
  test.each([
    ["none ever started", undefined],
    ["its heart has stopped", new Date(Date.now() - 61_000)],
  ])("it is unhealthy: %s", async (_, heartbeatAt) => {
    if (heartbeatAt) await insertWorker(client.database.sql, heartbeatAt);
    expect(await health()).toMatchObject({
      http: 503,
      status: "unhealthy",
      scheduler: { status: "failing", workers: 0, reason: "no_worker", hint: expect.any(String) },
      database: { status: "ok" },
    });
  });

  test("a worker that stopped is none", async () => {
    await insertWorker(client.database.sql);
    await client.database.sql`update callcenter.worker_leases set ended_at = now()`;
    expect((await health()).status).toBe("unhealthy");
  });
});

describe("degraded", () => {
  beforeEach(() => insertWorker(client.database.sql));

  test.each([
    ["drive", "drive_full", "google_drive", "Make room"],
    ["pbx_api", "pbx_key_refused", "pbx", "PBX_API_KEY"],
    ["pbx_recordings", "recordings_unreachable", "pbx", "PBX_RECORDING_BASE_URL"],
  ])("while %s says %s, with since when and what to do", async (neighbour, code, part, hint) => {
    await client.database.sql`
      update callcenter.circuits set state = 'open', code = ${code}, reason = 'GET https://pbx.test/secret: 401', since = now()
       where neighbour = ${neighbour}`;
    const answer = await health();
    expect(answer).toMatchObject({ http: 200, status: "degraded" });
    expect(answer[part]).toMatchObject({
      status: "failing",
      reason: code,
      hint: expect.stringContaining(hint),
      since: expect.any(String),
    });
    expect(JSON.stringify(answer)).not.toContain("pbx.test");
  });

  test("after a sync that failed, until its day is read or accepted", async () => {
    const { sql } = client.database;
    await sql`insert into callcenter.day_ledger (day, last_code, last_reason) values ('2024-01-15', 'pbx_timeout', 'slow')`;
    await insertLogs(client.database.sql, [
      { id: "a", day: "2024-01-15", status: "failed", errorCode: "pbx_timeout", errorMessage: "secret" },
    ]);
    const answer = await health();
    expect(answer).toMatchObject({
      http: 200,
      status: "degraded",
      last_sync: { status: "failed", reason: "pbx_timeout" },
    });
    expect(JSON.stringify(answer)).not.toContain("secret");
    await client.ask("/accept", { json: { day: "2024-01-15", why: "the PBX was new" } });
    expect(await health()).toMatchObject({ status: "healthy", last_sync: { status: "failed" } });
  });

  test("after a night whose run did not happen", async () => {
    await client.database
      .sql`update callcenter.settings set value = '"2024-01-01T00:00:00Z"' where key = 'first_started_at'`;
    expect(await health()).toMatchObject({
      status: "degraded",
      scheduler: { status: "failing", reason: "nightly_run_missing" },
    });
  });

  test("where the schedule is off, which is said in words", async () => {
    await client.database.sql`update callcenter.settings set value = 'false' where key = 'sync_enabled'`;
    const { status, scheduler } = await health();
    expect(status).toBe("degraded");
    expect(scheduler).toMatchObject({
      status: "disabled",
      reason: "sync_disabled",
      hint: expect.stringContaining("CALLCENTER_SYNC_ENABLED"),
    });
    expect(scheduler.next_run_at).toBeUndefined();
  });

  test("where the next run is not known, but not where the worker noted it", async () => {
    await client.database.sql`update callcenter.settings set value = 'null' where key = 'daily_time'`;
    expect((await health()).scheduler).toMatchObject({ status: "failing", reason: "schedule_unknown" });
    const at = new Date(Date.now() + 3_600_000).toISOString();
    await client.database
      .sql`update callcenter.settings set value = ${client.database.sql.json({ daily_sync: [at] })} where key = 'schedule'`;
    expect((await health()).scheduler).toMatchObject({ status: "ok", next_run_at: at });
  });
});

test("Drive disabled is no fault", async () => {
  await insertWorker(client.database.sql);
  await client.database
    .sql`update callcenter.circuits set state = 'open', code = 'drive_full' where neighbour = 'drive'`;
  await client.database.sql`update callcenter.settings set value = 'false' where key = 'drive_enabled'`;
  expect(await health()).toMatchObject({ status: "healthy", google_drive: { status: "disabled" } });
});
