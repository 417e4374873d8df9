import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { reportSuccess } from "../../src/store/circuits.ts";
import { eventually } from "../eventually.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

const DAY = addDays(TODAY, -3);
const WAITS = "The upload waits for the PBX or Drive";

const waiting = () => world.sql<{ uuid: string; minutes: number }[]>`
  select payload ->> 'uuid' as uuid, extract(epoch from run_at - now())::float8 / 60 as minutes
    from graphile_worker._private_jobs order by run_at`;
const left = async () =>
  (
    await world.sql`
    select "uuid" from "CallCenterRecord" where "recordingPath" is not null and "googleDriveUrl" is null`
  ).length;
const probeIn = (seconds: number) =>
  world.sql`update callcenter.circuits set next_probe_at = now() + ${seconds} * interval '1 second' where state = 'open'`;

/** Recordings that wait for the PBX, every one of them until hours later; no probe is due for a while. */
async function outage(recordings: number) {
  const calls = callsOf(DAY, 3 * recordings).filter(({ recording }) => recording);
  world = await openWorld({ pbx: { calls: calls.slice(0, recordings) } });
  const fault = world.pbx.faults.inject({ name: "status", status: 503, kind: "recording" });
  await world.queue("daily_sync", { dateFrom: DAY });
  for (let probe = 1; probe <= 4; probe++) {
    await world.settle();
    await probeIn(probe < 4 ? 0 : 600);
    await world.hasten();
  }
  await world.settle();
  expect((await waiting()).length).toBe(recordings);
  return fault;
}

test("while the PBX is away its probes move a handful of recordings; the others rest, and say so to nobody", async () => {
  await outage(40);
  expect((await waiting()).filter(({ minutes }) => minutes > 59)).toHaveLength(40);
  world.logs.length = 0;
  const probes = 4;
  for (let probe = 1; probe <= probes; probe++) {
    const before = world.pbx.counts.recording.total;
    await probeIn(0);
    await eventually(() => world.pbx.counts.recording.total > before, "a probe");
    await world.settle();
    await probeIn(600);
  }
  const lines = world.logs.filter(({ message }) => message === WAITS);
  expect(lines.length).toBeGreaterThanOrEqual(probes);
  expect(lines.length).toBeLessThanOrEqual(5 * probes);
  expect(lines.filter(({ level }) => level === "INFO").length).toBeLessThanOrEqual(probes);
});

test("a recovery is noticed at the next probe, and then everything that rests goes on at once", async () => {
  const fault = await outage(12);
  fault.clear();
  await probeIn(1);
  await eventually(async () => (await left()) === 0, "everything is in Drive");
});

test.each<[string, () => Promise<unknown>]>([
  [
    "that is the only one that waits",
    async () => {
      await world.sql`delete from graphile_worker._private_jobs where id <> (select min(id) from graphile_worker._private_jobs)`;
      await world.sql`update "CallCenterRecord" set "recordingPath" = null where not callcenter.is_queued('upload_recording:' || "uuid")`;
    },
  ],
  [
    "after the one that was to probe is deleted",
    async () => {
      const [first] = await waiting();
      await world.sql`delete from graphile_worker._private_jobs where payload ->> 'uuid' = ${first!.uuid}`;
      await world.sql`update "CallCenterRecord" set "recordingPath" = null where "uuid" = ${first!.uuid}`;
    },
  ],
  [
    "after the process of the one that probed was killed",
    () => world.sql`update callcenter.circuits set probing = true where state = 'open'`,
  ],
  [
    "beside one that is its own prober and fails for good",
    async () => {
      const [first] = await waiting();
      await world.sql`update "CallCenterRecord" set "recordingPath" = 'http://127.0.0.1:9/a.wav' where "uuid" = ${first!.uuid}`;
      await world.sql`select graphile_worker.reschedule_jobs(array(
      select id from graphile_worker._private_jobs where payload ->> 'uuid' = ${first!.uuid}), run_at := now())`;
      await probeIn(0);
      await eventually(async () => (await waiting()).length === 3, "it is given up");
      await world.sql`update "CallCenterRecord" set "recordingPath" = null where "uuid" = ${first!.uuid}`;
    },
  ],
])("a recording %s probes when a probe is due", async (_what, happens) => {
  const fault = await outage(4);
  fault.clear();
  await happens();
  expect(await left()).toBeGreaterThan(0);
  await probeIn(0);
  await eventually(async () => (await left()) === 0, "everything is in Drive");
  await eventually(async () => (await waiting()).length === 0, "nothing waits any more");
});

test("a recording that is not there yet gives the probe of Drive back, and is called neither for it nor by the end of an outage", async () => {
  world = await openWorld();
  const { sql } = world;
  await sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "endTime", "recordingPath") values ('late', now(), now(), 'late.wav')`;
  await sql`
    update callcenter.circuits set state = 'open', code = 'drive_timeout', next_probe_at = now() where neighbour = 'drive'`;
  await sql`select callcenter.queue_uploads(array['late'])`;
  const waits = () => sql`
    select id from graphile_worker.jobs where attempts = 0 and locked_at is null and run_at > now() + interval '5 s'`;
  await eventually(async () => (await waits()).length === 1, "it waits");
  const drive = await sql`
    select state, probing, next_probe_at <= now() as "isDue" from callcenter.circuits where neighbour = 'drive'`;
  expect(drive).toEqual([{ state: "open", probing: false, isDue: true }]);
  const [called] = await sql`select callcenter.call_probers()::int as jobs`;
  await reportSuccess(sql, ["drive"]);
  expect(called?.jobs).toBe(0);
  expect(await waits()).toHaveLength(1);
  expect(world.pbx.counts.recording.total).toBe(1);
});

test("a recording that is not there yet and went to rest in an outage is woken at its end", async () => {
  await outage(1);
  await world.sql`update "CallCenterRecord" set "uploadErrorCode" = 'recording_not_ready'`;
  await world.stop();
  await reportSuccess(world.sql, ["pbx_recordings"]);
  expect(await world.sql`select from graphile_worker.jobs where run_at <= now()`).toHaveLength(1);
});

test("a recording that goes to rest just when the PBX is back does not sleep through it", async () => {
  await outage(1);
  const [{ until } = {}] =
    await world.sql`select callcenter.waiting_time(array['pbx_recordings'], now() + interval '1 hour') as until`;
  expect(until.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
  const blocked = () => world.sql`
    select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  const queued = () => world.sql`select key from graphile_worker.jobs where key = 'new' and run_at <= now()`;

  // It is queued while the circuit closes: it waits for that, and is due.
  let goingToRest: Promise<unknown> = Promise.resolve();
  await world.sql.begin(async (tx) => {
    await reportSuccess(tx as never, ["pbx_recordings"]);
    goingToRest = world.sql`
      select graphile_worker.add_job('elsewhere', job_key := 'new', run_at := callcenter.waiting_time(array['pbx_recordings'], now() + interval '1 hour'))`.execute();
    await eventually(async () => (await blocked()).length > 0, "who goes to rest waits");
  });
  await goingToRest;
  expect(await queued()).toHaveLength(1);
});

test("who ends an outage wakes also what was going to rest at that moment", async () => {
  await outage(1);
  const blocked = () => world.sql`
    select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await world.sql`delete from graphile_worker._private_jobs`;
  await world.stop();
  let closing: Promise<unknown> = Promise.resolve();
  await world.sql.begin(async (tx) => {
    await tx`
      select graphile_worker.add_job('upload_recording', job_key := 'new', run_at := callcenter.waiting_time(array['pbx_recordings'], now() + interval '1 hour'))`;
    closing = reportSuccess(world.sql, ["pbx_recordings", "drive"]);
    await eventually(async () => (await blocked()).length > 0, "who ends the outage waits");
  });
  await closing;
  expect(await world.sql`select key from graphile_worker.jobs where key = 'new' and run_at <= now()`).toHaveLength(1);
});
