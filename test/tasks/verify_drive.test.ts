import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

const DAY = addDays(TODAY, -3);
const row = async (uuid: string) => (await world.sql`select * from "CallCenterRecord" where "uuid" = ${uuid}`)[0]!;
const attention = () => world.sql`select kind, subject from callcenter.attention order by kind, subject`;

/** A synced day whose uploads are some days old, as far as the table knows. */
async function uploadedDay(count = 6) {
  const calls = callsOf(DAY, count * 3)
    .filter(({ recording }) => recording)
    .slice(0, count);
  world = await openWorld({ pbx: { calls } });
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle();
  await world.sql`update "CallCenterRecord" set "driveVerifiedAt" = now() - interval '3 days'`;
  return calls.map(({ uuid }) => uuid);
}

async function verify() {
  await world.queue("verify_drive");
  await world.settle({ hurry: true });
}

test("verify_drive renews a proof of some weeks ago where the file is as it was", async () => {
  await uploadedDay();
  await world.sql`update "CallCenterRecord" set "driveVerifiedAt" = now() - interval '61 days'`;
  await verify();
  const [found] =
    await world.sql`select count(*)::int as fresh from "CallCenterRecord" where "driveVerifiedAt" > now() - interval '1 hour'`;
  expect(found?.fresh).toBe(6);
  expect(await attention()).toEqual([]);
});

test.each(["remove", "trash", "alter"] as const)(
  "a file that somebody %ss in Drive is uploaded again, once",
  async (deed) => {
    const [uuid] = (await uploadedDay()) as [string];
    const { driveFileId } = await row(uuid);
    if (deed === "alter") world.drive.alter(driveFileId, Buffer.from("something else"));
    else world.drive[deed](driveFileId);
    await verify();
    expect(await row(uuid)).toMatchObject({ recordingFlag: null, googleDriveUrl: expect.stringContaining("http") });
    const files = world.drive.files.filter((file) => file.appProperties.uuid === uuid && !file.trashed);
    expect(files).toHaveLength(1);
    expect(files[0]?.md5).toBe(world.pbx.expectedRecording(uuid)?.md5);
    const events = await world.sql`select event from callcenter.call_events where uuid = ${uuid} order by id`;
    expect(events.map(({ event }) => event)).toContain("lost_in_drive");
  },
);

test("a file that was uploaded a moment ago is looked for too, and a list that lags accuses nobody", async () => {
  const [deleted, untouched] = (await uploadedDay()) as [string, string];
  await world.sql`update "CallCenterRecord" set "driveVerifiedAt" = now()`;
  world.drive.remove((await row(deleted)).driveFileId);
  world.drive.searchLagMs = 60_000;
  await verify();
  const events = await world.sql`select uuid from callcenter.call_events where event = 'lost_in_drive'`;
  expect(events).toEqual([{ uuid: deleted }]);
  expect(await row(deleted)).toMatchObject({ recordingFlag: null, googleDriveUrl: expect.stringContaining("http") });
  expect((await row(untouched)).recordingFlag).toBeNull();
  expect(world.drive.twins()).toEqual([]);
});

test("a file deleted in Drive whose recording the PBX no longer has is shown to a person", async () => {
  const [uuid] = (await uploadedDay()) as [string];
  world.drive.remove((await row(uuid)).driveFileId);
  world.pbx.faults.inject({ name: "status", status: 410, kind: "recording" });
  await verify();
  expect(await attention()).toContainEqual({ kind: "recording_altered_in_drive", subject: uuid });
});

/** A recording that the last look did not find in Drive, and that the PBX has purged since. */
async function lostRecording(lose: (fileId: string) => void) {
  const [uuid] = (await uploadedDay()) as [string];
  const before = await row(uuid);
  lose(before.driveFileId);
  world.pbx.faults.inject({ name: "status", status: 410, kind: "recording" });
  await verify();
  expect(await row(uuid)).toMatchObject({
    googleDriveUrl: null,
    driveVerifiedAt: null,
    recordingFlag: "altered_in_drive",
    driveFileId: before.driveFileId,
    driveMd5: before.driveMd5,
    driveSizeBytes: before.driveSizeBytes,
  });
  expect(await world.sql`select day from callcenter.days where day = ${DAY} and not complete`).toHaveLength(1);
  world.drive.requests.clear();
  return { uuid, before, asked: world.pbx.counts.recording.total };
}

/** Its link is good again, without a byte sent. */
async function expectFoundAgain({ uuid, before, asked }: Awaited<ReturnType<typeof lostRecording>>) {
  expect(await row(uuid)).toMatchObject({
    googleDriveUrl: before.googleDriveUrl,
    driveFileId: before.driveFileId,
    driveVerifiedAt: expect.any(Date),
    recordingFlag: null,
    recordingFlagNote: null,
    recordingFlaggedAt: null,
    uploadErrorCode: null,
    uploadError: null,
  });
  expect(await attention()).toEqual([]);
  expect(world.pbx.counts.recording.total).toBe(asked);
  expect(world.drive.requests.counts).not.toHaveProperty("multipart");
  expect(await world.sql`select day from callcenter.days where day = ${DAY} and complete`).toHaveLength(1);
}

const neverSeen = (fileId: string) => {
  world.drive.faults.add({ name: "notFound", on: "get", match: fileId, times: "always" });
  world.drive.searchLagMs = 60_000;
};
const seenAgain = () => {
  world.drive.faults.clear();
  world.drive.searchLagMs = 0;
};

test("a file that was restored from the trash has its link again after the next look, though the PBX purged the recording", async () => {
  const lost = await lostRecording((fileId) => world.drive.trash(fileId));
  world.drive.trash(lost.before.driveFileId, false);
  await verify();
  await expectFoundAgain(lost);
});

test("a file that Drive did not show for a whole look has its link again after the next one", async () => {
  const lost = await lostRecording(neverSeen);
  seenAgain();
  await verify();
  await expectFoundAgain(lost);
});

test("an upload that finds the lost file in Drive again gives its link back before it asks the PBX", async () => {
  const lost = await lostRecording((fileId) => world.drive.trash(fileId));
  world.drive.trash(lost.before.driveFileId, false);
  await world.queue("retry_uploads", { force: true });
  await world.settle({ hurry: true });
  await expectFoundAgain(lost);
});

test("a file that is shown again with other bytes keeps its recording flagged", async () => {
  const { uuid, before } = await lostRecording((fileId) => world.drive.trash(fileId));
  world.drive.trash(before.driveFileId, false);
  world.drive.alter(before.driveFileId, Buffer.from("something else"));
  await verify();
  await world.queue("retry_uploads", { force: true });
  await world.settle({ hurry: true });
  expect(await row(uuid)).toMatchObject({ googleDriveUrl: null, recordingFlag: "altered_in_drive" });
});

test("a lost file that is shown again is no link of the other recording that the PBX has by now", async () => {
  const { uuid, before } = await lostRecording((fileId) => world.drive.trash(fileId));
  world.drive.trash(before.driveFileId, false);
  await world.sql`update "CallCenterRecord" set "recordingPath" = 'another.mp3' where "uuid" = ${uuid}`;
  await verify();
  await world.queue("retry_uploads", { force: true });
  await world.settle({ hurry: true });
  expect(await row(uuid)).toMatchObject({ googleDriveUrl: null, recordingFlag: "altered_in_drive" });
});

test("links of the old system are confirmed, or flagged, and never uploaded again", async () => {
  world = await openWorld();
  const file = world.drive.addFile({ name: "old-1_20240115_103000.wav", bytes: Buffer.from("RIFF....") });
  await world.sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath", "googleDriveUrl", "adopted") values
      ('old-1', now() - interval '9 days', 'a.wav', ${`https://drive.google.com/file/d/${file.id}/view?usp=drivesdk`}, true),
      ('old-2', now() - interval '9 days', 'b.wav', 'https://drive.google.com/file/d/1abcdefghijklmnop/view', true)`;
  await verify();
  expect((await row("old-1")).driveVerifiedAt).not.toBeNull();
  expect(await row("old-2")).toMatchObject({
    recordingFlag: "not_seen_in_drive",
    googleDriveUrl: expect.stringContaining("1abcdefghijklmnop"),
  });
  expect(await attention()).toEqual([{ kind: "recording_not_seen_in_drive", subject: "old-2" }]);
  expect(world.pbx.counts.recording.total).toBe(0);
});

test("twins that the old system's retries left in Drive are named", async () => {
  const [uuid] = (await uploadedDay()) as [string];
  world.drive.addFile({ name: `${uuid}_20240115_103000.wav`, bytes: Buffer.from("RIFF....") });
  await verify();
  expect(await attention()).toEqual([{ kind: "recording_twin_in_drive", subject: uuid }]);
});

test("looks at the same time, and a file that is not found for a moment, make no second file", async () => {
  const [uuid] = (await uploadedDay()) as [string];
  const { driveFileId } = await row(uuid);
  world.drive.faults.add({ name: "notFound", on: "get", match: driveFileId, times: 2 });
  world.drive.searchLagMs = 60_000;
  await Promise.all([1, 2, 3].map(() => world.queue("verify_drive")));
  await world.settle({ hurry: true });
  expect(await world.sql`select from callcenter.call_events where event = 'lost_in_drive'`).toEqual([]);
  expect(await row(uuid)).toMatchObject({ driveFileId, googleDriveUrl: expect.stringContaining(driveFileId) });
  expect(world.drive.twins()).toEqual([]);
});

test("looks at the same time see the same", async () => {
  await uploadedDay();
  await world.sql`
    update "CallCenterRecord" set "driveVerifiedAt" = now() - interval '3 days'`;
  world.drive.latencyMs = 20;
  await Promise.all([1, 2, 3].map(() => world.queue("verify_drive")));
  await world.settle({ hurry: true });
  const seen = world.logs.filter(({ message }) => message === "Drive verified");
  expect(seen.map(({ context }) => context?.lost)).toEqual([0, 0, 0]);
  expect(world.drive.requests.count("get")).toBe(0);
});

/** Recordings that lie in a folder of Drive as they were uploaded. Returns the ids of their files, in the order of their uuids. */
async function archived(count: number, folderId: string) {
  const files = Array.from({ length: count }, (_, nth) => {
    const uuid = `old-${String(nth).padStart(5, "0")}`;
    const { id } = world.drive.addFile({
      name: `${uuid}.mp3`,
      parents: [folderId],
      appProperties: { uuid },
      bytes: Buffer.from("ID3"),
    });
    return { uuid, id };
  });
  const md5 = world.drive.files.at(-1)?.md5 ?? null;
  await world.sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath", "uploadedPath", "googleDriveUrl", "driveFileId", "driveMd5", "driveSizeBytes")
    select uuid, now() - interval '9 days', uuid, uuid, 'https://drive.google.com/file/d/' || id || '/view', id, ${md5}, 3
      from jsonb_to_recordset(${world.sql.json(files)}) as f (uuid text, id text)`;
  return files.map(({ id }) => id);
}

const verified = () => world.logs.find(({ message }) => message === "Drive verified")?.context;

test("a folder that is used no longer is listed, its files are not asked for one by one", async () => {
  world = await openWorld();
  const ids = await archived(150, world.drive.addFolder("before", world.drive.driveId ?? "root").id);
  world.drive.remove(ids[140]!);
  await verify();
  expect(verified()).toMatchObject({ verified: 149, lost: 1 });
  expect(world.drive.requests.count("list")).toBe(2);
  // The first hundred, and then the lost one: by the look with patience, and by the upload.
  expect(world.drive.requests.count("get")).toBeLessThan(120);
  expect(await world.sql`select uuid from callcenter.call_events where event = 'lost_in_drive'`).toEqual([
    { uuid: "old-00140" },
  ]);
});

test("a folder is not listed again because much of it lies in the trash", async () => {
  world = await openWorld();
  const ids = await archived(30, world.drive.folderId);
  for (const id of ids.slice(0, 12)) world.drive.trash(id);
  await verify();
  expect(verified()).toMatchObject({ files: 30, verified: 18, lost: 12 });
  expect(world.drive.requests.count("list")).toBe(1);
});

test("a look that a deploy cuts short goes on where it was", async () => {
  world = await openWorld();
  const ids = await archived(1_100, world.drive.folderId);
  world.drive.trash(ids[0]!);
  world.drive.trash(ids[1_050]!);
  const stall = world.drive.faults.add({ name: "stall", on: "get", match: ids[1_050]!, times: "always" });
  await world.queue("verify_drive");
  await expect.poll(() => stall.hits).toBe(1);
  await world.stop();
  world.drive.faults.clear();
  world.drive.requests.clear();
  await world.start();
  await world.settle({ hurry: true });
  expect(verified()).toMatchObject({ files: 1_100, verified: 1_098, restored: 0, lost: 2, unseen: 0, twins: 0 });
  expect(world.drive.requests.count("list")).toBe(0);
  const lost = await world.sql`select uuid from callcenter.call_events where event = 'lost_in_drive' order by uuid`;
  expect(lost).toEqual([{ uuid: "old-00000" }, { uuid: "old-01050" }]);
});
