import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processMetrics } from "../../src/start/process_metrics.ts";
import { failUpload, finishUpload } from "../../src/store/recordings.ts";
import { beginSyncLog, finishSyncLog } from "../../src/store/sync_logs.ts";
import { type Client, openClient } from "./client.ts";
import { insertCalls, insertWorker } from "./rows.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
  await fill();
});
afterAll(() => client.close());

/** A day read, one that failed, one recording uploaded, one failed, one waiting since yesterday, one job ready, a worker alive. */
async function fill(): Promise<void> {
  const { sql } = client.database;
  const outcome = {
    totalRecords: 10,
    successCount: 8,
    failedCount: 2,
    errorCode: null,
    errorMessage: null,
    failedItems: [],
    counts: true,
  };
  await beginSyncLog(sql, { id: "a", syncType: "daily", day: "2024-01-15", retry: false });
  await finishSyncLog(sql, "a", { ...outcome, status: "completed", durationSeconds: 45.5 });
  await beginSyncLog(sql, { id: "b", syncType: "daily", day: "2024-01-16", retry: false });
  await finishSyncLog(sql, "b", { ...outcome, status: "failed", durationSeconds: 4.5 });
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  await insertCalls(sql, [
    { uuid: "up", recordingPath: "a.wav", driveFileId: "f" },
    { uuid: "down", recordingPath: "b.wav" },
    { uuid: "waits", recordingPath: "c.wav", startTime: yesterday },
  ]);
  const file = {
    path: "a.wav",
    fileId: "f",
    url: "https://drive.test/f",
    sizeBytes: 1_000,
    md5: "m",
    mimeType: "audio/wav",
  };
  await finishUpload(sql, "up", { ...file, seconds: 2.5, recordingSeconds: null, flag: null });
  await failUpload(sql, "down", { code: "recording_gone", message: "404", round: true, counts: true, giveUp: true });
  await sql`select callcenter.queue_uploads(array['waits'])`;
  await sql`update callcenter.circuits set state = 'open', code = 'drive_full' where neighbour = 'drive'`;
  await insertWorker(sql);
}

const valuesOf = (text: string) =>
  new Map(
    text
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );

describe("metrics", () => {
  test("have the reference's names, counted in PostgreSQL", async () => {
    const answer = await client.ask("/metrics", { token: null });
    expect(answer.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(Object.fromEntries(valuesOf(answer.text))).toMatchObject({
      'callcenter_sync_total{status="success"}': 1,
      'callcenter_sync_total{status="failed"}': 1,
      'callcenter_sync_total{status="partial"}': 0,
      callcenter_sync_duration_seconds_sum: 50,
      callcenter_sync_duration_seconds_count: 2,
      callcenter_records_synced_total: 16,
      callcenter_records_failed_total: 4,
      'callcenter_upload_total{status="success"}': 1,
      'callcenter_upload_total{status="failed"}': 1,
      'callcenter_upload_duration_seconds{quantile="0.95"}': 2.5,
      callcenter_upload_duration_seconds_sum: 2.5,
      callcenter_upload_duration_seconds_count: 1,
      callcenter_upload_bytes_total: 1_000,
    });
    expect(valuesOf(answer.text).get('callcenter_sync_duration_seconds{quantile="0.95"}')).toBeGreaterThanOrEqual(0);
  });

  test("tell how things stand: queue, circuits, days, what waits, who lives", async () => {
    const values = valuesOf((await client.ask("/metrics")).text);
    expect(Object.fromEntries(values)).toMatchObject({
      'callcenter_queue_jobs{task="upload_recording",state="ready"}': 1,
      'callcenter_queue_jobs{task="daily_sync",state="ready"}': 0,
      'callcenter_circuit_open{neighbour="drive"}': 1,
      'callcenter_circuit_open{neighbour="pbx_api"}': 0,
      callcenter_workers_alive: 1,
      callcenter_database_up: 1,
      'callcenter_attention{kind="recording_given_up"}': 1,
      'callcenter_build_info{version="1.2.3",role="web"}': 1,
    });
    expect(values.get("callcenter_incomplete_dates")).toBeGreaterThan(0);
    expect(values.get('callcenter_queue_oldest_ready_seconds{task="upload_recording"}')).toBeGreaterThanOrEqual(0);
    expect(Math.round(values.get("callcenter_oldest_waiting_recording_seconds")! / 3_600)).toBe(24);
    expect(values.get("callcenter_last_completed_sync_timestamp_seconds")).toBeCloseTo(Date.now() / 1_000, -2);
  });

  test("are the same from every process", async () => {
    const durable = (text: string) => text.split("\n").filter((line) => !/build_info|oldest|timestamp/.test(line));
    const [one, other] = await Promise.all([client.but({}).ask("/metrics"), client.but({}).ask("/metrics")]);
    expect(durable(one.text)).toEqual(durable(other.text));
  });

  test("want their token where one is set, and the API's is another", async () => {
    const closed = client.but({ metricsToken: "scrape-me" });
    expect((await closed.ask("/metrics", { token: null })).body).toMatchObject({
      status: 401,
      code: "metrics_unauthorized",
    });
    expect((await closed.ask("/metrics")).status).toBe(401);
    expect((await closed.ask("/metrics", { token: "scrape-me" })).status).toBe(200);
  });

  test("ask the queue once, however many scrape at once and soon after", async () => {
    const { sql } = client.database;
    const fresh = client.but({});
    const jobsOf = async () =>
      valuesOf((await fresh.ask("/metrics")).text).get('callcenter_queue_jobs{task="upload_recording",state="ready"}');
    expect(await Promise.all([jobsOf(), jobsOf(), jobsOf()])).toEqual([1, 1, 1]);
    await sql`select callcenter.queue_uploads(array['down'])`;
    expect(await jobsOf()).toBe(1);
    await sql`select graphile_worker.remove_job('upload_recording:down')`;
  });

  test("agree with callcenter.days on how many days are incomplete", async () => {
    const [row] = await client.database.sql<{ count: number }[]>`
      select count(*)::int as count from callcenter.days where not complete and day < callcenter.local_day(now())`;
    expect(valuesOf((await client.but({}).ask("/metrics")).text).get("callcenter_incomplete_dates")).toBe(row?.count);
  });
});

describe("promtool", () => {
  const promtool = (input: string) => spawnSync("promtool", ["check", "metrics"], { input, encoding: "utf8" });
  const isMissing = promtool("").error !== undefined;

  test.skipIf(isMissing && !process.env.CI)(
    "finds nothing to say about the whole text, the process's own metrics included",
    async () => {
      const { text } = await client.but({ processMetrics }).ask("/metrics");
      const { status, stdout, stderr, error } = promtool(text);
      expect(error, "Debian's package prometheus has promtool").toBeUndefined();
      expect(`${stdout}${stderr}`).toBe("");
      expect(status).toBe(0);
    },
  );
});
