import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addDays, type Day, dayOf, daysBetween } from "../../src/day.ts";
import { meanings } from "../../src/errors.ts";
import { requestBackfill } from "../../src/store/backfills.ts";
import { findAttention } from "../../src/store/dashboard_attention.ts";
import { findVerdictFacts } from "../../src/store/dashboard_verdict.ts";
import { shareSettings } from "../../src/store/settings.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

const ZONE = "Asia/Ho_Chi_Minh";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await shareSettings(database.sql, { zone: ZONE, default_days_back: 30, sync_enabled: false });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.sql`
    update callcenter.settings set value = to_jsonb(now() - interval '300 days') where key = 'first_started_at'`;
  for (const table of ["day_ledger", "acceptances"]) await database.sql`delete from callcenter.${database.sql(table)}`;
});

const today = dayOf(new Date(), ZONE);
const back = (count: number) => addDays(today, -count);
const read = (...days: Day[]) =>
  database.sql`insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at) select unnest(${days}::date[]), 0, '{}', now()`;
const unread = async () =>
  (
    await database.sql<{ subject: string }[]>`
    select subject from callcenter.attention where kind = 'days_not_read' order by subject`
  ).map(({ subject }) => subject);

test("days between others, too long ago for the missing check, need a person: nothing would ever read them", async () => {
  await read(back(100), ...daysBetween(back(90), back(80)), back(50), back(3));
  expect(await unread()).toEqual([
    `${back(99)} to ${back(91)}`,
    `${back(79)} to ${back(51)}`,
    // What is younger is found by the missing check.
    `${back(49)} to ${back(31)}`,
  ]);
  const [group] = await findAttention(database.sql, 8);
  expect(group).toMatchObject({ kind: "days_not_read", count: 3, days: [], reason: expect.stringMatching(/^9 days/) });
});

test("a day that was read before it was over only, too long ago for the missing check, needs a person", async () => {
  await read(back(60), back(50), ...daysBetween(back(49), back(1)));
  const readAtNoon = (day: Day) =>
    database.sql`update callcenter.day_ledger set agreed_at = callcenter.day_start(day) + interval '12 hours' where day = ${day}`;
  await readAtNoon(back(45));
  expect(await unread()).toEqual([`${back(59)} to ${back(51)}`, `${back(45)} to ${back(45)}`]);
  await readAtNoon(back(60));
  expect(await unread()).toEqual([`${back(60)} to ${back(51)}`, `${back(45)} to ${back(45)}`]);
});

test("days that were asked for, or that a person accepted, are nobody's care", async () => {
  await read(back(60), back(50), back(40), ...daysBetween(back(38), back(1)));
  await requestBackfill(database.sql, daysBetween(back(59), back(51)).reverse());
  await database.sql`
    insert into callcenter.acceptances (kind, uuid, day, who, why) values ('day', ${back(39)}, ${back(39)}, 'Lan', 'no PBX')`;
  expect(await unread()).toEqual([`${back(49)} to ${back(41)}`]);
});

test("fetching an old month says nothing of the years after it: what was never ours to read needs nobody", async () => {
  await database.sql`
    update callcenter.settings set value = to_jsonb(now() - interval '10 days') where key = 'first_started_at'`;
  await read(...daysBetween(back(400), back(395)), back(3));
  // The first night looked 30 days back: what it should have read is missed, not what came before.
  expect(await unread()).toEqual([`${back(40)} to ${back(31)}`]);
  expect((await findVerdictFacts(database.sql)).oldest).toBe(back(40));
  const days = await database.sql<
    { day: Day }[]
  >`select day::text from callcenter.incomplete_days order by day limit 1`;
  expect(days).toEqual([{ day: back(40) }]);
});

test("a recording that waits for more than a day though it was tried needs somebody, until it is accepted", async () => {
  const { sql } = database;
  await sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath", "uploadTriedAt", "createdAt", "uploadError") values
      ('stuck', now(), 'a.wav', now(), now() - interval '2 days', 'Nobody knows'),
      ('new', now(), 'b.wav', now(), now(), 'Nobody knows'), ('untried', now(), 'c.wav', null, now() - interval '2 days', null)`;
  const stuck = () => sql`select subject, reason from callcenter.attention where kind = 'recording_stuck'`;
  expect(await stuck()).toEqual([{ subject: "stuck", reason: "Nobody knows" }]);
  await sql`insert into callcenter.acceptances (kind, uuid, day, who, why) values ('recording', 'stuck', current_date, 'test', 'known')`;
  expect(await stuck()).toEqual([]);
  await sql`delete from "CallCenterRecord"`;
});

test("an alert that does not arrive shows under attention after ten minutes, with what to do", async () => {
  const { sql } = database;
  await sql`
    insert into callcenter.alerts (kind, subject, reason, hint, since, raised_at, last_error) values
      ('drive_full', 'drive', 'full', 'Make room', now(), now() - interval '11 minutes', 'the webhook answered 500'),
      ('pbx_key_refused', 'pbx_api', '401', 'Set it', now(), now(), 'the webhook answered 500')`;
  const undelivered = () =>
    sql`select subject, reason, hint from callcenter.attention where kind = 'alert_undelivered'`;
  expect(await undelivered()).toEqual([
    { subject: "drive_full", reason: "the webhook answered 500", hint: meanings.alert_refused.hint },
  ]);
  await sql`update callcenter.alerts set sent_at = now()`;
  expect(await undelivered()).toEqual([]);
});

test("a system that has read its days in a row is at peace, also before the first of them", async () => {
  expect(await unread()).toEqual([]);
  await read(...daysBetween(back(45), back(1)));
  expect(await unread()).toEqual([]);
});
