import { afterAll, beforeAll, expect, test } from "vitest";
import { keepToQueues } from "../../src/store/queue.ts";
import { shareSettings } from "../../src/store/settings.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test("a lower limit moves the days that wait, and changes nothing else of them; those that run stay", async () => {
  const { sql } = database;
  await shareSettings(sql, { pbx_concurrency: 4 });
  await sql`select from callcenter.queue_days(array(select date '2024-01-01' + n from generate_series(0, 7) as n), 'manual')`;
  await sql`select graphile_worker.add_job('daily_sync', '{}', queue_name := 'of_a_person')`;
  await sql`select graphile_worker.add_job('daily_sync', '{}')`;
  await sql`update graphile_worker._private_jobs set attempts = 2, last_error = 'No' where key like '%01-03'`;
  await sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'pool' where key like '%01-04'`;
  const jobs = () => sql`
    select j.queue_name, p.key, p.payload, p.run_at, p.attempts, p.max_attempts, p.priority, p.last_error, p.locked_by
      from graphile_worker._private_jobs p join graphile_worker.jobs j using (id) order by id`;
  const before = await jobs();
  await shareSettings(sql, { pbx_concurrency: 1 });
  const kept = [null, "of_a_person"];
  expect(await keepToQueues(sql)).toBe(before.filter(({ queue_name }) => /^pbx_[1-3]$/.test(queue_name)).length - 1);
  expect(await jobs()).toEqual(
    before.map((job) => (kept.includes(job.queue_name) || job.locked_by ? job : { ...job, queue_name: "pbx_0" })),
  );
});
