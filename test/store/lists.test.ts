import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallFilter, listCalls, type Place } from "../../src/store/call_list.ts";
import { findVerdictFacts } from "../../src/store/dashboard_verdict.ts";
import { readAggregates } from "../../src/store/metrics.ts";
import { listSyncs, type SyncFilter } from "../../src/store/sync_list.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

const CALLS = 30_000;
const LIMIT = 51;

let database: TestDatabase;
let sql: postgres.Sql;
let statements: { text: string; parameters: unknown[] }[] = [];
let middle: Place;

beforeAll(async () => {
  database = await createDatabase();
  sql = postgres(database.url, { max: 1, debug: (_, text, parameters) => statements.push({ text, parameters }) });
  await fill();
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** Two hundred days of calls: most at one hotline, few of some kinds. */
async function fill(): Promise<void> {
  await sql.unsafe(`
    insert into "CallCenterRecord" ("uuid", "callerId", "destination", "startTime", "disposition", "recordingPath", "googleDriveUrl", "uploadRetryCount", "driveVerifiedAt")
    select 'u' || n, '09' || lpad((n * 17 % 5000)::text, 8, '0'), case when n % 10 = 0 then (1000 + n % 50)::text else '19001234' end,
           now() - n * interval '10 minutes', case when n % 500 = 1 then 'BUSY' when n % 3 = 0 then 'NO ANSWER' else 'ANSWERED' end,
           case when n % 3 > 0 then n || '.wav' end, case when n % 3 > 0 and n % 100 <> 1 then 'https://drive.test/' || n end,
           case when n % 300 = 1 then 3 else 0 end, case when n % 3 > 0 and n % 100 <> 1 then now() end
      from generate_series(1, ${CALLS}) n;
    insert into "CallCenterSyncLog" ("syncType", "status", "createdAt", "dateFrom", "dateTo")
    select case when n % 4 = 0 then 'daily' else 'missing_check' end, case when n % 200 = 0 then 'failed' else 'completed' end,
           now() - n * interval '6 hours', date_trunc('day', now() - n * interval '6 hours'), date_trunc('day', now() - n * interval '6 hours')
      from generate_series(1, 5000) n;
    insert into callcenter.acceptances (kind, uuid, day, who, why)
    select 'recording', "uuid", callcenter.local_day("startTime"), 'a', 'b' from "CallCenterRecord" where "uploadRetryCount" = 3 and "recordingPath" is not null limit 20;
    insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at) select current_date - n, 0, '{}', now() from generate_series(1, 200) n;
  `);
  await sql.unsafe("analyze");
  const [row] = await sql<
    Place[]
  >`select "startTime" as at, "id" from "CallCenterRecord" where "uuid" = ${`u${CALLS / 2}`}`;
  middle = row!;
}

interface Node {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Runs what `list` runs once more, and tells how its statements came by their rows. */
async function plansOf(list: () => Promise<unknown>): Promise<Node[]> {
  statements = [];
  await list();
  const run = [...statements];
  expect(run.length).toBeGreaterThan(0);
  const nodes: Node[] = [];
  for (const { text, parameters } of run) {
    const [row] = await sql.unsafe(`explain (analyze, format json) ${text}`, parameters as never[]);
    nodes.push(...nodesOf(row!["QUERY PLAN"][0].Plan));
  }
  return nodes;
}

const rowsTouched = (nodes: Node[], table: string) =>
  nodes
    .filter((node) => node["Relation Name"] === table)
    .reduce(
      (sum, node) => sum + (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
      0,
    );

describe("a page of calls", () => {
  const filters: [string, CallFilter][] = [
    ["without a filter", {}],
    ["of a day", { day: new Date(Date.now() - 90 * 86_400_000).toISOString().slice(0, 10) as never }],
    ["of a rare phone number", { phone: "+84900000017" }],
    ["of a number that nearly every call has", { phone: "19001234" }],
    ["of a number that nobody has", { phone: "0999999999" }],
    ["of a rare disposition", { disposition: "BUSY" }],
    ["of a common disposition", { disposition: "ANSWERED" }],
    ["without recordings", { upload: "none" }],
    ["waiting", { upload: "pending" }],
    ["given up", { upload: "failed" }],
    ["in Drive", { upload: "uploaded" }],
    ["accepted", { upload: "accepted" }],
    ["given up, of a number that nearly every call has", { phone: "19001234", upload: "failed" }],
    ["of a rare disposition, of that number", { phone: "19001234", disposition: "BUSY" }],
    ["in Drive, of a disposition that has no recordings", { disposition: "NO ANSWER", upload: "uploaded" }],
  ];

  test.each(filters)("%s comes from an index that ends with the page", async (_, filter) => {
    for (const after of [undefined, middle]) {
      const nodes = await plansOf(() => listCalls(sql, filter, { limit: LIMIT, after }));
      const scans = nodes.filter(
        (node) => node["Node Type"] === "Seq Scan" && node["Relation Name"] === "CallCenterRecord",
      );
      expect(scans).toEqual([]);
      expect(rowsTouched(nodes, "CallCenterRecord")).toBeLessThan(LIMIT * 10);
    }
  });
});

describe("a page of sync logs", () => {
  const filters: [string, SyncFilter][] = [
    ["without a filter", {}],
    ["that failed", { status: "failed" }],
    ["of a kind", { syncType: "daily" }],
    ["of a day", { day: new Date(Date.now() - 90 * 86_400_000).toISOString().slice(0, 10) as never }],
  ];

  test.each(filters)("%s comes from an index", async (_, filter) => {
    const nodes = await plansOf(() => listSyncs(sql, filter, { limit: LIMIT }));
    const scans = nodes.filter(
      (node) => node["Node Type"] === "Seq Scan" && node["Relation Name"] === "CallCenterSyncLog",
    );
    expect(scans).toEqual([]);
  });
});

test("the incomplete days are those of callcenter.days, and take no look at the calls that are proved", async () => {
  const days =
    await sql`select day::text from callcenter.days where not complete and day < callcenter.local_day(now()) order by day`;
  const found = await sql`select day::text from callcenter.incomplete_days order by day`;
  expect(days.length).toBeGreaterThan(10);
  expect([...found]).toEqual([...days]);
  const nodes = await plansOf(() => sql`select day from callcenter.incomplete_days`);
  expect(rowsTouched(nodes, "CallCenterRecord")).toBeLessThan(2_000);
});

test("what /metrics and the first line of the dashboard ask takes no look at the calls that are proved", async () => {
  for (const ask of [readAggregates, findVerdictFacts]) {
    const nodes = await plansOf(() => ask(sql));
    expect(rowsTouched(nodes, "CallCenterRecord")).toBeLessThan(3_000);
  }
});
