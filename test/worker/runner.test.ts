import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defineTask, type TaskDefinition } from "../../src/worker/define_task.ts";
import type { WorkerOptions } from "../../src/worker/runner.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { clearQueue, eventually, jobRows, queueUploads, startTestWorker, type TestWorker } from "./harness.ts";

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

async function start(tasks: TaskDefinition[], options: Partial<WorkerOptions> = {}): Promise<TestWorker> {
  const worker = await startTestWorker(db, { tasks, ...options });
  workers.push(worker);
  return worker;
}

describe("two runners", () => {
  it("keep the schedule's work going behind any number of uploads", async () => {
    const held = Promise.withResolvers<void>();
    const upload = defineTask("upload_recording", async () => {
      await held.promise;
      return { done: "Uploaded" };
    });
    await queueUploads(db, 50);
    const pruned = Promise.withResolvers<void>();
    const prune = defineTask("prune", async () => {
      pruned.resolve();
      return { done: "Pruned" };
    });
    await start([upload, prune]);
    await eventually(async () => (await jobRows(db)).filter((job) => job.locked_by).length === 4);
    await db.sql`select graphile_worker.add_job('prune', '{}', priority := 100)`;
    await pruned.promise;
    held.resolve();
    await eventually(async () => (await jobRows(db)).length === 0);
  });

  it("share one lease, which is there before the first job runs", async () => {
    let leases: { pool_ids: string[] }[] = [];
    const task = defineTask("upload_recording", async (_payload, { sql }) => {
      leases = await sql`select pool_ids from callcenter.worker_leases where ended_at is null`;
      return { done: "Uploaded" };
    });
    await queueUploads(db, 1);
    await start([task]);
    await eventually(async () => (await jobRows(db)).length === 0);
    expect(leases).toHaveLength(1);
    expect(leases[0]?.pool_ids).toHaveLength(2);
  });
});

describe("stop()", () => {
  it("loses no end of a job, whenever it comes", async () => {
    let runs = 0;
    const task = defineTask("upload_recording", async ({ uuid }) => {
      runs++;
      await pause(Number(uuid) % 7);
      return { done: "Uploaded" };
    });
    for (let round = 0; round < 25; round++) {
      await queueUploads(db, 12);
      const worker = await start([task]);
      const before = runs;
      await eventually(async () => runs > before);
      await worker.stop();
      const left = await jobRows(db);
      expect(left.map(({ locked_by, attempts }) => [locked_by, attempts])).toEqual(left.map(() => [null, 0]));
      expect(runs - before + left.length).toBe(12);
      await clearQueue(db);
    }
  });

  it("waits for a job that needs its time", async () => {
    const started = Promise.withResolvers<void>();
    const task = defineTask("upload_recording", async (_payload, { signal }) => {
      started.resolve();
      await pause(300);
      return { done: signal.aborted ? "Too late" : "In time" };
    });
    await queueUploads(db, 1);
    const worker = await start([task]);
    await started.promise;
    await worker.stop(5_000);
    expect(await jobRows(db)).toEqual([]);
    expect(worker.lines.map(({ message }) => message)).toContain("In time");
  });

  it("interrupts what takes too long, and gives the attempt back: it runs at once elsewhere", async () => {
    const started = Promise.withResolvers<void>();
    const task = defineTask("upload_recording", async (_payload, { signal }) => {
      started.resolve();
      await pause(60_000, undefined, { signal });
      return { done: "Never" };
    });
    await queueUploads(db, 1);
    await db.sql`update graphile_worker._private_jobs set attempts = 5`;
    const worker = await start([task]);
    await started.promise;
    await worker.stop(50);
    const [job] = await jobRows(db);
    expect(job).toMatchObject({ attempts: 5, max_attempts: 6, locked_by: null, key: "upload_recording:1" });
    expect(job!.run_at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(worker.fatal).toEqual([]);
  });

  it("leaves nothing of an interrupted job whose key another has taken: the other one does its work", async () => {
    const started = Promise.withResolvers<void>();
    const task = defineTask("upload_recording", async (_payload, { signal }) => {
      started.resolve();
      await pause(60_000, undefined, { signal });
      return { done: "Never" };
    });
    await queueUploads(db, 1);
    const worker = await start([task], { uploadConcurrency: 1 });
    await started.promise;
    await queueUploads(db, 1);
    await worker.stop(0);
    expect(await jobRows(db)).toMatchObject([{ attempts: 0, locked_by: null, key: "upload_recording:1" }]);
  });

  it("goes without a task that does not listen, its attempt given back", async () => {
    const started = Promise.withResolvers<void>();
    const task = defineTask("upload_recording", () => {
      started.resolve();
      return new Promise(() => {});
    });
    await queueUploads(db, 1);
    const worker = await start([task]);
    await started.promise;
    await worker.stop(0);
    expect(await jobRows(db)).toMatchObject([{ attempts: 0, locked_by: null }]);
  });

  it("ends the lease and every connection, also when all workers stop at once, and may be called twice", async () => {
    const prune = defineTask("prune", async () => ({ done: "Pruned" }));
    const all = await Promise.all([start([prune]), start([prune]), start([prune]), start([prune])]);
    await Promise.all(all.flatMap((worker) => [worker.stop(), worker.stop()]));
    const leases = await db.sql`select ended_why from callcenter.worker_leases where ended_at is not null`;
    expect(leases).toEqual(all.map(() => ({ ended_why: "stopped" })));
    expect(all.map(({ pool, fatal }) => [pool.totalCount, fatal])).toEqual(all.map(() => [0, []]));
  });
});

it("a runner that ends unasked is fatal", async () => {
  const worker = await start([defineTask("prune", async () => ({ done: "Pruned" }))]);
  await eventually(async () => {
    // Again and again: a worker that has just started may not listen yet.
    await db.sql`select pg_notify('worker:migrate', '{"migrationNumber": 999, "breaking": true}')`;
    return worker.fatal.length > 0;
  });
  expect(worker.fatal[0]).toMatchObject({ exitCode: 1, error: { message: "A runner ended unasked" } });
  process.exitCode = undefined;
});
