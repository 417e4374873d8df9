import { afterAll, beforeAll, expect, test } from "vitest";
import { retryUploads } from "../../src/store/recordings.ts";
import { findUploads } from "../../src/store/work_progress.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test("recordings without a job come before those whose job is only put off, and what would run now is left alone", async () => {
  const { sql } = database;
  await sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath", "uploadTriedAt", "uploadErrorCode") values
      ('put off', now(), 'a.wav', null, 'recording_not_ready'), ('ready', now(), 'b.wav', null, null),
      ('free', now(), 'c.wav', now() - interval '2 days', 'recording_gone')`;
  await sql`
    select graphile_worker.add_job('upload_recording', json_build_object('uuid', uuid), job_key := 'upload_recording:' || uuid, run_at := at)
      from (values ('put off', now() + interval '20 minutes'), ('ready', now())) as job (uuid, at)`;
  expect(await retryUploads(sql, { limit: 1, force: false })).toEqual(["free"]);
  expect(await retryUploads(sql, { limit: 5, force: false })).toEqual(["put off"]);
  const late = await sql`select 1 from graphile_worker.jobs where run_at > now()`;
  expect(late).toEqual([]);
});

test("what the PBX does not have yet is waited for by nobody, but for an outage", async () => {
  const { sql } = database;
  await sql`select graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs), run_at := now() + interval '90 minutes')`;
  expect(await findUploads(sql, ["put off", "free"])).toEqual({ total: 2, done: 0, failed: 1 });
  await sql`update callcenter.circuits set state = 'open', code = 'drive_unreachable', since = now(), next_probe_at = now() where neighbour = 'drive'`;
  expect(await findUploads(sql, ["put off", "free"])).toEqual({ total: 2, done: 0, failed: 0 });
});
