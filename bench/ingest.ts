import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql } from "../src/store/open.ts";
import { queueDays } from "../src/store/queue.ts";
import { median, printTable, round, timed } from "./measure.ts";
import { DAY, emptyTables, openBenchWorld, startDriveProcess, startWorkerProcess, untilCount } from "./world.ts";

const CALLS = Number(process.argv[2] ?? 200_000);
const ROUNDS = Number(process.argv[3] ?? 3);
const PAGE_SIZES = [200, 1_000];
const ONE_BY_ONE = 3_000;
const COLUMNS = `"uuid", "callerId", "callerName", "destination", "direction", "duration", "billSec", "startTime", "answerTime", "endTime",
  "disposition", "recordingPath", "rawData"`;

/** (a) A large day through HTTP, parsing, rows and upload jobs; against raw COPY of the same rows and against one row at a time. */
const world = await openBenchWorld([{ day: DAY, count: CALLS }]);
const drive = await startDriveProcess({});
const { sql } = world;

interface Ingest {
  rate: number;
  peakMiB: number | null;
}

/** The day's job, done by the real task in a worker's process. */
async function ingest(pageSize: number): Promise<Ingest> {
  await emptyTables(sql);
  const environment = { ...world.environment, ...drive.environment, CALLCENTER_BATCH_SIZE: `${pageSize}` };
  const worker = await startWorkerProcess(sql, "daily_sync", environment);
  await queueDays(sql, [DAY], { syncType: "manual", priority: 0 });
  const days = async () => (await sql`select from "CallCenterSyncLog" where "status" = 'completed'`).length;
  await untilCount(days, 1, 600_000);
  const [log] = await sql<{ seconds: number; calls: number }[]>`
    select extract(epoch from "endTime" - "startTime")::float8 as seconds, "successCount" as calls from "CallCenterSyncLog"`;
  const peakMiB = worker.peakMiB();
  await worker.stop();
  if (log?.calls !== CALLS) throw new Error(`${log?.calls} calls of ${CALLS} were stored`);
  return { rate: CALLS / log.seconds, peakMiB };
}

/** The rows as COPY writes them, out of the server before the clock starts: only reading them back in is timed. */
async function copy(sql: Sql): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of await sql.unsafe(`copy (select ${COLUMNS} from "CallCenterRecord") to stdout`).readable())
    chunks.push(chunk);
  await emptyTables(sql);
  const seconds = await timed(async () =>
    pipeline(Readable.from(chunks), await sql.unsafe(`copy "CallCenterRecord" (${COLUMNS}) from stdin`).writable()),
  );
  return CALLS / seconds;
}

async function oneByOne(sql: Sql): Promise<number> {
  const rows = await sql`select ${sql.unsafe(COLUMNS)} from "CallCenterRecord" limit ${ONE_BY_ONE}`;
  await emptyTables(sql);
  const seconds = await timed(async () => {
    for (const row of rows) {
      await sql`insert into "CallCenterRecord" ${sql({ ...row, rawData: sql.json(row.rawData) } as never)}`;
    }
  });
  return ONE_BY_ONE / seconds;
}

const rounds: { ingests: Ingest[]; jobs: number; copied: number }[] = [];
for (let nth = 0; nth < ROUNDS; nth++) {
  const ingests: Ingest[] = [];
  for (const pageSize of PAGE_SIZES) ingests.push(await ingest(pageSize));
  const [queue] = await sql<{ jobs: number }[]>`select count(*)::int as jobs from graphile_worker.jobs`;
  rounds.push({ ingests, jobs: queue?.jobs ?? 0, copied: await copy(sql) });
}
const single = await oneByOne(sql);

const copied = median(rounds.map((one) => one.copied));
const rows = PAGE_SIZES.map((pageSize, nth) => [
  `HTTP, parsing, rows and jobs; ${round(pageSize)} a page`,
  round(median(rounds.map(({ ingests }) => ingests[nth]?.rate ?? 0))),
  round(median(rounds.map((one) => (one.ingests[nth]?.rate ?? 0) / one.copied)), 2),
  Math.max(...rounds.map(({ ingests }) => ingests[nth]?.peakMiB ?? 0)) || "–",
]);
printTable(
  `(a) A day of ${round(CALLS)} calls, ${round(rounds[0]?.jobs ?? 0)} upload jobs; medians of ${ROUNDS} rounds`,
  ["", "rows/s", "of raw COPY", "peak memory, MiB"],
  [
    ...rows,
    ["raw COPY of the same rows into the same indexes", round(copied), 1, ""],
    ["one row at a time", round(single), round(single / copied, 2), ""],
  ],
);
await drive.close();
await world.close();
process.exit(0);
