import { readFile } from "node:fs/promises";
import { runMigrations } from "graphile-worker";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { addDays, type Day } from "../../src/day.ts";
import { migrate } from "../../src/store/migrate.ts";
import { queueAdopted } from "../../src/store/recordings.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";

let database: TestDatabase | undefined;
let world: World | undefined;
afterEach(async () => {
  await (world ?? database)?.drop?.call(world ?? database).catch(() => {});
  database = world = undefined;
});

const ROWS = 100_000;
const DAY: Day = addDays(TODAY, -4);

/** A database as the old system leaves it. */
async function oldDatabase(): Promise<TestDatabase> {
  database = await createDatabase({ empty: true });
  await database.sql.unsafe(await readFile(new URL("../fakes/prisma.sql", import.meta.url), "utf8")).simple();
  return database;
}

async function takeOver({ url, sql }: TestDatabase): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  await runMigrations({ pgPool: pool });
  await pool.end();
  await migrate(sql);
}

test("100,000 rows are taken over in place: the tables are not rewritten, no row changes, times keep their instant", async () => {
  const old = await oldDatabase();
  await old.sql`
    insert into "CallCenterRecord" ("id", "uuid", "callerId", "startTime", "endTime", "recordingPath", "googleDriveUrl", "rawData", "updatedAt")
    select 'c' || n, 'old-' || n, '0901234567', timestamp '2024-01-14 17:30:00' + n * interval '1 second', null,
           case when n % 2 = 0 then n || '.wav' end, case when n % 4 = 0 then 'https://drive.google.com/file/d/' || n || '/view' end,
           jsonb_build_object('uuid', n), now() at time zone 'UTC'
      from generate_series(1, ${ROWS}) n`;
  const digest = () => old.sql`
    select count(*)::int as rows, md5(string_agg("id" || "uuid" || extract(epoch from "startTime")::text || coalesce("googleDriveUrl", ''), ',' order by "id")) as md5,
           pg_relation_filenode('"CallCenterRecord"') as file from "CallCenterRecord"`;
  await old.sql`set timezone = 'UTC'`;
  const [before] = await digest();
  await takeOver(old);
  const [after] = await digest();
  expect(after).toEqual(before);
  const [call] = await old.sql`select "startTime", "adopted", "id" from "CallCenterRecord" where "uuid" = 'old-1'`;
  expect(call).toEqual({ startTime: new Date("2024-01-14T17:30:01Z"), adopted: true, id: "c1" });
  const [type] =
    await old.sql`select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = '"CallCenterRecord"'::regclass and attname = 'startTime'`;
  expect(type?.type).toBe("timestamp with time zone");
  await old.sql`insert into "CallCenterRecord" ("uuid") values ('new')`;
  expect(await old.sql`select "adopted" from "CallCenterRecord" where "uuid" = 'new'`).toEqual([{ adopted: false }]);
});

test("tables that another program holds stop the start with a message that says so", async () => {
  const old = await oldDatabase();
  const holder = new pg.Client({ connectionString: old.url });
  await holder.connect();
  await holder.query(`begin; lock table "CallCenterRecord" in access share mode`);
  const pool = new pg.Pool({ connectionString: old.url, max: 1 });
  pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  await runMigrations({ pgPool: pool });
  await pool.end();
  await expect(migrate(old.sql, { lockTimeoutMs: 100 })).rejects.toThrow(
    "another program holds the tables. Stop the old system",
  );
  await holder.query("rollback");
  await holder.end();
  expect((await migrate(old.sql)).length).toBeGreaterThan(0);
});

test("what the old system left is carried on: links stay, recordings without one are uploaded once, failed logs are history", async () => {
  const old = await oldDatabase();
  const calls = callsOf(DAY, 12)
    .filter(({ recording }) => recording)
    .slice(0, 4);
  const [linked, unlinked, tired] = calls.map(({ uuid }) => uuid) as [string, string, string];
  const path = (uuid: string) => `${DAY.replaceAll("-", "/")}/${uuid}.mp3`;
  await old.sql`
    insert into "CallCenterRecord" ("id", "uuid", "startTime", "recordingPath", "googleDriveUrl", "uploadRetryCount", "updatedAt") values
      ('a', ${linked}, ${`${DAY} 03:00:00`}, ${path(linked)}, 'https://drive.google.com/file/d/1oldoldoldold/view', 0, now()),
      ('b', ${unlinked}, ${`${DAY} 03:00:00`}, ${path(unlinked)}, null, 0, now()),
      ('c', ${tired}, ${`${DAY} 03:00:00`}, ${path(tired)}, null, 3, now())`;
  await old.sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "startTime", "dateFrom", "dateTo", "updatedAt")
    values ('old-log', 'daily', 'failed', now(), now(), now(), now()), ('old-retry', 'retry', 'retrying', now(), now(), now(), now())`;
  await takeOver(old);
  world = await openWorld({ database: old, pbx: { calls } });
  await world.settle({ hurry: true });
  const links = await old.sql`select "uuid", "googleDriveUrl", "id" from "CallCenterRecord" order by "id"`;
  expect(links[0]?.googleDriveUrl).toContain("1oldoldoldold");
  expect(links.every(({ googleDriveUrl }) => googleDriveUrl)).toBe(true);
  expect(world.drive.files.map(({ appProperties }) => appProperties.uuid).sort()).toEqual([unlinked, tired].sort());

  await world.queue("retry_syncs");
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle({ hurry: true });
  const logs = await old.sql`select "id", "status" from "CallCenterSyncLog" where "id" like 'old%' order by "id"`;
  expect(logs).toEqual([
    { id: "old-log", status: "failed" },
    { id: "old-retry", status: "retrying" },
  ]);
  const [counts] =
    await old.sql`select count(*)::int as calls, count(distinct "uuid")::int as distinct from "CallCenterRecord"`;
  expect(counts).toEqual({ calls: 4, distinct: 4 });
  expect(world.drive.files).toHaveLength(3);
});

test("a recording that the old system uploaded is not uploaded again when the PBX names another path", async () => {
  const old = await oldDatabase();
  const calls = callsOf(DAY, 12)
    .filter(({ recording }) => recording)
    .slice(0, 2);
  await old.sql`
    insert into "CallCenterRecord" ("id", "uuid", "startTime", "recordingPath", "googleDriveUrl", "updatedAt")
    select 'c' || n, uuid, ${`${DAY} 03:00:00`}, ' /other/root/' || n || '.mp3 ', 'https://drive.google.com/file/d/1oldoldoldold/view', now()
      from unnest(${calls.map(({ uuid }) => uuid)}::text[]) with ordinality as c (uuid, n)`;
  await takeOver(old);
  await old.sql`update "CallCenterRecord" set "driveVerifiedAt" = now()`;
  world = await openWorld({ database: old, pbx: { calls } });
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle({ hurry: true });
  await world.queue("retry_uploads", { force: true });
  await world.settle({ hurry: true });
  expect(world.drive.files).toEqual([]);
  const rows = await old.sql`
    select "recordingPath" as path, "googleDriveUrl" as url, "uploadedPath", "driveFileId" from "CallCenterRecord" order by "id"`;
  expect(rows).toEqual(
    calls.map(({ uuid }) => ({
      path: `${DAY.replaceAll("-", "/")}/${uuid}.mp3`,
      url: "https://drive.google.com/file/d/1oldoldoldold/view",
      uploadedPath: null,
      driveFileId: null,
    })),
  );
  const [day] = await old.sql`select uploaded::int, complete from callcenter.days where day = ${DAY}`;
  expect(day).toEqual({ uploaded: 2, complete: true });
});

/** As where this system took the database over before it knew of such rows. */
async function takeOverAgain({ sql }: TestDatabase): Promise<void> {
  await sql`insert into callcenter.settings (key, value) values ('adopted_queued', 'true') on conflict do nothing`;
  await sql`delete from callcenter.migrations where version = 8`;
  await migrate(sql);
}

test("a call whose uuid the old system kept with spaces around it comes once, and its recording is not uploaded again", async () => {
  const old = await oldDatabase();
  const [call] = callsOf(DAY, 12).filter(({ recording }) => recording);
  await old.sql`
    insert into "CallCenterRecord" ("id", "uuid", "startTime", "recordingPath", "googleDriveUrl", "updatedAt")
    values ('c1', ${` ${call!.uuid}\t`}, ${`${DAY} 03:00:00`}, 'a.wav', 'https://drive.google.com/file/d/1oldoldoldold/view', now())`;
  await takeOver(old);
  world = await openWorld({ database: old, pbx: { calls: [call!] } });
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle({ hurry: true });
  expect(world.drive.files).toEqual([]);
  expect(await old.sql`select "id", "uuid" from "CallCenterRecord"`).toEqual([{ id: "c1", uuid: call!.uuid }]);
});

test("spaces around a uuid stay where the bare one is another call's, and of two alike the one with a link loses them", async () => {
  const old = await oldDatabase();
  await old.sql`
    insert into "CallCenterRecord" ("id", "uuid", "googleDriveUrl", "updatedAt")
    values ('c1', ' a', 'x', now()), ('c2', 'a', null, now()), ('c3', ' b', null, now()), ('c4', 'b ', 'x', now()), ('c5', '  ', null, now())`;
  await takeOver(old);
  const rows = await old.sql`select "uuid" from "CallCenterRecord" order by "id"`;
  expect(rows.slice(0, 4).map(({ uuid }) => uuid)).toEqual([" a", "a", " b", "b"]);
});

test("a call of the old system's without a uuid has its id as one, and its recording is uploaded", async () => {
  const old = await oldDatabase();
  const [call] = callsOf(DAY, 12).filter(({ recording }) => recording);
  const path = `${DAY.replaceAll("-", "/")}/${call!.uuid}.mp3`;
  await takeOver(old);
  await old.sql`
    insert into "CallCenterRecord" ("id", "uuid", "startTime", "recordingPath", "adopted") values ('c1', '', ${`${DAY} 03:00:00`}, ${path}, true)`;
  await old.sql`select graphile_worker.add_job('upload_recording', '{"uuid":""}', job_key := 'upload_recording:')`;
  await takeOverAgain(old);
  world = await openWorld({ database: old, pbx: { calls: [call!] } });
  await world.settle({ hurry: true });
  expect(world.drive.files).toMatchObject([{ appProperties: { uuid: "c1" } }]);
  const [day] = await old.sql`select uploaded::int, pending::int from callcenter.days where day = ${DAY}`;
  expect(day).toEqual({ uploaded: 1, pending: 0 });
  expect(await old.sql`select key from graphile_worker.jobs`).toEqual([]);
});

test("what is queued or known under a uuid with spaces around it is so under the bare one afterwards", async () => {
  const old = await oldDatabase();
  await takeOver(old);
  const { sql } = old;
  await sql`
    insert into "CallCenterRecord" ("uuid", "recordingPath", "adopted") values (' a ', 'a.wav', true), (' b ', 'b.wav', true)`;
  await sql`select callcenter.queue_uploads(array[' a ', ' b '], 20)`;
  await sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'x' where key = 'upload_recording: b '`;
  await sql`insert into callcenter.call_events (uuid, event) values (' a ', 'noted')`;
  await sql`insert into callcenter.acceptances (kind, uuid, day, who, why) values ('recording', ' a ', ${DAY}, 'x', 'y')`;
  await takeOverAgain(old);
  const known = await sql`select uuid from callcenter.call_events union all select uuid from callcenter.acceptances`;
  expect(known).toEqual([{ uuid: "a" }, { uuid: "a" }]);
  const jobs =
    await sql`select key, payload, priority from graphile_worker._private_jobs where locked_at is null order by key`;
  expect(jobs).toEqual(
    ["a", "b"].map((uuid) => ({ key: `upload_recording:${uuid}`, payload: { uuid }, priority: 20 })),
  );
});

test("an empty link of the old system's is none: its recording is queued once, like the others without a link", async () => {
  const old = await oldDatabase();
  const insert = (adopted: boolean) => old.sql`
    insert into "CallCenterRecord" ${adopted ? old.sql`("id", "uuid", "recordingPath", "googleDriveUrl", "updatedAt")` : old.sql`("id", "uuid", "recordingPath", "googleDriveUrl", "updatedAt", "adopted", "recordingFlag")`}
    select 'c' || n, 'u' || n, path, url, now() ${adopted ? old.sql`` : old.sql`, true, 'not_seen_in_drive'`}
      from (values (1, 'a.wav', ''), (2, 'b.wav', E' \t'), (3, 'null', ''), (4, 'd.wav', 'https://drive/d')) v (n, path, url)`;
  const rows = () =>
    old.sql`select "uuid", "recordingPath" as path, "recordingFlag" as flag from "CallCenterRecord" where "googleDriveUrl" is null order by 1`;
  const unlinked = [
    { uuid: "u1", path: "a.wav", flag: null },
    { uuid: "u2", path: "b.wav", flag: null },
    { uuid: "u3", path: null, flag: null },
  ];
  const queued = () => old.sql`select payload ->> 'uuid' as uuid from graphile_worker._private_jobs order by 1`;
  await insert(true);
  await takeOver(old);
  expect([...(await rows())]).toEqual(unlinked);
  expect(await queued()).toEqual([]);
  expect(await queueAdopted(old.sql)).toBe(2);
  await old.sql`truncate "CallCenterRecord"`;
  await old.sql`delete from graphile_worker._private_jobs`;
  await insert(false);
  await takeOverAgain(old);
  expect([...(await rows())]).toEqual(unlinked);
  expect(await queued()).toEqual([{ uuid: "u1" }, { uuid: "u2" }]);
});

test("a path that names no recording becomes null, and its day can be complete", async () => {
  const old = await oldDatabase();
  const paths = ["", "null", "NULL ", "0", " \t ", "a.wav", "0.wav", null];
  await old.sql`
    insert into "CallCenterRecord" ("id", "uuid", "startTime", "recordingPath", "updatedAt")
    select 'c' || n, 'u' || n, '2024-01-15 03:00:00', path, now()
      from jsonb_array_elements_text(${old.sql.json(paths)}) with ordinality as p (path, n)`;
  await takeOver(old);
  const kept =
    await old.sql`select "recordingPath" as path from "CallCenterRecord" where "recordingPath" is not null order by 1`;
  expect(kept).toEqual([{ path: "0.wav" }, { path: "a.wav" }]);
  const [day] = await old.sql`select records::int, recordings::int, pending::int from callcenter.days`;
  expect(day).toEqual({ records: 8, recordings: 2, pending: 2 });
});
