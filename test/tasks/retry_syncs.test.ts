import { afterEach, expect, test } from "vitest";
import { addDays, startOfDay } from "../../src/day.ts";
import { beginSyncLog, continueSyncLogs, finishSyncLog } from "../../src/store/sync_logs.ts";
import { callsOf, openWorld, TODAY, type World, ZONE } from "../world.ts";

let world: World;
afterEach(() => world.close());

const DAY = addDays(TODAY, -3);
const sync = (day = DAY) => world.queue("daily_sync", { dateFrom: day });
const logs = () => world.sql`select * from "CallCenterSyncLog" order by "createdAt"`;
const attention = () => world.sql`select kind, subject, reason from callcenter.attention order by kind, subject`;
const complete = async (day = DAY) =>
  (await world.sql`select complete from callcenter.days where day = ${day}`)[0]?.complete;

test("a day that failed is continued in its own row, and completed", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 5) } });
  const fault = world.pbx.faults.inject({ name: "status", status: 500, kind: "api" });
  await sync();
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "failed", errorCode: "pbx_server_error", retryCount: 0 }]);
  expect((await logs())[0]?.errorMessage).toContain("500");
  fault.clear();
  await world.queue("retry_syncs");
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "completed", syncType: "manual", retryCount: 1, errorMessage: null }]);
  expect(await complete()).toBe(true);
});

test("an outage of the PBX uses up none of a day's retries, however many are counted", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 5) } });
  world.pbx.setDown(true);
  await sync();
  await world.settle();
  for (let retryCount = 1; retryCount <= 5; retryCount++) {
    await world.queue("retry_syncs");
    await world.settle();
    expect(await logs()).toMatchObject([{ status: "failed", errorCode: "pbx_unreachable", retryCount }]);
  }
  await world.pbx.setDown(false);
  await world.queue("retry_syncs");
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "completed", retryCount: 6 }]);
});

test("a PBX that asks to wait is asked nothing before its time, by retries or by new requests, and then all days are read", async () => {
  const days = [0, 1, 2, 3].map((n) => addDays(DAY, -n));
  world = await openWorld({ pbx: { calls: days.flatMap((day) => callsOf(day, 2)) } });
  const limit = world.pbx.faults.inject({ name: "status", status: 429, retryAfter: 300, kind: "api" });
  await sync();
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "failed", errorCode: "pbx_rate_limited", retryCount: 0 }]);
  limit.clear();
  const asked = world.pbx.requests.length;
  await world.queue("retry_syncs");
  await sync(days[1]);
  await world.queue("daily_sync", { dateFrom: days[3], dateTo: days[2] });
  await world.queue("missing_check");
  await world.settle();
  expect(world.pbx.requests.length).toBe(asked);
  expect(await logs()).toMatchObject([{ status: "retrying" }]);

  await world.sql`update callcenter.circuits set next_probe_at = now() where neighbour = 'pbx_api'`;
  await world.settle({ hurry: true });
  expect(new Set((await logs()).map(({ status }) => status))).toEqual(new Set(["completed"]));
  expect(await Promise.all(days.map((day) => complete(day)))).toEqual([true, true, true, true]);
});

test("while the PBX is away the first of the logs that are retried asks it, the others wait", async () => {
  const days = [0, 1, 2].map((n) => addDays(DAY, -n));
  world = await openWorld({ pbx: { calls: callsOf(DAY, 2) } });
  await world.pbx.setDown(true);
  await world.sql`
    insert into "CallCenterSyncLog" ("syncType", "status", "dateFrom", "dateTo")
    select 'daily', 'failed', callcenter.day_start(day), callcenter.day_start(day) from unnest(${days}::date[]) day`;
  await world.sql`
    update callcenter.circuits set state = 'open', code = 'pbx_unreachable', next_probe_at = now() + interval '1 hour'
     where neighbour = 'pbx_api'`;
  await world.queue("retry_syncs");
  await world.settle();
  expect((await logs()).map(({ status }) => status).sort()).toEqual(["failed", "retrying", "retrying"]);
});

test("of a range that meets an outage the first day says so, the others wait, and all are read when it is over", async () => {
  const days = [0, 1, 2, 3, 4].map((n) => addDays(DAY, -n));
  world = await openWorld({
    pbx: { calls: days.flatMap((day) => callsOf(day, 3)) },
    environment: { PBX_CONCURRENCY: "1" },
  });
  world.pbx.setDown(true);
  await world.queue("daily_sync", { dateFrom: days.at(-1), dateTo: DAY });
  await world.settle();
  const tried = await logs();
  expect(tried[0]).toMatchObject({ status: "failed", errorCode: "pbx_unreachable", dateFrom: startOfDay(DAY, ZONE) });
  expect(tried.length).toBeLessThan(days.length);
  const waits = world.logs.filter(({ message }) => message.endsWith("waits for the PBX"));
  expect(new Set(waits.map(({ level }) => level))).toEqual(new Set(["DEBUG"]));
  await world.pbx.setDown(false);
  await world.queue("retry_syncs");
  await world.settle({ hurry: true });
  expect((await logs()).map(({ status }) => status)).toEqual(days.map(() => "completed"));
});

test("a refused key fails the day, is told at once, and is over when the PBX accepts it", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 5) } });
  world.pbx.apiKey = "another";
  await sync();
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "failed", errorCode: "pbx_key_refused" }]);
  expect(await attention()).toMatchObject([{ kind: "pbx_key_refused", subject: "pbx_api" }]);
  world.pbx.apiKey = "test-key";
  await world.queue("retry_syncs");
  await world.settle();
  expect(await attention()).toEqual([]);
  expect(await complete()).toBe(true);
});

test("refused records make a day partial, with each record and its reason; its retries used up, a person must look", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 8) } });
  world.pbx.faults.inject({ name: "bad_records", kinds: ["no_uuid", "garbage_dates", "not_an_object"], offset: 0 });
  await sync();
  await world.settle();
  const [log] = await logs();
  expect(log).toMatchObject({ status: "partial", errorCode: "day_refused_records", failedCount: 9 });
  expect(log?.failedItems).toHaveLength(9);
  for (const item of log!.failedItems)
    expect(item).toMatchObject({ reason: expect.any(String), uuid: expect.any(String) });
  expect((await world.sql`select count(*)::int as stored from "CallCenterRecord"`)[0]?.stored).toBe(8);
  expect(await attention()).toEqual([]);
  for (const retry of [1, 2, 3]) {
    await world.queue("retry_syncs");
    await world.settle();
    expect(await logs()).toMatchObject([{ status: "partial", retryCount: retry }]);
  }
  await world.queue("retry_syncs");
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "partial", retryCount: 3 }]);
  expect(await attention()).toMatchObject([{ kind: "day_incomplete", subject: DAY }]);
  expect(await complete()).toBe(false);
});

test("a gap that a person accepted is quiet for good, and the day is complete", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 4) }, environment: { CALLCENTER_MAX_RETRIES: "0" } });
  world.pbx.faults.inject({ name: "bad_records", kinds: ["no_uuid"], offset: 0 });
  await sync();
  await world.settle();
  expect(await attention()).toHaveLength(1);
  await world.sql`
    insert into callcenter.acceptances (kind, uuid, day, who, why) select 'call', uuid, day, 'test', 'test calls' from callcenter.gaps`;
  expect(await attention()).toEqual([]);
  expect(await complete()).toBe(true);
  await sync();
  await world.settle();
  expect((await logs()).at(-1)).toMatchObject({ status: "completed", failedCount: 3 });
  expect(await attention()).toEqual([]);
});

test("a PBX whose clock is in another zone is found out before anything is stored", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 6) }, environment: { TIMEZONE: "Europe/Berlin" } });
  world.pbx.faults.inject({ name: "times_as", as: "naive" });
  await sync();
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "failed", errorCode: "day_wrong_zone" }]);
  const [flag] = await world.sql`select kind, subject, hint from callcenter.attention`;
  expect(flag).toMatchObject({
    kind: "day_incomplete",
    subject: DAY,
    hint: expect.stringContaining("Wrong time zone?"),
  });
  expect((await world.sql`select count(*)::int as stored from "CallCenterRecord"`)[0]?.stored).toBe(0);
});

test("a log whose job vanished is failed, and then continued", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 3) } });
  await world.sql`
    insert into "CallCenterSyncLog" ("syncType", "status", "dateFrom", "dateTo", "triedAt")
    values ('daily', 'retrying', callcenter.day_start(${DAY}), callcenter.day_start(${DAY}), now() - interval '1 hour')`;
  await world.queue("retry_syncs");
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "completed", syncType: "daily", retryCount: 1 }]);
});

test("a log whose retry died with its worker, again and again until its attempts were used up, is failed, and then continued", async () => {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 3) } });
  await world.sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "dateFrom", "dateTo", "triedAt")
    values ('died', 'daily', 'retrying', callcenter.day_start(${DAY}), callcenter.day_start(${DAY}), now() - interval '1 hour')`;
  await world.sql`
    select graphile_worker.permanently_fail_jobs(array[(graphile_worker.add_job('daily_sync', job_key := 'daily_sync:retry:died')).id], 'The worker died')`;
  await world.queue("retry_syncs");
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "completed", syncType: "daily", retryCount: 1 }]);
});

test("retry_syncs continues the three oldest, and none of the old system's", async () => {
  const days = [1, 2, 3, 4, 5].map((n) => addDays(TODAY, -n - 2));
  world = await openWorld({ pbx: { calls: days.flatMap((day) => callsOf(day, 1)) } });
  for (const [n, day] of days.entries()) {
    await world.sql`
      insert into "CallCenterSyncLog" ("id", "syncType", "status", "dateFrom", "dateTo", "createdAt", "adopted")
      values (${`log-${n}`}, 'daily', 'failed', callcenter.day_start(${day}), callcenter.day_start(${day}), now() - ${10 - n} * interval '1 hour', ${n === 0})`;
  }
  await world.queue("retry_syncs");
  await world.settle();
  const found = await world.sql`select "id", "status" from "CallCenterSyncLog" order by "id"`;
  expect(found.map(({ status }) => status)).toEqual(["failed", "completed", "completed", "completed", "failed"]);
});

test("days whose retries the PBX's failures excuse do not starve younger ones", async () => {
  const days = [9, 8, 7, 6, 5, 4].map((n) => addDays(TODAY, -n));
  world = await openWorld({ idle: true });
  const { sql } = world;
  const outcome = { totalRecords: 0, successCount: 0, failedCount: 0, failedItems: [], errorMessage: "500" };
  const fail = (id: string) =>
    finishSyncLog(sql, id, {
      ...outcome,
      status: "failed",
      errorCode: "pbx_server_error",
      counts: false,
      durationSeconds: 1,
    });
  for (const [n, day] of days.entries()) {
    await beginSyncLog(sql, { id: `log-${n}`, syncType: "manual", day, retry: false });
    await sql`update "CallCenterSyncLog" set "createdAt" = now() - ${10 - n} * interval '1 hour' where "id" = ${`log-${n}`}`;
    await fail(`log-${n}`);
  }
  const round = async () => {
    const tried = await continueSyncLogs(sql, { maxRetries: 3, limit: 3 });
    for (const { id } of tried.sort((a, b) => a.id.localeCompare(b.id))) await fail(id);
    return tried.map(({ id }) => id);
  };
  expect(await round()).toEqual(["log-0", "log-1", "log-2"]);
  expect(await round()).toEqual(["log-3", "log-4", "log-5"]);
  expect(await round()).toEqual(["log-0", "log-1", "log-2"]);
  expect((await logs()).map(({ retryCount }) => retryCount)).toEqual([2, 2, 2, 1, 1, 1]);
});
