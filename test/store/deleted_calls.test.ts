import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.sql`truncate "CallCenterRecord", callcenter.day_ledger, callcenter.missing_calls`);

/** Calls of a day at noon, `u<first>` to `u<last>`. */
const insertCalls = (day: string, first: number, last: number) => database.sql`
  insert into "CallCenterRecord" ("uuid", "startTime")
    select 'u' || n, callcenter.day_start(${day}) + interval '12 hours' from generate_series(${first}::int, ${last}::int) n`;

const expectCalls = (day: string, first: number, last: number) => database.sql`
  insert into callcenter.day_ledger (day, pbx_total, expected)
    select ${day}, count(*), array_agg('u' || n) from generate_series(${first}::int, ${last}::int) n`;

const missing = async () =>
  (await database.sql`select day::text || ' ' || uuid as call from callcenter.missing_calls order by 1`).map(
    ({ call }) => call,
  );

test("what somebody deletes is missing from its own day, where the ledger expects it there", async () => {
  const { sql } = database;
  await insertCalls("2026-01-05", 1, 4);
  await insertCalls("2026-01-06", 11, 14);
  await insertCalls("2026-01-07", 21, 22);
  await expectCalls("2026-01-05", 2, 12);
  await expectCalls("2026-01-06", 12, 14);
  await sql`delete from "CallCenterRecord" where "uuid" = 'u2'`;
  expect(await missing()).toEqual(["2026-01-05 u2"]);
  await sql`delete from "CallCenterRecord" where "uuid" <> 'u14'`;
  expect(await missing()).toEqual([
    "2026-01-05 u2",
    "2026-01-05 u3",
    "2026-01-05 u4",
    "2026-01-06 u12",
    "2026-01-06 u13",
  ]);
});

test("a large day that is deleted is missed call by call", async () => {
  const { sql } = database;
  const CALLS = 20_000;
  await insertCalls("2026-01-06", 1, CALLS);
  await expectCalls("2026-01-06", 1, CALLS);
  await sql`delete from "CallCenterRecord" where "startTime" >= callcenter.day_start('2026-01-06')`;
  expect(await missing()).toHaveLength(CALLS);
});
