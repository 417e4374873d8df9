import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { listCalls } from "../../src/store/call_list.ts";
import { findLacks } from "../../src/store/dashboard_days.ts";
import { eventually } from "../eventually.ts";
import { aRecentCall, callsOf, openWorld, TODAY, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

const OLD = addDays(TODAY, -3);
const row = async (uuid: string) => (await world.sql`select * from "CallCenterRecord" where "uuid" = ${uuid}`)[0]!;
const attention = () => world.sql`select kind, subject, reason, hint from callcenter.attention order by kind, subject`;

/** A day with one recorded call, read already; its upload waits while `before` is at work. */
async function oneCall(day = OLD, options: Parameters<typeof openWorld>[0] = {}) {
  const call = callsOf(day, 20).find(({ recording }) => recording)!;
  world = await openWorld({ ...options, pbx: { calls: [call], ...options.pbx } });
  return call;
}

/** More probes than any upload has attempts, while the neighbour is away. */
async function probeInVain() {
  for (let probe = 0; probe < 12; probe++) {
    await world.settle();
    await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
    await world.hasten();
    await world.settle();
  }
}

const sync = (day = OLD) => world.queue("daily_sync", { dateFrom: day });

test("a recording that is not there yet waits with patience, and no attempt is counted", async () => {
  const { day, call } = aRecentCall();
  world = await openWorld({ pbx: { calls: [call] } });
  const fault = world.pbx.faults.inject({ name: "status", status: 404, kind: "recording" });
  await sync(day);
  await world.settle();
  expect(await row(call.uuid)).toMatchObject({
    uploadErrorCode: "recording_not_ready",
    uploadRetryCount: 0,
    googleDriveUrl: null,
  });
  fault.clear();
  await world.queue("retry_uploads");
  await world.settle();
  expect(await row(call.uuid)).toMatchObject({ uploadErrorCode: null, uploadRetryCount: 0 });
  expect(world.drive.files).toHaveLength(1);
});

test.each([-2, 2])("a worker whose clock is %i hours off is as patient as any other", async (hours) => {
  world = await openWorld({ now: () => new Date(Date.now() + hours * 3_600_000) });
  await world.sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "endTime", "recordingPath") values ('late', now(), now(), 'late.wav')`;
  await world.sql`select callcenter.queue_uploads(array['late'])`;
  const seconds = await eventually(async () => {
    const [job] = await world.sql`
      select extract(epoch from run_at - now())::float8 as seconds from graphile_worker.jobs
       where attempts = 0 and locked_at is null and run_at > now()`;
    return job?.seconds as number | undefined;
  }, "it waits");
  expect(seconds).toBeLessThanOrEqual(15);
  expect(world.pbx.counts.recording.total).toBe(1);
});

test("a recording that is gone for good uses up its rounds, and then a person must look at it", async () => {
  const call = await oneCall();
  world.pbx.faults.inject({ name: "status", status: 404, kind: "recording" });
  await sync();
  await world.settle({ hurry: true });
  expect(await row(call.uuid)).toMatchObject({ uploadErrorCode: "recording_gone", uploadRetryCount: 1 });
  expect(world.pbx.counts.recording.total).toBe(6);
  expect(await attention()).toEqual([]);
  for (const _round of [2, 3, 4]) {
    await world.queue("retry_uploads");
    await world.settle({ hurry: true });
  }
  expect(await row(call.uuid)).toMatchObject({ uploadErrorCode: "recording_gone", uploadRetryCount: 3 });
  expect(world.pbx.counts.recording.total).toBe(18);
  expect(await attention()).toMatchObject([{ kind: "recording_given_up", subject: call.uuid }]);
});

test("a call that is yet to end, as the PBX writes it, is as old as our knowledge of it", async () => {
  const call = await oneCall();
  world.pbx.faults.inject({ name: "status", status: 404, kind: "recording" });
  await world.queue("daily_sync", { dateFrom: OLD });
  await world.settle({ hurry: true });
  const round = async (createdAt: string) => {
    await world.sql`
      update "CallCenterRecord" set "endTime" = now() + interval '10 days', "createdAt" = now() - ${createdAt}::interval`;
    await world.queue("retry_uploads");
    await world.settle();
    const [job] =
      await world.sql`select extract(epoch from run_at - now())::float8 as seconds from graphile_worker.jobs`;
    return { ...(await row(call.uuid)), seconds: job?.seconds as number };
  };
  const young = await round("10 hours");
  expect(young).toMatchObject({ uploadErrorCode: "recording_not_ready", uploadRetryCount: 1 });
  expect(young.seconds).toBeGreaterThan(1_700);
  await world.sql`delete from graphile_worker._private_jobs`;
  expect(await round("2 days")).toMatchObject({ uploadErrorCode: "recording_gone" });
  await world.settle({ hurry: true });
  expect(await row(call.uuid)).toMatchObject({ uploadErrorCode: "recording_gone", uploadRetryCount: 2 });
});

test("retry_uploads with force counts again from 0", async () => {
  const call = await oneCall();
  const fault = world.pbx.faults.inject({ name: "status", status: 410, kind: "recording" });
  await sync();
  await world.settle({ hurry: true });
  await world.sql`update "CallCenterRecord" set "uploadRetryCount" = 3`;
  await world.queue("retry_uploads");
  await world.settle({ hurry: true });
  expect((await row(call.uuid)).uploadRetryCount).toBe(3);
  fault.clear();
  await world.queue("retry_uploads", { force: true });
  await world.settle({ hurry: true });
  expect((await row(call.uuid)).googleDriveUrl).toContain("http");
});

test.each([
  ["an HTML page under status 200", { name: "html_page" }, "recording_not_audio"],
  ["nothing but a header", { name: "header_only" }, "recording_empty"],
  ["0 bytes", { name: "empty" }, "recording_empty"],
  ["fewer bytes than announced", { name: "cut", afterBytes: 1500 }, "recording_cut_short"],
] as const)("a recording that is %s never gets to Drive", async (_what, fault, code) => {
  const call = await oneCall();
  world.pbx.faults.inject({ ...fault, kind: "recording" });
  await sync();
  await world.settle({ hurry: true });
  expect(await row(call.uuid)).toMatchObject({ uploadErrorCode: code, uploadRetryCount: 1, googleDriveUrl: null });
  expect(world.drive.files).toEqual([]);
});

test("a recording at another host is not fetched, and the key goes nowhere", async () => {
  const call = callsOf(OLD, 20).find(({ recording }) => recording)!;
  world = await openWorld({
    pbx: { calls: [{ ...call, recording: { ...call.recording!, path: "http://127.0.0.1:9/steal.wav" } }] },
  });
  await sync();
  await world.settle({ hurry: true });
  expect(await row(call.uuid)).toMatchObject({ uploadErrorCode: "recording_foreign_address", uploadRetryCount: 3 });
  expect(await attention()).toMatchObject([{ kind: "recording_given_up", subject: call.uuid }]);
});

test.each([
  ["that answers 503", { name: "status", status: 503 }, "recordings_server_error"],
  ["that breaks every download off", { name: "cut" }, "recordings_unreachable"],
] as const)(
  "an outage of the PBX's recordings %s, longer than all retries, is nobody's attempt and ends by itself",
  async (_what, how, code) => {
    const calls = callsOf(OLD, 30);
    world = await openWorld({ pbx: { calls } });
    const fault = world.pbx.faults.inject({ ...how, kind: "recording" });
    await sync();
    await probeInVain();
    expect(world.drive.files).toEqual([]);
    const [circuit] = await world.sql`select state, code from callcenter.circuits where neighbour = 'pbx_recordings'`;
    expect(circuit).toEqual({ state: "open", code });
    // Probing is seldom: one request a probe, not one a recording.
    expect(world.pbx.counts.recording.total).toBeLessThan(60);
    fault.clear();
    await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
    await world.settle({ hurry: true });
    const [counts] =
      await world.sql`select count("googleDriveUrl")::int as uploaded, count("recordingPath")::int as recordings, max("uploadRetryCount") as attempts from "CallCenterRecord"`;
    expect(counts?.uploaded).toBe(counts?.recordings);
    expect(counts?.attempts).toBe(0);
  },
);

test("an outage of Drive, longer than all retries, is nobody's attempt and ends by itself", async () => {
  const recordings = callsOf(OLD, 24).filter(({ recording }) => recording);
  world = await openWorld({ pbx: { calls: recordings } });
  await world.drive.setDown(true);
  await sync();
  await probeInVain();
  const [circuit] = await world.sql`select state, code from callcenter.circuits where neighbour = 'drive'`;
  expect(circuit).toEqual({ state: "open", code: "drive_unreachable" });
  await world.drive.setDown(false);
  await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
  await world.settle({ hurry: true });
  expect(world.drive.files).toHaveLength(recordings.length);
  expect(
    await world.sql`select 1 from "CallCenterRecord" where "googleDriveUrl" is null or "uploadRetryCount" > 0`,
  ).toEqual([]);
});

test("a full Drive stops the uploads, is told at once, and they go on when there is room", async () => {
  const call = await oneCall();
  world.drive.setQuota(0);
  await sync();
  await world.settle();
  expect(await attention()).toMatchObject([{ kind: "drive_full", subject: "drive" }]);
  expect(await row(call.uuid)).toMatchObject({ uploadErrorCode: "drive_full", uploadRetryCount: 0 });
  world.drive.setQuota(10 ** 9);
  await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
  await world.settle({ hurry: true });
  expect(await attention()).toEqual([]);
  expect(world.drive.files).toHaveLength(1);
});

test("a recording whose call has no start is kept under the nearest time that is known of it", async () => {
  const call = await oneCall(OLD, { environment: { GOOGLE_DRIVE_FOLDER_LAYOUT: "{YYYY}-{MM}" } });
  await sync();
  await world.settle();
  world.drive.remove(world.drive.files[0]!.id);
  await world.sql`
    update "CallCenterRecord" set "startTime" = null, "endTime" = '2024-01-15 03:30:00+00', "answerTime" = null,
      "googleDriveUrl" = null, "driveFileId" = null, "driveMd5" = null`;
  await world.queue("upload_recording", { uuid: call.uuid });
  await world.settle({ hurry: true });
  expect(world.drive.files.map(({ name }) => name)).toEqual([`${call.uuid}_20240115_103000.mp3`]);
  expect(world.drive.folders.map(({ name }) => name)).toContain("2024-01");
});

test("a lost answer of Drive makes no second file", async () => {
  const call = await oneCall();
  world.drive.faults.add({ name: "answerLost", on: "multipart" });
  await sync();
  await world.settle({ hurry: true });
  expect(world.drive.files).toHaveLength(1);
  expect(await row(call.uuid)).toMatchObject({ driveFileId: world.drive.files[0]?.id, uploadRetryCount: 0 });
});

/** A recording whose upload was never answered, in a Drive that has its file and does not show it. */
async function unseenFile() {
  const call = await oneCall();
  await sync();
  await world.settle();
  await world.sql`
    update "CallCenterRecord" set "googleDriveUrl" = null, "driveMd5" = null, "driveVerifiedAt" = null, "uploadedPath" = null`;
  const file = world.drive.files[0]!;
  const fault = world.drive.faults.add({ name: "notFound", on: "get", match: file.id, times: "always" });
  const round = async () => {
    await world.queue("retry_uploads");
    await world.settle();
  };
  await round();
  expect(await row(call.uuid)).toMatchObject({ driveFileId: file.id, uploadErrorCode: "drive_file_unseen" });
  return { call, file, fault, round };
}

test("a file that Drive has and does not show is waited for under its id, and no attempt is counted", async () => {
  const { call, file, fault, round } = await unseenFile();
  for (const _time of [2, 3]) await round();
  expect(await row(call.uuid)).toMatchObject({ driveFileId: file.id, googleDriveUrl: null, uploadRetryCount: 0 });
  expect(await world.sql`select attempts from graphile_worker.jobs`).toEqual([{ attempts: 0 }]);
  expect(await attention()).toEqual([]);
  world.drive.faults.remove(fault.id);
  await round();
  expect(await row(call.uuid)).toMatchObject({ driveFileId: file.id, driveMd5: file.md5, uploadErrorCode: null });
  expect(world.drive.files).toHaveLength(1);
});

test("a file that Drive has not shown for a day is uploaded under another id", async () => {
  const { call, file, fault, round } = await unseenFile();
  world.drive.remove(file.id);
  world.drive.faults.remove(fault.id);
  await round();
  expect((await row(call.uuid)).driveFileId).toBe(file.id);
  await world.sql`update callcenter.call_events set at = at - interval '25 hours'`;
  await world.queue("retry_uploads");
  await world.settle({ hurry: true });
  const [another] = world.drive.files;
  expect(another?.id).not.toBe(file.id);
  expect(await row(call.uuid)).toMatchObject({ driveFileId: another?.id, uploadErrorCode: null, uploadRetryCount: 0 });
});

test("a path that changed after the upload and leads nowhere is given up, shown, and tried again by force", async () => {
  const call = await oneCall();
  await sync();
  await world.settle();
  // As where somebody has asked for the old one once more.
  await world.sql`update "CallCenterRecord" set "uploadedPath" = ''`;
  world.pbx.calls.change(call.uuid, { recording: { ...call.recording!, path: "archive/converted.mp3" } });
  const fault = world.pbx.faults.inject({ name: "status", status: 404, kind: "recording" });
  await sync();
  await world.settle({ hurry: true });
  for (const _round of [2, 3]) {
    await world.queue("retry_uploads");
    await world.settle({ hurry: true });
  }
  const [day] = await world.sql`select uploaded, pending, failed, complete from callcenter.days where day = ${OLD}`;
  expect(day).toEqual({ uploaded: "0", pending: "0", failed: "1", complete: false });
  expect(await attention()).toMatchObject([{ kind: "recording_given_up", subject: call.uuid }]);
  expect((await findLacks(world.sql, OLD, 5)).recordings).toMatchObject([{ uuid: call.uuid, code: "recording_gone" }]);
  expect(await listCalls(world.sql, { upload: "failed" }, { limit: 5 })).toHaveLength(1);
  expect(world.drive.files).toHaveLength(1);
  fault.clear();
  await world.queue("retry_uploads", { force: true });
  await world.settle({ hurry: true });
  expect(await row(call.uuid)).toMatchObject({ uploadedPath: "archive/converted.mp3", uploadErrorCode: null });
  expect(await attention()).toEqual([]);
});

test("bytes that change on the way are mended under the same id", async () => {
  const call = await oneCall();
  world.drive.faults.add({ name: "corrupt" });
  await sync();
  await world.settle({ hurry: true });
  expect(world.drive.files).toHaveLength(1);
  expect(world.drive.files[0]?.md5).toBe(world.pbx.expectedRecording(call.uuid)?.md5);
});

test("a recording shorter than the call is uploaded and flagged, with the numbers", async () => {
  const call = await oneCall(OLD, {
    pbx: { calls: [callsOf(OLD, 9, { talkSeconds: [60, 60] }).find(({ recording }) => recording)!] },
  });
  void call;
  world.pbx.faults.inject({ name: "short_audio", seconds: 20 });
  await sync();
  await world.settle({ hurry: true });
  expect(world.drive.files).toHaveLength(1);
  expect(await attention()).toMatchObject([
    { kind: "recording_too_short", reason: "The recording is 20 s long, the call was billed for 60 s." },
  ]);
});

test("a recording that ends before its own header promises is flagged also where it is as long as the call", async () => {
  const call = callsOf(OLD, 9, { talkSeconds: [60, 60] }).find(({ recording }) => recording)!;
  await oneCall(OLD, { pbx: { calls: [{ ...call, recording: { format: "wav", seconds: 90 } }] } });
  world.pbx.faults.inject({ name: "ends_early", seconds: 62 });
  await sync();
  await world.settle({ hurry: true });
  expect(world.drive.files).toHaveLength(1);
  expect(await attention()).toMatchObject([
    { kind: "recording_too_short", reason: "The recording is 62 s long, its own header promises 90 s." },
  ]);
});

test("a path that changed after the upload replaces the file's content under the same id", async () => {
  const call = await oneCall();
  await sync();
  await world.settle();
  const before = await row(call.uuid);
  world.pbx.calls.change(call.uuid, { recording: { ...call.recording!, seconds: 9, path: "archive/corrected.mp3" } });
  await sync();
  await world.settle();
  const after = await row(call.uuid);
  expect(world.drive.files).toHaveLength(1);
  expect(after.driveFileId).toBe(before.driveFileId);
  expect(after.driveMd5).not.toBe(before.driveMd5);
  expect(after.uploadedPath).toBe(after.recordingPath);
  expect(world.drive.files[0]?.md5).toBe(after.driveMd5);
});

test("a path that changes while its recording is uploaded is uploaded at once, and until then the day is not complete", async () => {
  const call = await oneCall();
  await sync();
  await world.settle();
  const path = "archive/corrected.mp3";
  const complete = async () =>
    (await world.sql`select complete from callcenter.days where day = ${OLD}`)[0]?.complete as boolean;
  expect(await complete()).toBe(true);
  await world.sql`
    update "CallCenterRecord" set "googleDriveUrl" = null, "driveMd5" = null, "driveVerifiedAt" = null`;
  const blocked = () =>
    world.sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  const fault = world.pbx.faults.inject({ name: "status", status: 404, kind: "recording", path });
  await world.sql.begin(async (tx) => {
    await tx`select from "CallCenterRecord" where "uuid" = ${call.uuid} for update`;
    await world.queue("retry_uploads");
    await eventually(async () => (await blocked()).length > 0, "the old one is in Drive");
    world.pbx.calls.change(call.uuid, { recording: { ...call.recording!, seconds: 9, path } });
    await tx`update "CallCenterRecord" set "recordingPath" = ${path} where "uuid" = ${call.uuid}`;
  });
  await eventually(async () => (await row(call.uuid)).uploadErrorCode === "recording_gone", "the new one is asked for");
  expect(await row(call.uuid)).toMatchObject({
    googleDriveUrl: expect.stringContaining("http"),
    driveVerifiedAt: null,
  });
  expect(await complete()).toBe(false);
  fault.clear();
  await world.settle({ hurry: true });
  expect(await row(call.uuid)).toMatchObject({ uploadedPath: path, driveMd5: world.drive.files[0]?.md5 });
  expect(world.drive.files[0]?.md5).toBe(world.pbx.expectedRecording(call.uuid)?.md5);
  expect(await complete()).toBe(true);
});

test("sub-folders are made once, however many uploads need them", async () => {
  world = await openWorld({
    pbx: { calls: callsOf(OLD, 20) },
    environment: { GOOGLE_DRIVE_FOLDER_LAYOUT: "{YYYY}/{MM}/{DD}" },
  });
  await sync();
  await world.settle();
  const [year, month, date] = OLD.split("-");
  const made = world.drive.folders.filter(({ name }) => [year, month, date].includes(name));
  expect(made.map(({ name }) => name).sort()).toEqual([year, month, date].sort());
  const leaf = made.find(({ name, parents }) => name === date && made.some(({ id }) => id === parents[0]));
  expect(world.drive.files.every(({ parents }) => parents[0] === leaf?.id)).toBe(true);
});

test("a sub-folder that somebody deleted is made anew, and nothing waits for a person", async () => {
  const call = await oneCall(OLD, { environment: { GOOGLE_DRIVE_FOLDER_LAYOUT: "{YYYY}" } });
  await sync();
  await world.settle();
  const [folder] = await world.sql`select folder_id from callcenter.folders`;
  world.drive.remove(folder?.folder_id);
  await world.sql`update "CallCenterRecord" set "googleDriveUrl" = null, "driveFileId" = null, "driveMd5" = null`;
  await world.queue("upload_recording", { uuid: call.uuid });
  await world.settle();
  await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
  await world.settle({ hurry: true });
  expect((await row(call.uuid)).googleDriveUrl).toContain("http");
  expect(await attention()).toEqual([]);
});

test("a sub-folder that is not found for a moment is not made twice, though lists lag", async () => {
  await oneCall(OLD, { environment: { GOOGLE_DRIVE_FOLDER_LAYOUT: "{YYYY}" } });
  await sync();
  await world.settle();
  world.drive.searchLagMs = 60_000;
  await world.sql`update "CallCenterRecord" set "googleDriveUrl" = null, "driveFileId" = null, "driveMd5" = null`;
  const [folder] = await world.sql`select folder_id from callcenter.folders`;
  world.drive.faults.add({ name: "notFound", on: "multipart" });
  world.drive.faults.add({ name: "notFound", on: "get", match: folder?.folder_id, times: 2 });
  await world.queue("retry_uploads");
  await world.settle();
  await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
  await world.settle({ hurry: true });
  expect(world.drive.folders.filter(({ parents }) => parents.includes(world.drive.folderId))).toHaveLength(1);
  expect(await attention()).toEqual([]);
});

test("a redirect to another host is the recording's fault, and over when the PBX sends it again", async () => {
  const call = callsOf(OLD, 20).find(({ recording }) => recording)!;
  world = await openWorld({ pbx: { calls: [call] } });
  const location = "http://127.0.0.1:9/login";
  world.pbx.faults.inject({ name: "redirect", location, kind: "recording", times: 2 });
  await sync();
  await world.settle({ hurry: true });
  expect(await row(call.uuid)).toMatchObject({ googleDriveUrl: expect.stringContaining("http"), uploadRetryCount: 0 });
  const failures = await world.sql`select code from callcenter.call_events where event = 'upload_failed'`;
  expect(failures.map(({ code }) => code)).toEqual(["recording_redirected", "recording_redirected"]);
});

test("a recording that the PBX refuses while it serves others uses up its own rounds and holds nobody up", async () => {
  const NEXT = addDays(OLD, 1);
  const [refused] = callsOf(OLD, 20).filter(({ recording }) => recording) as [ReturnType<typeof callsOf>[number]];
  world = await openWorld({ pbx: { calls: [refused, ...callsOf(NEXT, 20)] } });
  world.pbx.faults.inject({ name: "status", status: 403, kind: "recording", uuid: refused.uuid });
  for (const day of [OLD, NEXT]) {
    await sync(day);
    await world.settle();
  }
  await world.settle({ hurry: true });
  for (const _round of [2, 3, 4]) {
    await world.queue("retry_uploads");
    await world.settle({ hurry: true });
  }
  expect(await row(refused.uuid)).toMatchObject({ uploadErrorCode: "recording_refused", uploadRetryCount: 3 });
  const waiting = await world.sql`
    select "uuid" from "CallCenterRecord" where "recordingPath" is not null and "googleDriveUrl" is null`;
  expect(waiting).toEqual([{ uuid: refused.uuid }]);
  expect(await world.sql`select neighbour from callcenter.circuits where state = 'open'`).toEqual([]);
  expect(await attention()).toMatchObject([{ kind: "recording_given_up", subject: refused.uuid }]);
});
