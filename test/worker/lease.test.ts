import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defineTask } from "../../src/worker/define_task.ts";
import type { WorkerOptions } from "../../src/worker/runner.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { clearQueue, eventually, jobRows, queueUploads, startTestWorker, type TestWorker } from "./harness.ts";
import { spawnWorker, type WorkerProcess } from "./spawn.ts";

let db: TestDatabase;
const workers: TestWorker[] = [];
const processes: WorkerProcess[] = [];

beforeAll(async () => {
  db = await createDatabase();
});
afterEach(async () => {
  for (const process of processes.splice(0)) process.kill("SIGKILL");
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  await clearQueue(db);
});
afterAll(() => db.drop());

/** A worker that notes which uploads it did. */
async function start(done: string[], options: Partial<WorkerOptions> = {}): Promise<TestWorker> {
  const upload = defineTask("upload_recording", async ({ uuid }) => {
    await pause(5);
    done.push(uuid);
    return { done: "Uploaded" };
  });
  const worker = await startTestWorker(db, { tasks: [upload], instance: "here", ...options });
  workers.push(worker);
  return worker;
}

async function spawnElsewhere(options: Partial<WorkerOptions> = {}): Promise<WorkerProcess> {
  const process = await spawnWorker({ url: db.url, jobMs: 60_000, instance: "there", ...options });
  processes.push(process);
  return process;
}

const isEmpty = async () => (await jobRows(db)).length === 0;

const leases = () => db.sql<{ instance: string; ended_why: string | null }[]>`
  select instance, ended_why from callcenter.worker_leases order by started_at`;

describe("when a worker dies", () => {
  it("its jobs run elsewhere soon", async () => {
    const done: string[] = [];
    const dead = await spawnElsewhere();
    await queueUploads(db, 2);
    await Promise.all([dead.said("start 1"), dead.said("start 2")]);
    const survivor = await start(done);
    dead.kill("SIGKILL");
    await eventually(isEmpty);
    expect(done.sort()).toEqual(["1", "2"]);
    expect(await leases()).toEqual([
      { instance: "there", ended_why: "no sign of life" },
      { instance: "here", ended_why: null },
    ]);
    expect(survivor.lines.find(({ level }) => level === "WARN")).toMatchObject({
      message: "Took over from workers that died",
      context: { processes: 1, jobs: 2 },
    });
  });

  it("who starts in its place takes its jobs at once", async () => {
    const unhurried = { beatMs: 1_000, ttlMs: 45_000 };
    const dead = await spawnElsewhere(unhurried);
    await queueUploads(db, 1);
    await dead.said("start 1");
    dead.kill("SIGKILL");
    await dead.exited;
    const done: string[] = [];
    await start(done, { ...unhurried, instance: "there" });
    await eventually(async () => (await leases())[0]?.ended_why !== null, 2_000);
    await eventually(isEmpty);
    expect(done).toEqual(["1"]);
  });

  it("a silent one that wakes up again ends itself: others run its jobs", async () => {
    const done: string[] = [];
    const sleeper = await spawnElsewhere();
    await queueUploads(db, 1);
    await sleeper.said("start 1");
    await start(done);
    sleeper.kill("SIGSTOP");
    await eventually(isEmpty);
    expect(done).toEqual(["1"]);
    sleeper.kill("SIGCONT");
    expect(await sleeper.exited).toEqual({ code: 2, signal: null });
  });

  it("a signal to stop ends it in order, and its job runs elsewhere at once", async () => {
    const done: string[] = [];
    const stopped = await spawnElsewhere();
    await queueUploads(db, 1);
    await stopped.said("start 1");
    stopped.kill("SIGTERM");
    expect(await stopped.exited).toEqual({ code: 0, signal: null });
    expect(await jobRows(db)).toMatchObject([{ attempts: 0, locked_by: null }]);
    await start(done);
    await eventually(isEmpty);
    expect(done).toEqual(["1"]);
  });

  it("a job's last attempt is not lost with it, nor does a job live for ever that kills its worker", async () => {
    await db.sql`
      insert into callcenter.worker_leases (process_id, instance, pool_ids, heartbeat_at)
      values ('dead', 'there', '{pool-dead}', now() - interval '1 hour')`;
    await queueUploads(db, 4);
    await db.sql`
      update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now(), payload = '{}',
             attempts = case key when 'upload_recording:1' then 2 when 'upload_recording:3' then 25 else 6 end,
             max_attempts = case key when 'upload_recording:3' then 25 else 6 end,
             key = nullif(key, 'upload_recording:4')`;
    await start([]);
    await eventually(async () => (await jobRows(db)).every((job) => job.locked_by === null));
    const again = { last_error: null, run_at: expect.any(Date) };
    const given = { last_error: "The worker died while the job ran" };
    expect(await jobRows(db)).toMatchObject([
      { ...again, attempts: 2, max_attempts: 6 },
      { ...again, attempts: 6, max_attempts: 7 },
      { ...given, attempts: 25, max_attempts: 25 },
    ]);
  });

  it("a job without a key that died with it in its last attempt runs once more", async () => {
    await db.sql`
      insert into callcenter.worker_leases (process_id, instance, pool_ids, heartbeat_at)
      values ('dead', 'there', '{pool-dead}', now() - interval '1 hour')`;
    await db.sql`select graphile_worker.add_job('verify_drive', max_attempts := 1)`;
    await db.sql`update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now(), attempts = 1`;
    await start([]);
    await eventually(async () => (await jobRows(db)).every((job) => job.locked_by === null));
    expect(await jobRows(db)).toMatchObject([{ task: "verify_drive", attempts: 1, max_attempts: 2, last_error: null }]);
  });

  it("what one that was taken for dead locked when it came back runs elsewhere, once it must be gone", async () => {
    await db.sql`
      insert into callcenter.worker_leases (process_id, instance, pool_ids, ended_at, ended_why)
      values ('returned', 'there', '{pool-old,pool-back}', now() - interval '1 hour', 'no sign of life'),
             ('returning', 'there', '{pool-new}', now() - interval '1 hour', 'no sign of life')`;
    await queueUploads(db, 4);
    await db.sql`select graphile_worker.add_job('upload_recording', '{"uuid":"5"}', 'pbx_0', job_key := 'upload_recording:5')`;
    await db.sql`
      update graphile_worker._private_jobs
         set attempts = 1, locked_by = case key when 'upload_recording:4' then 'pool-new' else 'pool-back' end,
             locked_at = now() + case key when 'upload_recording:4' then interval '1 hour' else interval '-1 minute' end
       where key <> 'upload_recording:3'`;
    await db.sql`update graphile_worker._private_job_queues set locked_by = 'pool-back', locked_at = now() - interval '1 minute'`;
    const done: string[] = [];
    const survivor = await start(done);
    await eventually(async () => done.length === 4);
    expect(done.sort()).toEqual(["1", "2", "3", "5"]);
    await eventually(async () => (await jobRows(db)).length === 1);
    expect(await jobRows(db)).toMatchObject([{ key: "upload_recording:4", locked_by: "pool-new" }]);
    expect(survivor.lines.find(({ level }) => level === "WARN")).toMatchObject({
      message: "Freed jobs that nobody ran",
      context: { jobs: 3 },
    });
  });

  it("a queue goes on whose job was ended by one that was taken for dead", async () => {
    const done: string[] = [];
    const upload = defineTask("upload_recording", async ({ uuid }, { sql }) => {
      if (uuid === "1") await sql`delete from graphile_worker._private_jobs where key = 'upload_recording:1'`;
      done.push(uuid);
      return { done: "Uploaded" };
    });
    await db.sql`
      select count(graphile_worker.add_job('upload_recording', json_build_object('uuid', n::text), 'pbx_0',
        job_key := 'upload_recording:' || n)) from generate_series(1, 2) as n`;
    await start(done, { tasks: [upload] });
    await eventually(isEmpty);
    expect(done).toEqual(["1", "2"]);
  });
});
