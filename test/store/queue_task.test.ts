import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const ask = async () =>
  (await database.sql`select callcenter.queue_task('verify_drive') as is_new`)[0]?.is_new as boolean;
const run = (key: string) =>
  database.sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'pool', attempts = attempts + 1 where key = ${key}`;
const jobs = () =>
  database.sql`select key, attempts, locked_at is not null as runs from graphile_worker.jobs order by key`;

test("what is asked for again waits beside the job that runs, once, and takes nothing from it", async () => {
  expect([await ask(), await ask()]).toEqual([true, false]);
  await run("verify_drive");
  expect([await ask(), await ask()]).toEqual([true, false]);
  expect(await jobs()).toEqual([
    { key: "verify_drive", attempts: 1, runs: true },
    { key: "verify_drive#2", attempts: 0, runs: false },
  ]);
  await run("verify_drive#2");
  expect([await ask(), await ask()]).toEqual([true, false]);
  await database.sql`delete from graphile_worker._private_jobs where key in ('verify_drive', 'verify_drive#3')`;
  expect([await ask(), await ask()]).toEqual([true, false]);
  expect(await jobs()).toEqual([
    { key: "verify_drive", attempts: 0, runs: false },
    { key: "verify_drive#2", attempts: 1, runs: true },
  ]);
});

test("a job that failed for good makes way for the next, and stays to be seen", async () => {
  await database.sql`delete from graphile_worker._private_jobs`;
  await ask();
  await database.sql`update graphile_worker._private_jobs set attempts = max_attempts`;
  expect(await ask()).toBe(true);
  expect(await jobs()).toEqual([
    { key: "verify_drive", attempts: 0, runs: false },
    { key: null, attempts: 25, runs: false },
  ]);
});
