import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addDays, dayOf } from "../../src/day.ts";
import { type Client, openClient, ZONE } from "./client.ts";
import { insertCalls } from "./rows.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());
beforeEach(async () => {
  const { sql } = client.database;
  for (const table of ["acceptances", "missing_calls", "day_ledger"]) await sql`delete from callcenter.${sql(table)}`;
  await sql`delete from "CallCenterRecord"`;
});

const day = "2024-01-15";
const nothing = { calls: 0, recordings: 0, days: 0, notices: 0 };
const accept = (json: object) => client.ask("/accept", { json: { why: "the PBX lost it", who: "Lan", ...json } });
const isComplete = async () =>
  (await client.database.sql<{ complete: boolean }[]>`select complete from callcenter.days where day = ${day}`)[0]
    ?.complete;

/** A day of four: one in Drive, one call missing, one recording given up, one still waiting. */
async function incompleteDay() {
  const { sql } = client.database;
  const startTime = `${day}T10:00:00+07:00`;
  await insertCalls(sql, [
    {
      uuid: "in-drive",
      startTime,
      recordingPath: "a.wav",
      googleDriveUrl: "https://drive.test/a",
      driveVerifiedAt: new Date(),
    },
    { uuid: "given-up", startTime, recordingPath: "b.wav", uploadRetryCount: 3 },
    { uuid: "waiting", startTime, recordingPath: "c.wav" },
  ]);
  await sql`insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at)
    values (${day}, 4, array['in-drive', 'given-up', 'waiting', 'gone'], now())`;
  await sql`insert into callcenter.missing_calls (day, uuid, reason) values (${day}, 'gone', 'no start')`;
}

test("a day accepts all that it lacks, and is complete from then on", async () => {
  await incompleteDay();
  expect(await isComplete()).toBe(false);
  expect((await accept({ day })).body).toEqual({ calls: 1, recordings: 2, days: 0, notices: 0 });
  expect(await isComplete()).toBe(true);
  expect((await accept({ day })).body).toEqual(nothing);
  const rows = await client.database.sql`select distinct who, why, day::text from callcenter.acceptances`;
  expect([...rows]).toEqual([{ who: "Lan", why: "the PBX lost it", day }]);
});

test("what goes missing after the day was accepted is a new gap", async () => {
  await incompleteDay();
  await accept({ day });
  await insertCalls(client.database.sql, [
    { uuid: "late", startTime: `${day}T11:00:00+07:00`, recordingPath: "d.wav" },
  ]);
  expect(await isComplete()).toBe(false);
});

test("one missing call, one recording: each by its uuid", async () => {
  await incompleteDay();
  expect((await accept({ uuid: "gone" })).body).toEqual({ ...nothing, calls: 1 });
  expect((await accept({ uuid: "given-up" })).body).toEqual({ ...nothing, recordings: 1 });
  expect((await accept({ uuid: "given-up" })).body).toEqual(nothing);
  expect(await isComplete()).toBe(false);
  await accept({ uuid: "waiting" });
  expect(await isComplete()).toBe(true);
  expect((await accept({ uuid: "unknown" })).body.code).toBe("not_found");
});

test("a day whose reading proved nothing, or that was never read, is accepted itself", async () => {
  const { sql } = client.database;
  await sql`insert into callcenter.day_ledger (day, last_code, last_reason) values (${day}, 'day_unstable', 'It changes.')`;
  expect((await accept({ day })).body).toEqual({ ...nothing, days: 1 });
  expect(await isComplete()).toBe(true);
  expect((await accept({ day: "2024-01-16" })).body).toEqual({ ...nothing, days: 1 });
});

test("a notice is accepted by its name, another is not found", async () => {
  await client.database
    .sql`insert into callcenter.settings (key, value) values ('zone_changed', '{"from":"UTC","to":"Asia/Ho_Chi_Minh"}')`;
  expect((await accept({ notice: "zone_changed" })).body).toEqual({ ...nothing, notices: 1 });
  expect((await accept({ notice: "zone_changed" })).body).toEqual(nothing);
  expect(await client.database.sql`select from callcenter.attention where kind = 'zone_changed'`).toHaveLength(0);
  expect((await accept({ notice: "default_days_back" })).body.code).toBe("not_found");
});

test("who defaults to the API", async () => {
  await client.ask("/accept", { json: { day, why: "lost" } });
  expect([...(await client.database.sql`select who from callcenter.acceptances`)]).toEqual([{ who: "api" }]);
});

const today = dayOf(new Date(), ZONE);
test.each([
  ["no reason", { day, why: undefined }],
  ["an empty reason", { day, why: "" }],
  ["a reason of spaces", { day, why: "   " }],
  ["nothing to accept", {}],
  ["two things", { day, uuid: "gone" }],
  ["today", { day: today }],
  ["tomorrow", { day: addDays(today, 1) }],
  ["control characters", { uuid: "a\u0000b" }],
])("refuses %s", async (_, json) => {
  expect((await accept(json)).body).toMatchObject({ status: 400, code: "invalid_request" });
});
