import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { silentLog } from "../../src/log.ts";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { parseSchedule } from "../../src/worker/crontab.ts";
import { defineTask } from "../../src/worker/define_task.ts";
import { createPool } from "../../src/worker/pool.ts";
import { migrateGraphile } from "../../src/worker/runner.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { clearQueue, eventually, jobRows, startTestWorker, type TestWorker } from "./harness.ts";
import { spawnWorker } from "./spawn.ts";

let db: TestDatabase;
const workers: TestWorker[] = [];

beforeAll(async () => {
  db = await createDatabase();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  await clearQueue(db);
});
afterAll(() => db.drop());

const isEmpty = async () => (await jobRows(db)).length === 0;

it("several processes share the work, each job once", async () => {
  const start = () => spawnWorker({ url: db.url, jobMs: 20 });
  const processes = await Promise.all([start(), start()]);
  await db.sql`
    select count(graphile_worker.add_job('upload_recording', json_build_object('uuid', n::text), max_attempts := 6))
      from generate_series(1, 60) as n`;
  await eventually(isEmpty);
  for (const process of processes) process.kill("SIGTERM");
  expect(await Promise.all(processes.map(({ exited }) => exited))).toMatchObject([{ code: 0 }, { code: 0 }]);
  const shares = processes.map(({ lines }) => lines.filter((line) => line.startsWith("end ")));
  expect(shares.map((share) => share.length > 0)).toEqual([true, true]);
  expect(new Set(shares.flat()).size).toBe(60);
  expect(shares.flat()).toHaveLength(60);
});

it("a named queue holds its limit over all of them", async () => {
  let running = 0;
  let most = 0;
  const task = defineTask("daily_sync", async () => {
    most = Math.max(most, ++running);
    await pause(10);
    running--;
    return { done: "Read" };
  });
  await db.sql`
    select count(graphile_worker.add_job('daily_sync', '{}', 'pbx_' || n % 2)) from generate_series(1, 30) as n`;
  const start = () => startTestWorker(db, { tasks: [task], controlConcurrency: 4 });
  workers.push(...(await Promise.all([start(), start(), start()])));
  await eventually(isEmpty);
  expect(most).toBe(2);
});

it("nights that were missed are made up once, each for the time it was due", async () => {
  const due: string[] = [];
  const task = defineTask("daily_sync", async ({ _cron }) => {
    due.push(_cron?.ts ?? "by hand");
    return { done: "Queued" };
  });
  const cronItems = () => parseSchedule("0 2 * * * daily_sync ?fill=7d", { zone: "Asia/Ho_Chi_Minh" });
  const start = () => startTestWorker(db, { tasks: [task], cronItems: cronItems() });
  workers.push(await start());
  await eventually(async () => (await db.sql`select from graphile_worker._private_known_crontabs`).length > 0);
  await workers.pop()?.stop();
  await db.sql`
    update graphile_worker._private_known_crontabs set known_since = now() - interval '3 days', last_execution = null`;

  workers.push(...(await Promise.all([start(), start(), start()])));
  await eventually(async () => due.length >= 3 && (await isEmpty()));
  expect(due).toHaveLength(3);
  const days = due.map((ts) => Date.parse(ts) / 86_400_000).sort();
  expect(days.map((day) => day - days[0]!)).toEqual([0, 1, 2]);
  for (const ts of due) expect(ts).toMatch(/T19:00:00.000Z$/);
});

it("several that migrate an empty database at once do not get in each other's way", async () => {
  const empty = await createDatabase({ empty: true });
  const pools = Array.from({ length: 4 }, () => createPool(parseDatabaseUrl(empty.url), { max: 1, log: silentLog }));
  await Promise.all(pools.map((pool) => migrateGraphile(pool, silentLog)));
  await Promise.all(pools.map((pool) => pool.end()));
  expect(await empty.sql`select graphile_worker.add_job('prune')`).toHaveLength(1);
  await empty.drop();
});
