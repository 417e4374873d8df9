import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { proveDay } from "../../src/store/ledger.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { eventually } from "../eventually.ts";

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

test("what somebody was about to delete while its day was proved for the first time is missing", async () => {
  const { sql } = database;
  const DAY = "2026-01-05";
  await insertCalls(DAY, 1, 3);
  const isWaiting = async () =>
    (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length >
    0;
  const isProved = async () => (await sql`select from callcenter.day_ledger where expected is not null`).length > 0;
  let proving: Promise<number> | undefined;
  await sql.begin(async (person) => {
    await person`delete from "CallCenterRecord" where "uuid" = 'u2'`;
    proving = proveDay(sql, DAY, ["u1", "u2", "u3"], [], new Date());
    await eventually(isProved, "the day is proved");
    await Promise.race([proving, eventually(isWaiting, "it waits for the one who deletes")]);
  });
  expect(await proving).toBe(1);
  expect(await missing()).toEqual(["2026-01-05 u2"]);
});

test("who deletes calls of one day holds up no other day", async () => {
  const { sql } = database;
  await insertCalls("2026-01-05", 1, 3);
  await insertCalls("2026-01-06", 4, 5);
  await sql.begin(async (person) => {
    await person`delete from "CallCenterRecord" where "uuid" = 'u2'`;
    expect(await proveDay(sql, "2026-01-06", ["u4", "u5"], [], new Date())).toBe(0);
  });
});
