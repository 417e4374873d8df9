import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, type Day, dayOf } from "../../src/day.ts";
import { type Client, openClient, ZONE } from "./client.ts";
import { insertCalls } from "./rows.ts";

let client: Client;
let yesterday: Day;
let before: Day;
beforeAll(async () => {
  client = await openClient();
  yesterday = addDays(dayOf(new Date(), ZONE), -1);
  before = addDays(yesterday, -1);
  const { sql } = client.database;
  const startTime = `${yesterday}T10:00:00+07:00`;
  const inDrive = { googleDriveUrl: "https://drive.test/a", driveVerifiedAt: new Date() };
  await insertCalls(sql, [
    { uuid: "in-drive", startTime, recordingPath: "a.wav", ...inDrive },
    { uuid: "without", startTime },
    { uuid: "waiting", startTime: `${before}T10:00:00+07:00`, recordingPath: "b.wav" },
  ]);
  await sql`
    insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at)
    values (${yesterday}, 2, array['in-drive', 'without'], now()), (${before}, 2, array['waiting', 'gone'], now())`;
  await sql`insert into callcenter.missing_calls (day, uuid, reason) values (${before}, 'gone', 'no start')`;
  await sql`
    insert into callcenter.day_ledger (day, last_code, last_reason)
    values (${addDays(before, -1)}, 'pbx_server_error', 'the PBX answered 500')`;
});
afterAll(() => client.close());

test("GET /days/{day} says whether it is complete, and what it lacks", async () => {
  const { status, body } = await client.ask(`/days/${yesterday}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ day: yesterday, complete: true, pbxTotal: 2, records: 2, recordings: 1, uploaded: 1 });
  expect((await client.ask(`/days/${before}`)).body).toMatchObject({ complete: false, missing: 1, pending: 1 });
  expect((await client.ask(`/days/${addDays(before, -1)}`)).body).toMatchObject({
    complete: false,
    pbxTotal: null,
    errorCode: "pbx_server_error",
    hint: expect.stringContaining("PBX"),
  });
});

test("GET /days shows the last days, newest first, or those of a range", async () => {
  const daysOf = async (query: string) =>
    (await client.ask(`/days${query}`)).body.days.map(({ day }: { day: Day }) => day);
  expect(await daysOf("")).toEqual([addDays(yesterday, 1), yesterday, before, addDays(before, -1)]);
  expect(await daysOf(`?dateFrom=${before}&dateTo=${yesterday}`)).toEqual([yesterday, before]);
  expect(await daysOf(`?dateTo=${before}`)).toEqual([before, addDays(before, -1)]);
});

test("a day that was never read is told from one that is incomplete: 404, and how to fetch it", async () => {
  const { status, body } = await client.ask("/days/2024-01-15");
  expect(status).toBe(404);
  expect(body.hint).toContain('POST /backfill {"dateFrom":"2024-01-15","dateTo":"2024-01-15"}');
});

test.each([
  ["reversed", "?dateFrom=2024-01-02&dateTo=2024-01-01"],
  ["too long", "?dateFrom=2024-01-01&dateTo=2024-03-03"],
  ["no dates", "?dateFrom=yesterday"],
  ["under another name", "?from=2024-01-01"],
])("a range that is %s is refused", async (_, query) => {
  expect((await client.ask(`/days${query}`)).status).toBe(400);
});
