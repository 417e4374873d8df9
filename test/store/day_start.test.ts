import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, type Day, startOfDay } from "../../src/day.ts";
import { shareSettings } from "../../src/store/settings.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test.each<[string, string, Day]>([
  ["comes twice", "Atlantic/Azores", "2024-10-27"],
  ["comes twice", "America/Havana", "2024-11-03"],
  ["comes twice", "Asia/Beirut", "2023-10-29"],
  ["is skipped", "America/Havana", "2024-03-10"],
  ["is skipped", "Atlantic/Azores", "2024-03-31"],
  ["is as ever", "America/New_York", "2024-11-03"],
  ["is as ever", "Australia/Lord_Howe", "2024-04-07"],
  ["is as ever", "Asia/Ho_Chi_Minh", "2024-01-15"],
])("a day whose midnight %s begins at the same instant in SQL: %s, %s", async (_how, zone, day) => {
  const { sql } = database;
  await shareSettings(sql, { zone, default_days_back: 30, sync_enabled: false });
  const days = [addDays(day, -1), day, addDays(day, 1)];
  const starts = await sql`select callcenter.day_start(day) as at from unnest(${days}::date[]) day order by day`;
  expect(starts.map(({ at }) => at)).toEqual(days.map((each) => startOfDay(each, zone)));
});

test("in a zone that is at hand the start of a day is plain arithmetic: thousands of days cost nothing", async () => {
  const plan = await database.sql`
    explain verbose select callcenter.day_start(d::date, 'Atlantic/Azores') from generate_series(timestamp '2020-01-01', '2024-12-31', '1 day') d`;
  expect(plan.map((row) => row["QUERY PLAN"]).join()).not.toContain("day_start");
});
