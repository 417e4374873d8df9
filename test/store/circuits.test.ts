import { afterAll, beforeAll, expect, test } from "vitest";
import { SyncError } from "../../src/errors.ts";
import {
  type Claim,
  claimProbes,
  giveProbesBack,
  probeSoon,
  reportFailure,
  reportSuccess,
  waitForCircuits,
} from "../../src/store/circuits.ts";
import type { Sql } from "../../src/store/open.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { eventually } from "../eventually.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const plain = (text: string) => text;

test.each([
  ["pbx_rate_limited", 71_094],
  ["drive_daily_limit", 71_094.365],
] as const)("%s: a neighbour that names a time with a fraction is asked again after it", async (code, askedSeconds) => {
  const { sql } = database;
  const error = new SyncError(code, "Wait", { retryAfterMs: askedSeconds * 1_000 });
  const neighbour = error.meaning.circuit ?? "drive";

  const until = await reportFailure(sql, error, plain);

  const aheadSeconds = ((until?.getTime() ?? 0) - Date.now()) / 1_000;
  expect(aheadSeconds).toBeGreaterThan(askedSeconds - 60);
  expect(aheadSeconds).toBeLessThan(askedSeconds + 60);
  expect(await waitForCircuits(sql, [neighbour])).toEqual(until);
  await reportSuccess(sql, [neighbour]);
  expect(await waitForCircuits(sql, [neighbour])).toBeNull();
});

test("a probe that was not made is given back, but for a claim that is another's by now", async () => {
  const { sql } = database;
  await sql`
    update callcenter.circuits set state = 'open', code = 'drive_timeout', next_probe_at = now() where neighbour = 'drive'`;
  const { claims } = await claimProbes(sql, ["pbx_recordings", "drive"]);
  expect(claims).toMatchObject([{ neighbour: "drive" }]);
  expect(await waitForCircuits(sql, ["drive"])).not.toBeNull();
  await giveProbesBack(sql, claims);
  const next = await claimProbes(sql, ["drive"]);
  expect(next.until).toBeNull();
  await giveProbesBack(sql, claims);
  expect(await waitForCircuits(sql, ["drive"])).not.toBeNull();
  await reportFailure(sql, new SyncError("drive_unreachable", "No"), plain);
  await giveProbesBack(sql, next.claims);
  expect(await waitForCircuits(sql, ["drive"])).not.toBeNull();
  await reportSuccess(sql, ["drive"]);
});

test("an answer to what began before a neighbour asked to wait ends no wait", async () => {
  const { sql } = database;
  const until = await reportFailure(
    sql,
    new SyncError("recordings_rate_limited", "Wait", { retryAfterMs: 60_000 }),
    plain,
  );
  await reportSuccess(sql, ["pbx_recordings"], 2_000);
  expect(await waitForCircuits(sql, ["pbx_recordings"])).toEqual(until);
  await reportSuccess(sql, ["pbx_recordings"]);
  expect(await waitForCircuits(sql, ["pbx_recordings"])).toBeNull();
});

test("who probes out of turn waits for a neighbour that asked to wait, until its time is over, and for no other", async () => {
  const { sql } = database;
  const probe = () => waitForCircuits(sql, ["pbx_api"], { probe: true });
  const until = await reportFailure(sql, new SyncError("pbx_rate_limited", "Wait", { retryAfterMs: 300_000 }), plain);
  expect(await probe()).toEqual(until);
  await sql`update callcenter.circuits set next_probe_at = now() where neighbour = 'pbx_api'`;
  expect(await probe()).toBeNull();
  await reportSuccess(sql, ["pbx_api"]);
  await reportFailure(sql, new SyncError("pbx_unreachable", "Gone"), plain);
  expect(await probe()).toBeNull();
  await reportSuccess(sql, ["pbx_api"]);
});

test("the longest wait that a neighbour asked for counts, also for a worker that starts", async () => {
  const { sql } = database;
  const wait = (seconds: number) => new SyncError("drive_rate_limited", "Wait", { retryAfterMs: seconds * 1_000 });
  const until = await reportFailure(sql, wait(3_600), plain);
  expect(await reportFailure(sql, wait(5), plain)).toEqual(until);
  await probeSoon(sql);
  expect(await waitForCircuits(sql, ["drive"])).toEqual(until);
  await reportSuccess(sql, ["drive"]);
});

test("a neighbour that asked to wait and then is gone is gone: who slows us down may yet be down", async () => {
  const { sql } = database;
  const codes: string[] = [];
  for (const code of ["pbx_rate_limited", "pbx_rate_limited", "pbx_unreachable", "pbx_rate_limited"] as const) {
    await reportFailure(sql, new SyncError(code, "No"), plain);
    const [circuit] = await sql`select code from callcenter.circuits where neighbour = 'pbx_api'`;
    codes.push(circuit?.code);
  }
  expect(codes).toEqual(["pbx_rate_limited", "pbx_rate_limited", "pbx_unreachable", "pbx_unreachable"]);
  await reportSuccess(sql, ["pbx_api"]);
});

test("when the PBX is back, the days that wait for it are due; what a person put off to a time stays there", async () => {
  const { sql } = database;
  const later = new Date(Date.now() + 20 * 3_600_000);
  await sql`select graphile_worker.add_job('daily_sync', '{}', run_at := ${later})`;
  await sql`select graphile_worker.add_job('daily_sync', '{"syncType":"daily"}', run_at := ${later}, job_key := 'daily_sync')`;
  await sql`select from callcenter.queue_days(array[date '2024-01-15'], 'manual')`;
  await sql`select graphile_worker.add_job('daily_sync', '{}', job_key := 'daily_sync:retry:log-1')`;
  await sql`update graphile_worker._private_jobs set run_at = ${later} where key like 'daily\\_sync:%'`;
  await reportFailure(sql, new SyncError("pbx_unreachable", "No"), plain);
  await reportSuccess(sql, ["pbx_api"]);
  const due = await sql`select key from graphile_worker.jobs where run_at <= now() order by key`;
  expect(due.map(({ key }) => key)).toEqual(["daily_sync:manual:2024-01-15", "daily_sync:retry:log-1"]);
  const put = await sql`select run_at from graphile_worker.jobs where run_at > now()`;
  expect(put.map(({ run_at }) => run_at)).toEqual([later, later]);
});

const BOTH = ["pbx_recordings", "drive"] as const;

test.each<[string, (sql: Sql, claims: Claim[]) => Promise<unknown>]>([
  ["tells that both answered", (sql) => reportSuccess(sql, BOTH)],
  ["asks whether both may be asked", (sql) => claimProbes(sql, BOTH)],
  ["gives the probes of both back", (sql, claims) => giveProbesBack(sql, claims)],
  ["starts", (sql) => probeSoon(sql)],
])("who %s locks the circuits in one order, and never waits in a circle", async (what, work) => {
  const { sql } = database;
  await sql`
    update callcenter.circuits set state = 'open', code = 'drive_timeout', since = now(), next_probe_at = now() where neighbour <> 'pbx_api'`;
  const { claims } = what.startsWith("gives") ? await claimProbes(sql, BOTH) : { claims: [] };
  const isWaiting = async () =>
    (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length >
    0;
  let working: Promise<unknown> = Promise.resolve();
  await sql.begin(async (other) => {
    await other`select from callcenter.circuits where neighbour = 'drive' for update`;
    working = work(sql, claims);
    await eventually(isWaiting, "it waits for the one who has Drive's");
    const free = await sql`select from callcenter.circuits where neighbour = 'pbx_recordings' for update skip locked`;
    expect(free).toHaveLength(1);
  });
  await working;
  await reportSuccess(sql, BOTH);
});
