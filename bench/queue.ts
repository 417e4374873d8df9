import { addDays } from "../src/day.ts";
import { queueDays } from "../src/store/queue.ts";
import { median, printTable, round, timed } from "./measure.ts";
import { DAY, emptyTables, openBenchWorld, startDriveProcess, startWorkerProcess, untilCount } from "./world.ts";

const JOBS = Number(process.argv[2] ?? 10_000);
const CALLS = Number(process.argv[3] ?? 50_000);
const ROUNDS = 3;
const AT_ONCE = 8;

/** (e) How far one PostgreSQL carries: jobs that do nothing, over one worker process or several, and the calls of two days at once. */
const days = [addDays(DAY, 1), DAY];
const world = await openBenchWorld(days.map((day) => ({ day, count: CALLS })));
const drive = await startDriveProcess({});
const { sql } = world;
const environment = {
  ...world.environment,
  ...drive.environment,
  UPLOAD_CONCURRENCY: `${AT_ONCE}`,
  PBX_CONCURRENCY: "2",
};

async function jobsPerSecond(processes: number): Promise<number> {
  const workers = [];
  for (let nth = 0; nth < processes; nth++) workers.push(await startWorkerProcess(sql, "no-op", environment));
  const rates: number[] = [];
  for (let nth = 0; nth < ROUNDS; nth++) {
    await emptyTables(sql);
    await sql`select callcenter.queue_uploads(array(select 'job-' || n from generate_series(1, ${JOBS}::int) n))`;
    const left = async () => -((await sql`select count(*)::int as jobs from graphile_worker.jobs`)[0]?.jobs ?? 0);
    rates.push(JOBS / (await timed(() => untilCount(left, 0, 120_000, 20))));
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  return median(rates);
}

async function callsPerSecond(): Promise<number> {
  const worker = await startWorkerProcess(sql, "daily_sync", environment);
  const rates: number[] = [];
  for (let nth = 0; nth < ROUNDS; nth++) {
    await emptyTables(sql);
    await queueDays(sql, days, { syncType: "manual", priority: 0 });
    const ended = async () => (await sql`select from "CallCenterSyncLog" where "status" = 'completed'`).length;
    await untilCount(ended, days.length, 600_000);
    const [span] = await sql<{ seconds: number }[]>`
      select extract(epoch from max("endTime") - min("startTime"))::float8 as seconds from "CallCenterSyncLog"`;
    rates.push((days.length * CALLS) / (span?.seconds ?? Number.NaN));
  }
  await worker.stop();
  return median(rates);
}

const rows: (string | number)[][] = [];
for (const processes of [1, 2, 4]) {
  const what = processes === 1 ? "1 worker process" : `${processes} worker processes`;
  rows.push([`no-op jobs/s, ${what}, ${AT_ONCE} jobs at once each`, round(await jobsPerSecond(processes))]);
}
rows.push([`calls/s, 2 days of ${round(CALLS)} calls at once, 1 worker process`, round(await callsPerSecond())]);
printTable(`(e) What one PostgreSQL carries; medians of ${ROUNDS} rounds`, ["", "a second"], rows);
await drive.close();
await world.close();
process.exit(0);
