import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { acceptCall, acceptDay } from "../../src/store/acceptances.ts";
import { findDayRows } from "../../src/store/dashboard_days.ts";
import { findVerdictFacts } from "../../src/store/dashboard_verdict.ts";
import { daysToCheck, noteUnprovedDay, proveDay } from "../../src/store/ledger.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

const DAY = "2024-01-15";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  for (const table of ["acceptances", "missing_calls", "day_ledger"])
    await database.sql`delete from callcenter.${database.sql(table)}`;
  await database.sql`delete from "CallCenterRecord"`;
  await database.sql`
    insert into "CallCenterRecord" ("uuid", "startTime")
    select uuid, callcenter.day_start(${DAY}) + interval '1 hour' from unnest(array['a', 'b', 'c']) uuid`;
});

/** A proved reading of these ids, of which those behind the bar were refused; the number of gaps. */
const prove = (ids: string, refused = "", beganAt = new Date()) =>
  proveDay(
    database.sql,
    DAY,
    [...ids, ...refused],
    [...refused].map((uuid) => ({ uuid, reason: "Its start is no time", record: null })),
    beganAt,
  );
const atNoon = new Date(`${DAY}T12:00:00+07:00`);
const afterEnd = new Date("2024-01-16T00:00:00+07:00");
const day = async () =>
  (await database.sql`select pbx_total, complete from callcenter.days where day = ${DAY}`)[0] ?? null;

test("a record that a reading refused is a gap, also where the ledger has a larger reading", async () => {
  expect(await prove("abc")).toBe(0);
  expect(await day()).toEqual({ pbx_total: 3, complete: true });
  expect(await prove("ab", "x")).toBe(1);
  expect(await day()).toEqual({ pbx_total: 3, complete: false });
  expect(await database.sql`select uuid, reason from callcenter.gaps`).toEqual([
    { uuid: "x", reason: "Its start is no time" },
  ]);
  expect(await database.sql`select code from callcenter.stuck_days`).toEqual([{ code: "day_refused_records" }]);
});

test("a refused record that a person accepted, or that the PBX mended or forgot, is no gap", async () => {
  await prove("abc");
  await prove("a", "x");
  expect(await acceptCall(database.sql, "x", { who: "Lan", why: "a test call" })).toMatchObject({ calls: 1 });
  expect([await prove("a", "x"), await day()]).toEqual([0, { pbx_total: 3, complete: true }]);
  expect([await prove("a", "y"), await prove("a")]).toEqual([1, 0]);
  expect(await day()).toEqual({ pbx_total: 3, complete: true });
});

test("a record without a uuid is no gap any more once the PBX has mended it", async () => {
  const nameless = { uuid: "no-uuid:0123456789abcdef", reason: "It has no uuid", record: {} };
  expect(await proveDay(database.sql, DAY, ["a", "b", nameless.uuid], [nameless], new Date())).toBe(1);
  expect(await database.sql`select uuid from callcenter.gaps`).toEqual([{ uuid: nameless.uuid }]);
  expect(await prove("abc")).toBe(0);
  expect(await day()).toEqual({ pbx_total: 3, complete: true });
});

test("a reading of fewer calls does not lower the ledger", async () => {
  await prove("abc", "x");
  expect([await prove("a"), await day()]).toEqual([1, { pbx_total: 4, complete: false }]);
});

test("a day that was read before it was over is not complete, and read again, until a reading that began after its end agrees", async () => {
  const { sql } = database;
  const readAgain = async () => (await daysToCheck(sql, 20_000)).includes(DAY);
  const isUnread = async () =>
    (await sql`select unread from callcenter.incomplete_days where day = ${DAY}`)[0]?.unread ?? false;
  const unproved = async () => (await findVerdictFacts(sql)).unproved;
  expect(await prove("abc", "", atNoon)).toBe(0);
  expect(await day()).toEqual({ pbx_total: 3, complete: false });
  expect([await readAgain(), await isUnread(), await unproved()]).toEqual([true, true, 1]);
  expect((await findDayRows(sql, DAY, DAY))[0]).toMatchObject({ pbxTotal: null, isComplete: false });

  await noteUnprovedDay(sql, DAY, "pbx_timeout", "The PBX is down");
  expect(await day()).toMatchObject({ complete: false });
  expect([await readAgain(), await isUnread(), await unproved()]).toEqual([true, true, 1]);
  expect(await sql`select reason from callcenter.stuck_days`).toEqual([{ reason: "The PBX is down" }]);

  expect(await prove("abc", "", afterEnd)).toBe(0);
  expect(await day()).toEqual({ pbx_total: 3, complete: true });
  expect([await readAgain(), await isUnread(), await unproved()]).toEqual([false, false, 0]);
  await noteUnprovedDay(sql, DAY, "pbx_timeout", "The PBX is down");
  expect(await prove("abc", "", atNoon)).toBe(0);
  expect(await day()).toEqual({ pbx_total: 3, complete: true });
});

test("a person can accept a day that was read before it was over only", async () => {
  await prove("abc", "", atNoon);
  expect(await acceptDay(database.sql, DAY, { who: "Lan", why: "the PBX is gone" })).toMatchObject({ days: 1 });
  expect(await day()).toEqual({ pbx_total: 3, complete: true });
});
