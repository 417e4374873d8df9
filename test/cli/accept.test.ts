import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, dayOf } from "../../src/day.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { runInside } from "./inside.ts";
import { run } from "./run.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const TODAY = dayOf(new Date(), "Asia/Ho_Chi_Minh");
const DAY = addDays(TODAY, -3);
const environment = () => ({ DATABASE_URL: database.url, USER: "mai" });

test("accept notes who accepts a day, and why, and asked again finds nothing left", async () => {
  const { sql } = database;
  await sql`insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at) values (${DAY}, 2, '{a,b}', now())`;
  await sql`insert into callcenter.missing_calls (day, uuid, reason) values (${DAY}, 'a', 'not stored'), (${DAY}, 'b', 'not stored')`;
  const first = await run(["accept", "--day", DAY, "--why", "the PBX lost them"], environment());
  expect([first.code, first.stdout]).toEqual([0, "Accepted: 2 missing calls.\n"]);
  const again = await run(["accept", "--day", DAY, "--why", "again"], environment());
  expect([again.code, again.stdout]).toEqual([0, "There was nothing left to accept.\n"]);
  expect(await sql`select uuid, who, why from callcenter.acceptances order by uuid`).toEqual([
    { uuid: "a", who: "mai", why: "the PBX lost them" },
    { uuid: "b", who: "mai", why: "the PBX lost them" },
  ]);
});

test("accept takes one call, and --who for another name", async () => {
  await database.sql`insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath") values ('r1', now(), 'a.wav')`;
  const args = ["accept", "--uuid", "r1", "--why", "at the customer's wish", "--who", "Lan", "--json"];
  const { code, stdout } = await runInside(args, { environment: environment() });
  expect([code, JSON.parse(stdout)]).toEqual([0, { calls: 0, recordings: 1, days: 0, notices: 0 }]);
  expect(await database.sql`select kind, who from callcenter.acceptances where uuid = 'r1'`).toEqual([
    { kind: "recording", who: "Lan" },
  ]);
});

test("accept says what it does not know, and that today is not over", async () => {
  const unknown = await runInside(["accept", "--uuid", "nobody", "--why", "x"], { environment: environment() });
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("No call or gap has the uuid nobody.")]);
  const notice = await runInside(["accept", "--notice", "nothing", "--why", "x"], { environment: environment() });
  expect([notice.code, notice.stderr]).toEqual([1, expect.stringContaining("There is no notice nothing.")]);
  const today = await runInside(["accept", "--day", TODAY, "--why", "x"], { environment: environment() });
  expect([today.code, today.stderr]).toEqual([2, expect.stringContaining("is not over yet")]);
});

test("accept keeps a reason whole, and refuses one that is longer than the API takes", async () => {
  await database.sql`insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath") values ('r2', now(), 'a.wav')`;
  const accept = (why: string) => runInside(["accept", "--uuid", "r2", "--why", why], { environment: environment() });
  const refused = await accept("y".repeat(1_001));
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("longer than 1,000 characters")]);
  expect((await accept("y".repeat(1_000))).code).toBe(0);
  expect(await database.sql`select length(why) from callcenter.acceptances where uuid = 'r2'`).toEqual([
    { length: 1_000 },
  ]);
});

test("accept takes the notice of a changed zone", async () => {
  await database.sql`
    insert into callcenter.settings (key, value) values ('zone_changed', '{"from": "UTC", "to": "Asia/Ho_Chi_Minh"}')`;
  const { stdout } = await runInside(["accept", "--notice", "zone_changed", "--why", "meant"], {
    environment: environment(),
  });
  expect(stdout).toBe("Accepted: 1 notice.\n");
});
