import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { callsOf, openWorld, TODAY, type World, YESTERDAY } from "../world.ts";

let world: World;
afterEach(() => world.close());

const logs = () => world.sql`select * from "CallCenterSyncLog" order by "dateFrom", "createdAt"`;

test("daily_sync without dates stores yesterday's calls and uploads each recording once", async () => {
  const calls = callsOf(YESTERDAY, 40);
  world = await openWorld({ pbx: { calls } });
  await world.queue("daily_sync");
  await world.settle();

  const stored = await world.sql`select * from "CallCenterRecord"`;
  expect(stored.map(({ uuid }) => uuid).sort()).toEqual(calls.map(({ uuid }) => uuid).sort());
  const recorded = calls.filter(({ recording }) => recording);
  expect(stored.filter((row) => row.googleDriveUrl)).toHaveLength(recorded.length);
  expect(world.drive.files).toHaveLength(recorded.length);
  expect(world.drive.twins()).toEqual([]);
  for (const file of world.drive.files) {
    const expected = world.pbx.expectedRecording(String(file.appProperties.uuid));
    expect([Number(file.size), file.md5]).toEqual([expected?.sizeBytes, expected?.md5]);
  }

  const [log] = await logs();
  expect(log).toMatchObject({
    syncType: "daily",
    status: "completed",
    totalRecords: 40,
    successCount: 40,
    failedCount: 0,
  });
  const [day] =
    await world.sql`select pbx_total, records::int, uploaded::int, complete, day::text from callcenter.days where day = ${YESTERDAY}`;
  expect(day).toMatchObject({
    day: YESTERDAY,
    pbx_total: 40,
    records: 40,
    uploaded: recorded.length,
    complete: true,
  });
});

test("daily_sync twice touches no unchanged call and uploads nothing again", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 20) } });
  await world.queue("daily_sync");
  await world.settle();
  const before =
    await world.sql`select "uuid", "updatedAt", "driveFileId", xmin::text from "CallCenterRecord" order by 1`;
  const requests = world.drive.requests.count("multipart");
  await world.queue("daily_sync", { dateFrom: YESTERDAY, dateTo: YESTERDAY });
  await world.settle();
  expect(
    await world.sql`select "uuid", "updatedAt", "driveFileId", xmin::text from "CallCenterRecord" order by 1`,
  ).toEqual(before);
  expect(world.drive.requests.count("multipart")).toBe(requests);
  expect((await logs()).map(({ syncType, status }) => [syncType, status])).toEqual([
    ["daily", "completed"],
    ["manual", "completed"],
  ]);
});

test("daily_sync over a range makes one job and one log a day", async () => {
  const first = addDays(YESTERDAY, -2);
  const days = [first, addDays(first, 1), YESTERDAY];
  world = await openWorld({ pbx: { calls: days.flatMap((day) => callsOf(day, 5)) } });
  await world.queue("daily_sync", { dateFrom: first, dateTo: YESTERDAY });
  await world.settle();
  const found = await world.sql`
    select callcenter.local_day("dateFrom")::text as day, "dateFrom" = "dateTo" as same, "syncType", "status", "totalRecords" from "CallCenterSyncLog" order by 1`;
  expect(found).toEqual(
    days.map((day) => ({ day, same: true, syncType: "manual", status: "completed", totalRecords: 5 })),
  );
});

test("daily_sync counts the refused records of the reading that counts, not those of the ones before it", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 1) } });
  world.pbx.faults.inject({ name: "bad_records", kinds: ["changing"], offset: 0 });
  // The first reading, of two requests, disagrees with the total; the second agrees.
  world.pbx.faults.inject({ name: "wrong_total", by: 1, skip: 2 });
  await world.queue("daily_sync");
  await world.settle();
  const [log] = await logs();
  expect(log).toMatchObject({ status: "partial", totalRecords: 2, successCount: 1, failedCount: 1 });
  expect(log?.failedItems).toHaveLength(1);
});

test("what a refused record says is told without full numbers, and kept as it came", async () => {
  const [call] = callsOf(YESTERDAY, 1) as [ReturnType<typeof callsOf>[number]];
  world = await openWorld({ pbx: { calls: [{ ...call, endMs: call.startMs + 3_987_654_321_000 }] } });
  await world.queue("daily_sync");
  await world.settle();
  const [log] = await logs();
  expect(log).toMatchObject({ status: "partial", failedCount: 1, failedItems: [{ record: { duration: 3987654321 } }] });
  const told = JSON.stringify([log?.errorMessage, await world.sql`select reason from callcenter.gaps`, world.logs]);
  expect(told).toContain("***321");
  expect(told).not.toContain("3987654321");
});

test("a worker whose clock is ahead of the database's proves no day that has not ended", async () => {
  world = await openWorld({ now: () => new Date(Date.now() + 25 * 3_600_000) });
  await world.queue("daily_sync", { dateFrom: TODAY });
  await world.settle();
  const [ledger] = await world.sql`
    select pbx_total, callcenter.is_proved(day, agreed_at) as "isProved" from callcenter.day_ledger where day = ${TODAY}`;
  expect(ledger).toEqual({ pbx_total: 0, isProved: false });
});

test("a PBX that answers a day otherwise than asked is there: days wait for it no longer", async () => {
  world = await openWorld({
    pbx: { calls: callsOf(YESTERDAY, 3) },
    environment: { PBX_DIALECT: "onepos-v2" },
    idle: true,
  });
  await world.sql`
    update callcenter.circuits set state = 'open', code = 'pbx_unreachable', since = now() - interval '1 minute', next_probe_at = now() where neighbour = 'pbx_api'`;
  await world.start();
  await world.queue("daily_sync");
  await world.settle();
  expect(await logs()).toMatchObject([{ status: "failed", errorCode: "pbx_dialect_mismatch" }]);
  const [circuit] = await world.sql`select state, code from callcenter.circuits where neighbour = 'pbx_api'`;
  expect(circuit).toEqual({ state: "closed", code: null });
});

test("days that were queued while two might be read at once are read one at a time where the limit is one", async () => {
  const days = [2, 3, 4, 5, 6, 7, 8, 9].map((n) => addDays(TODAY, -n));
  world = await openWorld({
    pbx: { calls: days.flatMap((day) => callsOf(day, 3)) },
    environment: { PBX_CONCURRENCY: "1", GOOGLE_DRIVE_ENABLED: "false" },
    idle: true,
  });
  world.pbx.faults.inject({ name: "slow", ms: 30, kind: "api" });
  await world.sql`select from callcenter.queue_days(${days}::date[], 'manual')`;
  await world.start();
  await world.settle();
  expect(world.pbx.counts.api.peak).toBe(1);
  const [log] = await world.sql`select count(*)::int as days from "CallCenterSyncLog" where "status" = 'completed'`;
  expect(log?.days).toBe(8);
});
