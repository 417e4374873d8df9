import { afterEach, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../database.ts";
import { runInside } from "./inside.ts";
import { makeOldSystem } from "./old_system.ts";
import { run, widthOf } from "./run.ts";

let database: TestDatabase;
afterEach(() => database.drop());

const look = async (...more: string[]) => run(["adopt", "--dry-run", ...more], { DATABASE_URL: database.url });

test("adopt --dry-run says what becomes of the old system's database, and changes nothing", async () => {
  database = await createDatabase({ empty: true });
  await makeOldSystem(database.sql, 1_000);
  const { code, stdout } = await look();
  expect(stdout).toMatch(/^The old system made this database. The first start takes it over in place/);
  expect(stdout).toMatch(/tables +CallCenterRecord 1,000 rows \(.*B\), CallCenterSyncLog 1 row/);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    "become timestamptz, as UTC: CallCenterRecord startTime, answerTime, endTime, createdAt, updatedAt; CallCenterSyncLog",
  );
  expect(stdout).toMatch(/lock +both tables for some 1 s at most/);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    "800 of 1,000 have their link and keep it; 200 without are queued once, behind everything else",
  );
  expect(stdout).toMatch(/sync logs +1 failed: they stay history/);
  expect(stdout).toMatch(/newest call +2024-01-14 17:16 in Asia\/Ho_Chi_Minh/);
  expect([code, widthOf(stdout) <= 100]).toEqual([0, true]);
  const [schema] = await database.sql`select to_regnamespace('callcenter') as name`;
  expect(schema).toEqual({ name: null });
});

test("adopt --dry-run tells a database that was taken over, one of our own, and a new one apart", async () => {
  database = await createDatabase({ empty: true });
  expect((await look()).stdout).toMatch(/^The database is new/);
  await makeOldSystem(database.sql, 10);
  const migrated = await run(["migrate", "--json"], { DATABASE_URL: database.url });
  expect(JSON.parse(migrated.stdout).applied).toContain("001_calls_and_sync_logs.sql");
  const adopted = await look("--json");
  expect(JSON.parse(adopted.stdout)).toMatchObject({
    state: "adopted",
    counts: { recordings: 10, linked: 8, unlinked: 2, newest: "2024-01-14T10:00:10.000Z", logs: { failed: 1 } },
    problems: [],
    lockSeconds: 0,
  });
  await database.sql`delete from "CallCenterRecord" where "adopted"`;
  await database.sql`delete from "CallCenterSyncLog" where "adopted"`;
  const own = await look();
  expect([own.code, own.stdout]).toEqual([0, expect.stringMatching(/^The database is this system's own/)]);
  expect((await run(["migrate"], { DATABASE_URL: database.url })).stdout).toBe("The database is up to date already.\n");
});

test("adopt --dry-run counts the paths that name no recording, apart from the recordings", async () => {
  database = await createDatabase({ empty: true });
  await makeOldSystem(database.sql, 10);
  await database.sql`update "CallCenterRecord" set "recordingPath" = 'null' where "googleDriveUrl" is null`;
  const { stdout } = await look();
  expect(stdout).toMatch(/recordings +8 of 8 have their link and keep it\n/);
  expect(stdout).toContain("2 calls have a path that names no recording ('', 'null' or '0'): it becomes null");
});

test("adopt --dry-run names the views and indexes that keep a time from being converted, and so does a start that fails of them", async () => {
  database = await createDatabase({ empty: true });
  const { sql } = database;
  await makeOldSystem(sql, 10);
  await sql.unsafe(`
    create view calls_by_day as select date("startTime") as day, count(*) from "CallCenterRecord" group by 1;
    create materialized view newest as select max("createdAt") as at, max("endTime") as ended from "CallCenterSyncLog";
    create index by_date on "CallCenterRecord" (date("startTime"));
    create index lower_ids on "CallCenterRecord" (lower("callerId"), "startTime");
    create view names as select "callerName" from "CallCenterRecord";
    create function own() returns trigger language plpgsql as 'begin return new; end';
    create trigger touched before update of "endTime" on "CallCenterRecord" for each row execute function own()`);
  const { code, stdout } = await look();
  const text = stdout.replaceAll(/\s+/g, " ");
  expect([...text.matchAll(/✗ (.*?: drop)/g)].map(([, found]) => found)).toEqual([
    "The index by_date uses startTime: drop",
    "The materialized view newest uses createdAt, endTime: drop",
    `The trigger touched on table "CallCenterRecord" uses endTime: drop`,
    "The view calls_by_day uses startTime: drop",
  ]);
  expect(code).toBe(1);
  const start = await run(["migrate"], { DATABASE_URL: database.url });
  expect(start.code).not.toBe(0);
  expect(start.stderr).toContain("Drop first, and create again afterwards: index by_date, materialized view newest");
  await sql.unsafe(
    `drop view calls_by_day; drop materialized view newest; drop index by_date; drop trigger touched on "CallCenterRecord"`,
  );
  expect((await run(["migrate"], { DATABASE_URL: database.url })).code).toBe(0);
  expect(JSON.parse((await look("--json")).stdout)).toMatchObject({ state: "adopted", problems: [] });
});

test("adopt --dry-run counts the calls without a uuid", async () => {
  database = await createDatabase({ empty: true });
  await makeOldSystem(database.sql, 10);
  await database.sql`update "CallCenterRecord" set "uuid" = case "uuid" when 'u1' then '' else ' ' end where "uuid" in ('u1', 'u2')`;
  expect((await look()).stdout).toContain("2 calls without a uuid: the id becomes it");
});

test("adopt --dry-run counts an empty link as none", async () => {
  database = await createDatabase({ empty: true });
  await makeOldSystem(database.sql, 10);
  await database.sql`update "CallCenterRecord" set "googleDriveUrl" = ' ' where "uuid" in ('u1', 'u2')`;
  expect(JSON.parse((await look("--json")).stdout)).toMatchObject({
    counts: { recordings: 10, linked: 6, unlinked: 4 },
  });
});

test("adopt --dry-run names the uuids that without the spaces around them would be another call's", async () => {
  database = await createDatabase({ empty: true });
  await makeOldSystem(database.sql, 10);
  await database.sql`
    insert into "CallCenterRecord" ("id", "uuid", "updatedAt") values ('s1', ' u1', now()), ('s2', 'u2 ', now()), ('s3', ' u11 ', now())`;
  const { stdout } = await look();
  expect(stdout).toContain("1 uuid with spaces around it: they go");
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    "2 calls whose uuid without its spaces is another call's, kept apart; delete what is one too many: ' u1', 'u2 '",
  );
  await run(["migrate"], { DATABASE_URL: database.url });
  expect(JSON.parse((await look("--json")).stdout)).toMatchObject({
    state: "adopted",
    spacedUuids: { calls: 2, clashing: 2 },
  });
});

test("migrate ends with 78 where the database is newer than the program", async () => {
  database = await createDatabase();
  await database.sql`insert into callcenter.migrations (version, name, checksum) values (999, '999_future.sql', 'x')`;
  const { code, stderr } = await run(["migrate"], { DATABASE_URL: database.url });
  expect([code, stderr]).toEqual([78, expect.stringContaining("it has 999_future.sql. Start the newer version.")]);
});

test("adopt --dry-run says what stands in the way, with exit code 1", async () => {
  database = await createDatabase({ empty: true });
  const { sql } = database;
  await makeOldSystem(sql, 10);
  await sql.unsafe(`drop index "CallCenterRecord_uuid_key"; update "CallCenterRecord" set "uuid" = 'u1' where "uuid" = 'u2';
    alter table "CallCenterSyncLog" drop column "failedItems"`);
  const { code, stdout } = await runInside(["adopt", "--dry-run"], { environment: { DATABASE_URL: database.url } });
  expect(stdout).toContain("✗ 1 call share");
  expect(stdout).toContain(`"CallCenterSyncLog" lacks failedItems`);
  expect(code).toBe(1);
});
