import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { acceptCall } from "../../src/store/acceptances.ts";
import { proveDay } from "../../src/store/ledger.ts";
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
const prove = (ids: string, refused = "") =>
  proveDay(
    database.sql,
    DAY,
    [...ids, ...refused],
    [...refused].map((uuid) => ({ uuid, reason: "Its start is no time", record: null })),
  );
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

test("a reading of fewer calls does not lower the ledger", async () => {
  await prove("abc", "x");
  expect([await prove("a"), await day()]).toEqual([1, { pbx_total: 4, complete: false }]);
});
