import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SyncError } from "../../src/errors.ts";
import { createLog, type LogLine, redactor } from "../../src/log.ts";
import { reportSuccess } from "../../src/store/circuits.ts";
import { defineTask, type TaskContext, type TaskDefinition } from "../../src/worker/define_task.ts";
import type { WorkerOptions } from "../../src/worker/runner.ts";
import { taskList } from "../../src/worker/task_list.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { clearQueue, eventually, jobRows, queueUploads, SECRET, startTestWorker, type TestWorker } from "./harness.ts";

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

describe("a job", () => {
  it("gets its checked payload and its place in the queue, and is gone when it is done", async () => {
    const seen: unknown[] = [];
    const task = defineTask("retry_uploads", async (payload, { job }) => {
      seen.push(payload, job);
      return { done: "Done", context: { queued: 3 } };
    });
    await db.sql`
      select graphile_worker.add_job('retry_uploads', '{"limit": 7}', 'pbx_0', job_key := 'mine', priority := 5)`;
    const worker = await start([task]);
    await eventually(async () => (await jobRows(db)).length === 0);
    expect(seen).toMatchObject([
      { limit: 7, force: false },
      { key: "mine", attempt: 1, maxAttempts: 25, priority: 5, runAt: expect.any(Date) },
    ]);
    expect(worker.lines.filter(({ context }) => context?.task === "retry_uploads")).toMatchObject([
      {
        level: "INFO",
        message: "Done",
        context: { attempt: 1, queued: 3, job_id: expect.any(String), duration_seconds: expect.any(Number) },
      },
    ]);
  });

  it("takes null for what a payload leaves out", async () => {
    const seen: unknown[] = [];
    const keep = async (payload: unknown) => {
      seen.push(payload);
      return { done: "Done" };
    };
    await start([defineTask("daily_sync", keep), defineTask("missing_check", keep), defineTask("retry_uploads", keep)]);
    await db.sql`select graphile_worker.add_job('daily_sync', '{"dateFrom":null,"dateTo":null,"syncType":null}')`;
    await db.sql`select graphile_worker.add_job('missing_check', '{"daysBack":null}')`;
    await db.sql`select graphile_worker.add_job('retry_uploads', '{"limit":null,"force":null}')`;
    await eventually(async () => seen.length === 3);
    expect(seen).toEqual(
      expect.arrayContaining([{ probe: false, retry: false }, { daysBack: 3 }, { limit: 50, force: false }]),
    );
  });

  it("with a payload that its task does not know is refused once and for all, with a reason", async () => {
    const worker = await start([defineTask("daily_sync", async () => ({ done: "Done" }))]);
    await db.sql`select graphile_worker.add_job('daily_sync', '{"dateFrom": "2024-02-30"}')`;
    const failed = await eventually(async () => (await jobRows(db)).find((job) => job.last_error));
    expect(failed).toMatchObject({ attempts: 25, max_attempts: 25, locked_by: null });
    expect(failed.last_error).toBe("Bad payload for daily_sync: dateFrom: must be a calendar day, YYYY-MM-DD");
    expect(worker.lines.filter(({ level }) => level === "ERROR").map(({ message }) => message)).toEqual([
      failed.last_error,
    ]);
    await db.sql`select graphile_worker.add_job('daily_sync', '[]', job_key := 'list')`;
    const list = await eventually(async () => (await jobRows(db)).find((job) => job.last_error?.includes("object")));
    expect(list.last_error).toBe("Bad payload for daily_sync: it must be a JSON object");
  });

  it("that fails is tried again later; neither its error nor the log shows a secret or a number", async () => {
    const task = defineTask("upload_recording", async () => {
      throw new SyncError("recordings_unreachable", `Cannot fetch with ${SECRET} for +84912345678`);
    });
    const worker = await start([task]);
    await queueUploads(db, 1);
    const failed = await eventually(async () => (await jobRows(db)).find((job) => job.last_error));
    expect(failed).toMatchObject({ attempts: 1, last_error: "Cannot fetch with *** for ***678" });
    expect(failed.run_at.getTime()).toBeGreaterThan(Date.now() + 1_000);
    const warning = worker.lines.find(({ level }) => level === "WARN");
    expect(warning).toMatchObject({ context: { code: "recordings_unreachable", attempt: 1, max_attempts: 6 } });
    expect(JSON.stringify(worker.lines)).not.toContain(SECRET);
    expect(JSON.stringify(worker.lines)).not.toContain("912345678");
  });

  it("whose key another has taken is forgotten when it fails: the other one does its work", async () => {
    const task = defineTask("upload_recording", async () => {
      await db.sql`
        select graphile_worker.add_job('upload_recording', '{"uuid": "1"}', run_at := now() + interval '1 hour', job_key := 'upload_recording:1')`;
      throw new Error("It breaks off after that");
    });
    await start([task]);
    await queueUploads(db, 1);
    const [left] = await eventually(async () => {
      const rows = await jobRows(db);
      return rows.length === 1 && rows[0]!.run_at.getTime() > Date.now() && rows;
    });
    expect(left).toMatchObject({ attempts: 0, last_error: null, locked_by: null });
  });

  it("whose key another takes only while its failure is written is forgotten too", async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let runs = 0;
    const task = defineTask("upload_recording", async () => {
      if (++runs > 1) return { done: "Uploaded" };
      begun.resolve();
      await held.promise;
      throw new Error("It breaks off");
    });
    await start([task], { uploadConcurrency: 1 });
    await queueUploads(db, 1);
    await begun.promise;
    const waiting = () =>
      db.sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await db.sql.begin(async (tx) => {
      await tx`select from graphile_worker._private_jobs for update`;
      held.resolve();
      await eventually(async () => (await waiting()).length > 0);
      await tx`select graphile_worker.add_job('upload_recording', '{"uuid": "1"}', job_key := 'upload_recording:1')`;
    });
    await eventually(async () => (await jobRows(db)).length === 0);
    expect(runs).toBe(2);
  });

  it("that cannot be done yet is queued again for later with its key, queue, priority and all its attempts", async () => {
    const later = new Date(Date.now() + 3_600_000);
    const worker = await start([defineTask("daily_sync", async () => ({ later, why: "The PBX is away" }))]);
    await db.sql`
      select graphile_worker.add_job('daily_sync', '{"dateFrom": "2024-01-15"}', 'pbx_1', now() - interval '1 hour',
        max_attempts := 9, job_key := 'daily_sync:manual:2024-01-15', priority := 10)`;
    const [again, ...others] = await eventually(async () => {
      const rows = await jobRows(db);
      return rows.length === 1 && rows[0]!.run_at.getTime() > Date.now() && rows;
    });
    expect(others).toEqual([]);
    expect(again).toMatchObject({
      key: "daily_sync:manual:2024-01-15",
      attempts: 0,
      max_attempts: 9,
      queue_name: "pbx_1",
      priority: 10,
      run_at: later,
    });
    expect(worker.lines.find(({ message }) => message === "The PBX is away")).toMatchObject({ level: "INFO" });
  });

  it("that waits for a neighbour runs at once where that is back by the time it is queued again", async () => {
    await db.sql`update callcenter.circuits set state = 'open', code = 'drive_timeout' where neighbour = 'drive'`;
    let runs = 0;
    const task = defineTask("upload_recording", async () => {
      if (++runs > 1) return { done: "Uploaded" };
      await reportSuccess(db.sql, ["drive"]);
      const later = new Date(Date.now() + 3_600_000);
      return { later, waitsFor: ["pbx_recordings", "drive"], why: "Wait", level: "debug" };
    });
    const worker = await start([task]);
    await queueUploads(db, 1);
    await eventually(async () => runs === 2 && (await jobRows(db)).length === 0);
    expect(worker.lines.find(({ message }) => message === "Wait")).toMatchObject({ level: "DEBUG" });
  });

  it("runs, and its end is told, also where the database tells nothing of its queue just then", async () => {
    const lines: LogLine[] = [];
    const log = createLog({ level: "info", zone: "UTC", redact: redactor([]), write: (line) => lines.push(line) });
    const context = { log, redact: redactor([]) } as Partial<TaskContext> as TaskContext;
    const tasks = taskList([defineTask("prune", async () => ({ done: "Pruned" }))], context);
    const getQueueName = () => Promise.reject(new Error("Connection terminated"));
    const job = { id: "1", key: null, attempts: 1, max_attempts: 25, priority: 0, run_at: new Date() };
    await tasks.prune!({}, { job, getQueueName, abortSignal: new AbortController().signal } as never);
    expect(lines).toMatchObject([{ level: "INFO", message: "Pruned", context: { job_id: "1" } }]);
  });

  it("that cannot be done yet gives way to a newer wish for the same thing", async () => {
    const started = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    let runs = 0;
    const task = defineTask("upload_recording", async () => {
      if (++runs > 1) return { done: "Uploaded" };
      started.resolve();
      await asked.promise;
      return { later: new Date(Date.now() + 3_600_000), why: "Wait" };
    });
    await start([task], { uploadConcurrency: 1 });
    await queueUploads(db, 1);
    await started.promise;
    await queueUploads(db, 1);
    asked.resolve();
    await eventually(async () => (await jobRows(db)).length === 0);
    expect(runs).toBe(2);
  });
});
