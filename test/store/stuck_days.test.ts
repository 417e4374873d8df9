import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { acceptDay } from "../../src/store/acceptances.ts";
import { raiseAlerts } from "../../src/store/alerts.ts";
import { noteUnprovedDay, proveDay } from "../../src/store/ledger.ts";
import { shareSettings } from "../../src/store/settings.ts";
import { beginSyncLog, continueSyncLogs, finishSyncLog } from "../../src/store/sync_logs.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

const DAY = "2024-01-15";
const MAX_RETRIES = 2;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await shareSettings(database.sql, { max_retries: MAX_RETRIES });
});
afterAll(() => database.drop());
beforeEach(async () => {
  for (const table of ["acceptances", "missing_calls", "day_ledger", "alerts"])
    await database.sql`delete from callcenter.${database.sql(table)}`;
  await database.sql`truncate "CallCenterRecord", "CallCenterSyncLog"`;
  await database.sql`insert into "CallCenterRecord" ("uuid", "startTime") values ('a', callcenter.day_start(${DAY}))`;
});

const begin = (id: string) => beginSyncLog(database.sql, { id, syncType: "missing_check", day: DAY, retry: false });

type Found = "nothing" | "refused" | "all";

/** What a reading notes and how its log ends. */
async function end(id: string, found: Found): Promise<void> {
  const { sql } = database;
  const refused = found === "refused" ? [{ uuid: `x of ${id}`, reason: "Its start is no time", record: null }] : [];
  if (found === "all")
    await sql`insert into "CallCenterRecord" ("uuid", "startTime") select uuid, callcenter.day_start(day) from callcenter.gaps`;
  if (found === "nothing") await noteUnprovedDay(sql, DAY, "day_unstable", "The readings never agreed.");
  else await proveDay(sql, DAY, ["a", ...refused.map(({ uuid }) => uuid)], refused, new Date());
  await finishSyncLog(sql, id, {
    status: found === "all" ? "completed" : "partial",
    errorCode: found === "all" ? null : found === "nothing" ? "day_unstable" : "day_refused_records",
    errorMessage: null,
    totalRecords: 1,
    successCount: 1,
    failedCount: refused.length,
    failedItems: refused,
    counts: true,
    durationSeconds: 1,
  });
}

async function read(id: string, found: Found): Promise<void> {
  await begin(id);
  await end(id, found);
}

/** Retries a log as often as it may be. */
async function useUp(id: string, found: Found): Promise<void> {
  for (let retry = 1; retry <= MAX_RETRIES; retry++) {
    await continueSyncLogs(database.sql, { maxRetries: MAX_RETRIES, limit: 1, id });
    expect(await isStuck()).toBe(false);
    await end(id, found);
  }
}

const isStuck = async () => (await database.sql`select day from callcenter.stuck_days`).length > 0;

/** What people are told now: raised, cleared. */
const told = async () => {
  const { raised, cleared } = await raiseAlerts(database.sql, false);
  return [raised, cleared];
};

test.each<Found>(["nothing", "refused"])(
  "a day that finds %s stays stuck, whatever log of it runs or fails",
  async (found) => {
    await read("night", found);
    expect(await told()).toEqual([0, 0]);
    await useUp("night", found);
    expect(await told()).toEqual([1, 0]);
    await begin("check");
    expect(await told()).toEqual([0, 0]);
    await end("check", found);
    expect(await told()).toEqual([0, 0]);
    await read("another", found === "nothing" ? "refused" : "nothing");
    expect(await told()).toEqual([0, 0]);
    await continueSyncLogs(database.sql, { maxRetries: MAX_RETRIES, limit: 1, id: "night" });
    expect(await told()).toEqual([0, 0]);
    expect(await isStuck()).toBe(true);
  },
);

test("a stuck day is over when a reading of it completes; new trouble is quiet until its own retries are used up", async () => {
  await read("night", "refused");
  await useUp("night", "refused");
  expect(await told()).toEqual([1, 0]);
  await read("check", "all");
  expect(await told()).toEqual([0, 1]);
  await read("later", "refused");
  expect(await told()).toEqual([0, 0]);
  await useUp("later", "refused");
  expect(await told()).toEqual([1, 0]);
});

test("a stuck day is over when a person accepts it", async () => {
  await read("night", "nothing");
  await useUp("night", "nothing");
  await begin("check");
  expect(await told()).toEqual([1, 0]);
  await acceptDay(database.sql, DAY, { who: "Lan", why: "the PBX is gone" });
  expect(await told()).toEqual([0, 1]);
});

test("a call that somebody deleted stays told while later logs look for it in vain", async () => {
  await read("night", "all");
  await database.sql`delete from "CallCenterRecord"`;
  expect(await told()).toEqual([1, 0]);
  await begin("check");
  expect(await told()).toEqual([0, 0]);
  await end("check", "nothing");
  expect(await told()).toEqual([0, 0]);
});

test("logs of the old system say nothing of a day", async () => {
  await database.sql`
    insert into "CallCenterSyncLog" ("syncType", "status", "dateFrom", "dateTo", "retryCount", "endTime", "adopted")
    values ('daily', 'failed', callcenter.day_start(${DAY}), callcenter.day_start(${DAY}), 3, now(), true)`;
  await read("night", "nothing");
  expect(await told()).toEqual([0, 0]);
});
