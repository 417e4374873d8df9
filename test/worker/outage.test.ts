import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defineTask } from "../../src/worker/define_task.ts";
import type { WorkerOptions } from "../../src/worker/runner.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { startTcpProxy, type TcpProxy } from "../fakes/tcp_proxy.ts";
import { clearQueue, eventually, jobRows, queueUploads, startTestWorker, type TestWorker } from "./harness.ts";

let db: TestDatabase;
let proxy: TcpProxy;
/** The database as seen through a wire that can be cut. */
let wired: Pick<TestDatabase, "url" | "sql">;
const workers: TestWorker[] = [];

beforeAll(async () => {
  db = await createDatabase();
  const { hostname, port } = new URL(db.url);
  proxy = await startTcpProxy({ host: hostname, port: Number(port || 5432) });
  wired = { sql: db.sql, url: Object.assign(new URL(db.url), { host: `${proxy.host}:${proxy.port}` }).href };
});
afterEach(async () => {
  await proxy.restore();
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  await clearQueue(db);
});
afterAll(async () => {
  await proxy.close();
  await db.drop();
});

/** A worker that notes which uploads it did. */
async function start(done: string[], options: Partial<WorkerOptions> = {}): Promise<TestWorker> {
  const upload = defineTask("upload_recording", async ({ uuid }) => {
    await pause(5);
    done.push(uuid);
    return { done: "Uploaded" };
  });
  const worker = await startTestWorker(wired, { tasks: [upload], instance: "here", ...options });
  workers.push(worker);
  return worker;
}

/** Kills every session but the one that asks. */
const killBackends = () => db.sql`
  select pg_terminate_backend(pid) from pg_stat_activity
   where datname = current_database() and pid <> pg_backend_pid() and query not like '%pg_terminate_backend%'`;

const isEmpty = async () => (await jobRows(db)).length === 0;

const leases = () => db.sql<{ instance: string; ended_why: string | null }[]>`
  select instance, ended_why from callcenter.worker_leases order by started_at`;

describe("a worker that lives", () => {
  it("keeps its jobs while its connections are killed again and again", async () => {
    const done: string[] = [];
    const one = await start(done);
    const other = await start(done, { instance: "there" });
    await queueUploads(db, 200);
    for (let round = 0; round < 15; round++) {
      await pause(60);
      if (round % 2) proxy.cut();
      else await killBackends();
    }
    await eventually(isEmpty, 20_000);
    expect(new Set(done).size).toBe(200);
    expect([one.fatal, other.fatal]).toEqual([[], []]);
  });

  it("waits for a database that is away, however jobs end meanwhile, and takes nobody for dead after it", async () => {
    const done: string[] = [];
    const held = Promise.withResolvers<void>();
    const upload = defineTask("upload_recording", async ({ uuid }) => {
      await held.promise;
      done.push(uuid);
      return { done: "Uploaded" };
    });
    const [one, other] = await Promise.all(
      ["here", "there"].map((instance) => start([], { tasks: [upload], instance, ttlMs: 3_000 })),
    );
    await queueUploads(db, 8);
    await eventually(async () => (await jobRows(db)).filter((job) => job.locked_by).length === 8);
    await proxy.refuse();
    held.resolve();
    await eventually(async () => done.length === 8);
    await pause(3_500); // longer than the lease: the outage itself is what is tested
    await proxy.restore();
    await eventually(isEmpty);
    expect(done).toHaveLength(8);
    expect(await leases()).toMatchObject([{ ended_why: null }, { ended_why: null }]);
    expect([one!.fatal, other!.fatal]).toEqual([[], []]);
    expect(one!.lines.map(({ message }) => message)).toContain("PostgreSQL answers again");
  });

  it("is not taken over by one that starts under the same name", async () => {
    const done: string[] = [];
    const worker = await start(done);
    const second = await start(done);
    await queueUploads(db, 20);
    await eventually(isEmpty);
    expect([worker.fatal, second.fatal]).toEqual([[], []]);
    expect(await leases()).toMatchObject([{ ended_why: null }, { ended_why: null }]);
  });

  it("frees a job that PostgreSQL gave it in an answer that was lost", async () => {
    const done: string[] = [];
    const worker = await start(done);
    await queueUploads(db, 4);
    await eventually(isEmpty);
    // A worker whose last look for jobs is under way at that moment takes none: then once more.
    for (let isTaken = false; !isTaken; ) {
      proxy.loseAnswers();
      await queueUploads(db, 1);
      isTaken = await eventually(async () => (await jobRows(db))[0]?.locked_by, 4_000).then(
        () => true,
        () => false,
      );
      proxy.cut();
      await proxy.restore();
      await eventually(isEmpty, 15_000);
    }
    expect(done.length).toBeGreaterThanOrEqual(5);
    expect(worker.fatal).toEqual([]);
    expect(worker.lines.map(({ message }) => message)).toContain("Freed jobs that nobody ran");
  });

  it("stops within its time while the database is away, and rejects nothing", async () => {
    const started = Promise.withResolvers<void>();
    const upload = defineTask("upload_recording", async () => {
      started.resolve();
      await pause(100);
      return { done: "Uploaded" };
    });
    const worker = await start([], { tasks: [upload] });
    await queueUploads(db, 1);
    await started.promise;
    await proxy.refuse();
    const asked = performance.now();
    await worker.stop(1_000);
    expect(performance.now() - asked).toBeLessThan(9_500);
    await proxy.restore();
    const done: string[] = [];
    await start(done);
    await eventually(isEmpty);
    expect(done).toEqual(["1"]);
  });
});

it("begins a job anew whose last attempt met a connection that broke", async () => {
  let runs = 0;
  const upload = defineTask("upload_recording", async () => {
    runs++;
    if (runs === 1) throw Object.assign(new Error("write CONNECTION_CLOSED"), { code: "CONNECTION_CLOSED" });
    return { done: "Uploaded" };
  });
  await queueUploads(db, 1);
  await db.sql`update graphile_worker._private_jobs set attempts = max_attempts - 1`;
  workers.push(await startTestWorker(db, { tasks: [upload] }));
  await eventually(isEmpty, 20_000);
  expect(runs).toBe(2);
});

describe("a job that is to be queued again while PostgreSQL is away", () => {
  /** Statements that add a job fail as they do on a connection that is ended: so many of them. */
  const refuseJobs = async (times: number) => {
    await db.sql.unsafe(`
      create sequence adding;
      create function refuse_jobs() returns trigger language plpgsql as $$ begin
        if nextval('adding') <= ${times} then raise exception 'terminating connection' using errcode = '57P01'; end if;
        return new;
      end $$;
      create trigger refuse_jobs before insert on graphile_worker._private_jobs for each row execute function refuse_jobs()`);
  };
  const refused = async () => (await db.sql`select last_value::int as times from adding`)[0]?.times;
  const inLastAttempt = async () => {
    await queueUploads(db, 1);
    await db.sql`update graphile_worker._private_jobs set attempts = max_attempts - 1`;
  };
  afterEach(() => db.sql.unsafe("drop function if exists refuse_jobs cascade; drop sequence if exists adding"));

  it("begins anew after its last attempt, whenever that succeeds", async () => {
    let runs = 0;
    const upload = defineTask("upload_recording", async () => {
      if (++runs > 1) return { done: "Uploaded" };
      throw Object.assign(new Error("terminating connection"), { code: "40001", originalCode: "57P01" });
    });
    await inLastAttempt();
    await refuseJobs(2);
    workers.push(await startTestWorker(db, { tasks: [upload] }));
    await eventually(isEmpty, 20_000);
    expect(runs).toBe(2);
  });

  it("waits for its time with all its attempts before it", async () => {
    const later = new Date(Date.now() + 3_600_000);
    const upload = defineTask("upload_recording", async () => ({ later, why: "Wait" }));
    await inLastAttempt();
    await refuseJobs(2);
    workers.push(await startTestWorker(db, { tasks: [upload] }));
    const left = await eventually(async () => {
      const rows = await jobRows(db);
      return rows.length === 1 && rows[0]!.run_at.getTime() > Date.now() && rows;
    });
    expect(left).toMatchObject([{ attempts: 0, max_attempts: 6, run_at: later, key: "upload_recording:1" }]);
  });

  it("keeps its last attempt where the worker stops meanwhile", async () => {
    const upload = defineTask("upload_recording", async () => ({ later: 1, why: "Wait" }));
    await inLastAttempt();
    await refuseJobs(1_000_000);
    const worker = await startTestWorker(db, { tasks: [upload] });
    workers.push(worker);
    await eventually(async () => (await refused()) > 1);
    await worker.stop(0);
    expect(await jobRows(db)).toMatchObject([
      { attempts: 5, max_attempts: 6, locked_by: null, key: "upload_recording:1" },
    ]);
  });
});
