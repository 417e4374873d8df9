import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addDays, dayOf } from "../../src/day.ts";
import { type Client, openClient, ZONE } from "./client.ts";
import { insertCalls, insertLogs, queuedKeys } from "./rows.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());
beforeEach(async () => {
  const { sql } = client.database;
  await sql`delete from "CallCenterSyncLog"`;
  await sql`delete from "CallCenterRecord"`;
  await sql`delete from callcenter.backfills`;
  await sql`select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))`;
});

const today = dayOf(new Date(), ZONE);
const ask = (json: unknown) => client.ask("/backfill", { json });
const span = { dateFrom: "2024-01-10", dateTo: "2024-01-12" };

/** The jobs as they would run: by priority, then by age. */
const queued = () => client.database.sql<{ day: string; priority: number }[]>`
  select payload ->> 'dateFrom' as day, priority::int from graphile_worker._private_jobs order by priority, run_at, id`;

describe("asking for days", () => {
  test("queues a job a day, the newest first, behind the nightly run", async () => {
    const answer = await ask(span);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      backfillId: expect.any(String),
      days: 3,
      jobs: 3,
      url: answer.headers.get("Location"),
    });
    expect((await queued()).map(({ day, priority }) => [day, priority])).toEqual([
      ["2024-01-12", 10],
      ["2024-01-11", 10],
      ["2024-01-10", 10],
    ]);
  });

  test("again adds nothing, and is the same backfill", async () => {
    const first = (await ask(span)).body;
    expect((await ask(span)).body).toEqual({ ...first, jobs: 0 });
    expect(await queuedKeys(client.database.sql)).toHaveLength(3);
    const wider = (await ask({ ...span, dateTo: "2024-01-13" })).body;
    expect(wider).toMatchObject({ days: 4, jobs: 1 });
    expect(wider.backfillId).not.toBe(first.backfillId);
  });

  test("by many at once queues each day once, and each backfill follows the jobs that run", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(span)));
    expect(answers.reduce((sum, { body }) => sum + body.jobs, 0)).toBe(3);
    expect(await queuedKeys(client.database.sql)).toHaveLength(3);
    const logs = await client.database.sql<{ id: string; day: string }[]>`
      select p.payload ->> 'syncLogId' as id, p.payload ->> 'dateFrom' as day from graphile_worker._private_jobs p`;
    await insertLogs(
      client.database.sql,
      logs.map((log) => ({ ...log, syncType: "manual" })),
    );
    for (const { body } of answers) expect((await client.ask(body.url)).body.status).toBe("completed");
  });

  test("counts days back from yesterday, and takes the default where it names none", async () => {
    expect((await ask({ daysBack: 2 })).body.days).toBe(2);
    expect((await queued()).map(({ day }) => day)).toEqual([addDays(today, -1), addDays(today, -2)]);
    expect((await ask({})).body).toMatchObject({ days: 30, jobs: 28 });
    expect((await client.ask("/backfill", { method: "POST" })).body).toMatchObject({ days: 30, jobs: 0 });
  });

  test("yesterday is the business's, whatever the clock of the server says", async () => {
    const lateEvening = client.but({ now: () => new Date("2024-01-15T18:00:00Z") });
    await lateEvening.ask("/backfill", { json: { daysBack: 1 } });
    expect((await queued()).map(({ day }) => day)).toEqual(["2024-01-15"]);
  });

  test("takes today, and a leap year whole", async () => {
    expect((await ask({ dateFrom: today, dateTo: today })).body.days).toBe(1);
    expect((await ask({ dateFrom: "2024-01-01", dateTo: "2024-12-31" })).body.days).toBe(366);
  });

  test.each([
    ["a date that does not exist", { dateFrom: "2024-02-30", dateTo: "2024-03-01" }],
    ["an instant", { dateFrom: "2024-01-10T00:00:00Z", dateTo: "2024-01-12" }],
    ["one date alone", { dateFrom: "2024-01-10" }],
    ["reversed dates", { dateFrom: "2024-01-12", dateTo: "2024-01-10" }],
    ["a future date", { dateFrom: today, dateTo: addDays(today, 1) }],
    ["more than 366 days", { dateFrom: "2023-01-01", dateTo: "2024-01-02" }],
    ["too many days back", { daysBack: 367 }],
    ["no days back", { daysBack: 0 }],
    ["dates and days back", { ...span, daysBack: 3 }],
    ["an unknown field", { from: "2024-01-10" }],
  ])("refuses %s", async (_, json) => {
    expect((await ask(json)).body).toMatchObject({ status: 400, code: "invalid_request" });
    expect(await queuedKeys(client.database.sql)).toEqual([]);
  });
});

describe("the progress of a backfill", () => {
  async function begin() {
    const { url } = (await ask(span)).body;
    const logs = await client.database.sql<{ day: string; id: string }[]>`
      select day::text, sync_log_id as id from callcenter.backfill_days order by day desc`;
    return { url, logs, show: async () => (await client.ask(url)).body };
  }

  test("goes from queued over running to completed, day by day", async () => {
    const { logs, show } = await begin();
    expect(await show()).toMatchObject({
      status: "queued",
      days: logs.map(({ day }) => ({ day, status: "queued", totalRecords: 0 })),
    });
    await insertLogs(client.database.sql, [{ ...logs[0]!, status: "running" }]);
    expect(await show()).toMatchObject({
      status: "running",
      days: [{ status: "running" }, { status: "queued" }, { status: "queued" }],
    });
    await client.database.sql`update "CallCenterSyncLog" set "status" = 'completed'`;
    expect((await show()).status).toBe("running");
    await insertLogs(client.database.sql, logs.slice(1));
    expect(await show()).toMatchObject({
      status: "completed",
      days: [{ totalRecords: 10, successCount: 10, failedCount: 0 }, {}, {}],
    });
  });

  test("is partial where days ended differently, failed where all failed, running while one is retried", async () => {
    const { logs, show } = await begin();
    await insertLogs(
      client.database.sql,
      logs.map((log) => ({ ...log, status: "failed" })),
    );
    expect((await show()).status).toBe("failed");
    await client.database.sql`update "CallCenterSyncLog" set "status" = 'completed' where "id" = ${logs[0]!.id}`;
    expect((await show()).status).toBe("partial");
    await client.database.sql`update "CallCenterSyncLog" set "status" = 'retrying' where "id" = ${logs[1]!.id}`;
    expect((await show()).status).toBe("running");
  });

  test("calls a day failed whose job somebody removed", async () => {
    const { show } = await begin();
    await client.database.sql`select graphile_worker.remove_job('daily_sync:manual:2024-01-11')`;
    expect((await show()).days.map(({ status }: { status: string }) => status)).toEqual(["queued", "failed", "queued"]);
  });

  test("counts the recordings of its days: those in Drive or accepted are done", async () => {
    const { show } = await begin();
    const recording = { recordingPath: "a.wav", startTime: "2024-01-11T12:00:00+07:00" };
    await insertCalls(client.database.sql, [
      { uuid: "pending", ...recording },
      { uuid: "failed", ...recording, uploadRetryCount: 3 },
      { uuid: "accepted", ...recording, uploadRetryCount: 3 },
      { uuid: "done", ...recording, googleDriveUrl: "https://drive.test/a" },
      { uuid: "silent", startTime: recording.startTime },
      { uuid: "elsewhere", ...recording, startTime: "2024-01-13T12:00:00+07:00" },
    ]);
    await client.ask("/accept", { json: { uuid: "accepted", why: "lost" } });
    expect((await show()).uploads).toEqual({ total: 4, done: 2, failed: 1 });
  });

  test("counts no recordings where Google Drive is disabled: nothing will upload them", async () => {
    const { sql } = client.database;
    const { show } = await begin();
    await insertCalls(sql, [{ uuid: "kept", recordingPath: "a.wav", startTime: "2024-01-11T12:00:00+07:00" }]);
    expect((await show()).uploads).toEqual({ total: 1, done: 0, failed: 0 });
    await sql`update callcenter.settings set value = 'false' where key = 'drive_enabled'`;
    try {
      expect((await show()).uploads).toEqual({ total: 0, done: 0, failed: 0 });
    } finally {
      await sql`update callcenter.settings set value = 'true' where key = 'drive_enabled'`;
    }
  });

  test("of an unknown id is not found", async () => {
    expect((await client.ask("/backfill/unknown")).body.code).toBe("not_found");
  });
});
