import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Client, openClient } from "./client.ts";
import { insertCalls, queuedKeys } from "./rows.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());
beforeEach(async () => {
  const { sql } = client.database;
  await sql`delete from "CallCenterRecord"`;
  await sql`delete from callcenter.acceptances`;
  await sql`delete from callcenter.call_events`;
  await sql`select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))`;
  await sql`update callcenter.circuits set state = 'closed', code = null`;
});

describe("the story of a call", () => {
  test("has its row, what the PBX said, every event and its upload in the queue, and no secret", async () => {
    const { sql } = client.database;
    await insertCalls(sql, [
      {
        uuid: "a b/ü",
        callerId: "0901234567",
        startTime: "2024-01-14T17:30:00Z",
        recordingPath: "a.wav",
        driveFileId: "file-1",
        driveSessionUri: "https://drive.test/session-secret",
        uploadErrorCode: "recording_gone",
        uploadError: "PBX answered 404",
      },
    ]);
    await sql`update "CallCenterRecord" set "rawData" = ${sql.json({ name: "A\u202eB", n: 1 })}`;
    await sql`insert into callcenter.call_events (uuid, event, code, message, at) values ('a b/ü', 'upload_failed', 'recording_gone', 'PBX answered 404', '2024-01-15T00:00:00Z')`;
    await sql`select callcenter.queue_uploads(array['a b/ü'])`;
    const { body, text } = await client.ask(`/calls/${encodeURIComponent("a b/ü")}`);
    expect(body).toMatchObject({
      uuid: "a b/ü",
      day: "2024-01-15",
      startTime: "2024-01-14T17:30:00.000Z",
      upload: "pending",
      driveFileId: "file-1",
      uploadHint: expect.stringContaining("no longer has it"),
      rawData: { name: "AB", n: 1 },
      job: { state: "ready", attempts: 0, maxAttempts: 6, lastError: null },
      events: [
        { event: "upload_failed", code: "recording_gone", message: "PBX answered 404", at: "2024-01-15T00:00:00.000Z" },
      ],
      acceptance: null,
      waitsFor: [],
    });
    expect(text).not.toContain("session-secret");
  });

  test("says whom a waiting upload waits for, and what to do", async () => {
    await insertCalls(client.database.sql, [{ uuid: "a", recordingPath: "a.wav" }]);
    await client.database
      .sql`update callcenter.circuits set state = 'open', code = 'drive_full' where neighbour = 'drive'`;
    const [waits] = (await client.ask("/calls/a")).body.waitsFor;
    expect(waits).toMatchObject({ neighbour: "drive", code: "drive_full", hint: expect.stringContaining("Make room") });
  });
});

describe("uploading again", () => {
  const upload = (uuid: string) => client.ask(`/calls/${uuid}/upload`, { method: "POST" });
  const row = async (uuid: string) => (await client.ask(`/calls/${uuid}`)).body;

  test("queues the upload, and its attempts count from 0", async () => {
    await insertCalls(client.database.sql, [{ uuid: "a", recordingPath: "a.wav", uploadRetryCount: 3 }]);
    const answer = await upload("a");
    expect([answer.status, answer.headers.get("Location")]).toEqual([202, "/calls/a"]);
    expect(await queuedKeys(client.database.sql)).toEqual(["upload_recording:a"]);
    expect(await row("a")).toMatchObject({
      upload: "pending",
      uploadRetryCount: 0,
      events: [{ event: "upload_requested" }],
    });
  });

  test("asked twice queues one job, and one that waits for later comes forward", async () => {
    const { sql } = client.database;
    await insertCalls(sql, [{ uuid: "a", recordingPath: "a.wav" }]);
    await upload("a");
    await sql`select graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs), run_at := now() + interval '1 hour')`;
    expect((await row("a")).job.state).toBe("scheduled");
    await upload("a");
    expect(await queuedKeys(sql)).toEqual(["upload_recording:a"]);
    expect((await row("a")).job.state).toBe("ready");
  });

  test("takes away a link of the old system that leads nowhere", async () => {
    await insertCalls(client.database.sql, [
      {
        uuid: "a",
        recordingPath: "a.wav",
        googleDriveUrl: "https://drive.test/gone",
        recordingFlag: "not_seen_in_drive",
        recordingFlaggedAt: new Date(),
      },
    ]);
    expect((await upload("a")).status).toBe(202);
    expect(await row("a")).toMatchObject({ googleDriveUrl: null, recordingFlag: null, upload: "pending" });
  });

  test("keeps the link of a recording that is too short until the whole one is there", async () => {
    await insertCalls(client.database.sql, [
      {
        uuid: "a",
        recordingPath: "a.wav",
        uploadedPath: "a.wav",
        googleDriveUrl: "https://drive.test/a",
        driveFileId: "f",
        recordingFlag: "too_short",
      },
    ]);
    expect((await upload("a")).status).toBe(202);
    expect(await row("a")).toMatchObject({
      googleDriveUrl: "https://drive.test/a",
      driveFileId: "f",
      uploadedPath: "",
    });
    expect(await queuedKeys(client.database.sql)).toEqual(["upload_recording:a"]);
  });

  test("is refused for a call that is unknown, has no recording, or is in Drive", async () => {
    await insertCalls(client.database.sql, [
      { uuid: "silent" },
      { uuid: "there", recordingPath: "a.wav", uploadedPath: "a.wav", googleDriveUrl: "https://drive.test/a" },
    ]);
    expect((await upload("unknown")).body.code).toBe("not_found");
    expect((await upload("silent")).body.code).toBe("not_possible");
    expect((await upload("there")).body.code).toBe("not_possible");
    expect(await queuedKeys(client.database.sql)).toEqual([]);
  });

  test("is refused while Drive is disabled", async () => {
    const { sql } = client.database;
    await insertCalls(sql, [{ uuid: "a", recordingPath: "a.wav" }]);
    await sql`update callcenter.settings set value = 'false' where key = 'drive_enabled'`;
    try {
      expect((await upload("a")).body).toMatchObject({
        status: 409,
        detail: expect.stringContaining("GOOGLE_DRIVE_ENABLED"),
      });
    } finally {
      await sql`update callcenter.settings set value = 'true' where key = 'drive_enabled'`;
    }
  });
});
