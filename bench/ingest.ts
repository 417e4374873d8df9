import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { silentLog } from "../src/log.ts";
import { createPbx } from "../src/pbx/pbx.ts";
import { saveCalls } from "../src/store/calls.ts";
import { proveDay } from "../src/store/ledger.ts";
import type { Sql } from "../src/store/open.ts";
import { startPbxProcess } from "../test/fakes/pbx_process.ts";
import { openBenchDatabase, peakMiB, printTable, round, timed } from "./measure.ts";

const DAY = "2025-09-11";
const ZONE = "Asia/Ho_Chi_Minh";
const CALLS = Number(process.argv[2] ?? 200_000);
const ONE_BY_ONE = 3_000;
const COLUMNS = `"uuid", "callerId", "callerName", "destination", "direction", "duration", "billSec", "startTime", "answerTime", "endTime",
  "disposition", "recordingPath", "rawData"`;

/** (a) A large day through HTTP, parsing, rows and upload jobs; against raw COPY of the same rows and against one row at a time. */
const database = await openBenchDatabase();
const { sql } = database;
const fake = await startPbxProcess({ zone: ZONE, cachePages: true }, [{ day: DAY, zone: ZONE, count: CALLS }]);

async function ingest(pageSize: number): Promise<number> {
  await sql`truncate "CallCenterRecord"`;
  await sql`select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))`;
  const pbx = createPbx(
    {
      apiUrl: new URL(fake.apiUrl),
      recordingBaseUrl: new URL(fake.recordingBaseUrl),
      domain: "tazaspa102019",
      auth: { kind: "bearer", key: "test-key" },
      dialect: "seed",
      pageSize,
      zone: ZONE,
      tlsInsecure: false,
    },
    silentLog,
  );
  return timed(async () => {
    const reading = await pbx.readDay(DAY, {
      onPage: async ({ calls }) => void (await saveCalls(sql, calls, { uploads: true })),
    });
    await proveDay(sql, DAY, reading.ids, []);
    if (!reading.complete || reading.ids.length !== CALLS)
      throw new Error(`read ${reading.ids.length} calls of ${CALLS}`);
  });
}

/** The rows as COPY writes them, in a file of the server's own making: only reading them back is timed. */
async function copy(sql: Sql): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of await sql.unsafe(`copy (select ${COLUMNS} from "CallCenterRecord") to stdout`).readable())
    chunks.push(chunk);
  await sql`truncate "CallCenterRecord"`;
  return timed(async () =>
    pipeline(Readable.from(chunks), await sql.unsafe(`copy "CallCenterRecord" (${COLUMNS}) from stdin`).writable()),
  );
}

async function oneByOne(sql: Sql): Promise<number> {
  await sql`create table rows as select ${sql.unsafe(COLUMNS)} from "CallCenterRecord" limit ${ONE_BY_ONE}`;
  const rows = await sql`select * from rows`;
  await sql`truncate "CallCenterRecord"`;
  return timed(async () => {
    for (const row of rows) {
      await sql`insert into "CallCenterRecord" ${sql({ ...row, rawData: sql.json(row["rawData"]) } as never)}`;
    }
  });
}

const small = await ingest(200);
const large = await ingest(1_000);
const memory = peakMiB();
const [jobs] = await sql`select count(*)::int as jobs from graphile_worker.jobs`;
const copied = await copy(sql);
const single = await oneByOne(sql);

const copyRate = CALLS / copied;
const line = (what: string, rate: number, note: string) => [what, round(rate), round(rate / copyRate, 2), note];
printTable(
  `(a) A day of ${round(CALLS)} calls, ${round(jobs?.["jobs"])} upload jobs`,
  ["", "rows/s", "of raw COPY", ""],
  [
    line("HTTP, parsing, rows and jobs; 200 a page", CALLS / small, ""),
    line("HTTP, parsing, rows and jobs; 1,000 a page", CALLS / large, `peak memory ${memory} MiB`),
    line("raw COPY of the same rows, same indexes", copyRate, "no HTTP, no parsing, no jobs"),
    line("one row at a time", ONE_BY_ONE / single, "no HTTP, no parsing, no jobs"),
  ],
);
await fake.close();
await database.close();
process.exit(0);
