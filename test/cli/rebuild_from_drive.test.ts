import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { createDrive } from "../../src/drive/drive.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";
import { environmentOf } from "./environment.ts";
import { runInside } from "./inside.ts";
import { run, widthOf } from "./run.ts";

let world: World;
afterEach(() => world.close());

const DAY = addDays(TODAY, -3);
const LINKS = `"uuid", "googleDriveUrl", "driveFileId", "driveSizeBytes", "driveMd5", "driveMimeType", "uploadedPath"`;
const links = () =>
  world.sql.unsafe(`select ${LINKS} from "CallCenterRecord" where "recordingPath" is not null order by 1`);

/** A day that lies in Drive; what its rows say of their links. */
async function archivedDay() {
  world = await openWorld({ pbx: { calls: callsOf(DAY, 12) } });
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle();
  const before = [...(await links())];
  expect(before.length).toBeGreaterThan(3);
  return before;
}

const dropLinks = (where = "true") =>
  world.sql.unsafe(`update "CallCenterRecord" set "googleDriveUrl" = null, "driveFileId" = null, "driveSizeBytes" = null,
    "driveMd5" = null, "driveMimeType" = null, "driveVerifiedAt" = null, "uploadedPath" = null where ${where}`);

const rebuild = (...more: string[]) => run(["rebuild-from-drive", ...more], environmentOf(world));

test("rebuild-from-drive gives every call its link back, and a second run finds nothing to do", async () => {
  const before = await archivedDay();
  await dropLinks();
  const { code, stdout } = await rebuild();
  expect(stdout).toMatch(new RegExp(`^${before.length} recordings got their link back.\n`));
  expect(await links()).toEqual(before);
  const [proof] = await world.sql`
    select count(*)::int as proved from "CallCenterRecord" where "driveVerifiedAt" > now() - interval '1 minute'`;
  expect([code, proof?.proved, widthOf(stdout) <= 100]).toEqual([0, before.length, true]);
  const again = await rebuild("--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ restored: 0, created: 0, kept: before.length });
  expect(world.drive.files).toHaveLength(before.length);
});

test("rebuild-from-drive --dry-run says what would be restored, and changes no call", async () => {
  const before = await archivedDay();
  const gone = before[0]!.uuid;
  await dropLinks(`"uuid" = '${gone}'`);
  await world.sql`delete from "CallCenterRecord" where "uuid" = ${before[1]!.uuid}`;
  const { code, stdout } = await rebuild("--dry-run", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, restored: 1, created: 1, kept: before.length - 2 });
  const [left] = await world.sql`select "googleDriveUrl" from "CallCenterRecord" where "uuid" = ${gone}`;
  expect([code, left?.googleDriveUrl]).toEqual([0, null]);
  expect(await links()).toHaveLength(before.length - 1);
});

test("rebuild-from-drive never touches a link that is there", async () => {
  const [first] = await archivedDay();
  const uuid = first!.uuid;
  const url = "https://drive.google.com/file/d/another-file/view";
  await world.sql`update "CallCenterRecord" set "googleDriveUrl" = ${url} where "uuid" = ${uuid}`;
  await rebuild();
  const [row] = await world.sql`select "googleDriveUrl" from "CallCenterRecord" where "uuid" = ${uuid}`;
  expect(row?.googleDriveUrl).toBe(url);
});

test("rebuild-from-drive makes a row for a call that the table lacks, which a sync completes without another upload", async () => {
  const before = await archivedDay();
  const calls = [...(await world.sql`select * from "CallCenterRecord" order by "uuid"`)];
  await world.stop();
  await world.sql`truncate "CallCenterRecord"`;
  const { stdout } = await rebuild();
  expect(stdout).toContain(`callcenter-sync sync --from ${DAY} --to ${DAY}`);
  expect(await world.sql`select "uuid" from "CallCenterRecord" where "googleDriveUrl" is not null`).toHaveLength(
    before.length,
  );
  await world.start();
  const synced = await run(["sync", "--from", DAY, "--wait"], environmentOf(world));
  expect(synced.code).toBe(0);
  const restored = await world.sql`select * from "CallCenterRecord" order by "uuid"`;
  const essence = (row: Record<string, unknown>) => [row.uuid, row.startTime, row.recordingPath, row.googleDriveUrl];
  expect(restored.map(essence)).toEqual(calls.map(essence));
  expect(world.drive.files).toHaveLength(before.length);
  expect(await world.sql`select day from callcenter.days where not complete and day = ${DAY}`).toEqual([]);
});

test("rebuild-from-drive knows the old system's files by their names, and tells twins and strangers", async () => {
  world = await openWorld({ idle: true });
  const bytes = Buffer.from("RIFF, more or less");
  world.drive.addFile({ name: " old-1 _20240115_103000.wav", bytes });
  world.drive.addFile({ name: "old-2_20240115_113000.mp3", bytes });
  const larger = world.drive.addFile({
    name: "old-2_20240115_113000.mp3",
    bytes: Buffer.from("the whole recording, and larger"),
  });
  world.drive.addFile({ name: "budget\u202e.xlsx", bytes });
  world.drive.addFile({ name: "old-3_20240115_123000.wav", bytes: Buffer.alloc(0) });
  await world.sql`insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath") values ('old-2', now(), 'x.mp3')`;
  const { stdout } = await rebuild("--json");
  expect(JSON.parse(stdout)).toMatchObject({
    files: 5,
    recordings: 2,
    restored: 1,
    created: 1,
    createdDays: { from: "2024-01-15", to: "2024-01-15" },
    empty: 1,
    twins: { count: 1, first: [{ uuid: "old-2", fileIds: expect.arrayContaining([larger.id]) }] },
    unknown: { count: 1, first: ["budget.xlsx"] },
  });
  const rows = await world.sql`
    select "uuid", "startTime", "driveFileId", "driveMimeType" from "CallCenterRecord" order by "uuid"`;
  expect(rows).toMatchObject([
    { uuid: "old-1", startTime: new Date("2024-01-15T03:30:00Z"), driveMimeType: "audio/wav" },
    { uuid: "old-2", driveFileId: larger.id, driveMimeType: "audio/mpeg" },
  ]);
});

test("rebuild-from-drive restores what a look took for lost, and its flag is gone", async () => {
  const [first] = await archivedDay();
  const uuid = first!.uuid;
  await world.sql`
    update "CallCenterRecord" set "googleDriveUrl" = null, "driveVerifiedAt" = null, "recordingFlag" = 'altered_in_drive',
      "recordingFlagNote" = 'Its file in Drive was trashed.', "recordingFlaggedAt" = now() where "uuid" = ${uuid}`;
  const told = await rebuild("--json");
  expect(JSON.parse(told.stdout)).toMatchObject({ restored: 1, altered: 0 });
  const [row] = await world.sql`select * from "CallCenterRecord" where "uuid" = ${uuid}`;
  expect(row).toMatchObject({
    googleDriveUrl: first!.googleDriveUrl,
    recordingFlag: null,
    recordingFlagNote: null,
    recordingFlaggedAt: null,
  });
});

test("rebuild-from-drive does not take a lost recording's file for the other one that the PBX has by now", async () => {
  const [first] = await archivedDay();
  await world.stop();
  await world.sql`
    update "CallCenterRecord" set "googleDriveUrl" = null, "recordingPath" = 'another.mp3' where "uuid" = ${first!.uuid}`;
  const told = await rebuild("--json");
  expect(JSON.parse(told.stdout)).toMatchObject({ restored: 0, altered: 1 });
});

test("rebuild-from-drive does not restore a file that was altered", async () => {
  const [first] = await archivedDay();
  await world.stop();
  world.drive.alter(first!.driveFileId, Buffer.from("something else"));
  await world.sql`update "CallCenterRecord" set "googleDriveUrl" = null where "uuid" = ${first!.uuid}`;
  const told = await rebuild("--json");
  expect(JSON.parse(told.stdout)).toMatchObject({ restored: 0, altered: 1 });
});

test.each([
  ["that holds other bytes than the PBX sent", { alter: true }],
  ["of a recording that the PBX has replaced since", { alter: false }],
])("rebuild-from-drive leaves a reserved file that was never compared, %s, to the upload", async (_what, { alter }) => {
  const call = callsOf(DAY, 12).find(({ recording }) => recording)!;
  world = await openWorld({ pbx: { calls: [call] } });
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle();
  await world.stop();
  const [file] = world.drive.files;
  // As where the answer to the upload never came.
  await world.sql`
    update "CallCenterRecord" set "googleDriveUrl" = null, "driveSizeBytes" = null, "driveMd5" = null, "driveVerifiedAt" = null, "uploadedPath" = null`;
  if (alter) world.drive.alter(file!.id, Buffer.from("RIFF, and something else"));
  else {
    const path = "archive/corrected.mp3";
    world.pbx.calls.change(call.uuid, { recording: { ...call.recording!, seconds: 9, path } });
    await world.sql`update "CallCenterRecord" set "recordingPath" = ${path}`;
  }
  expect(JSON.parse((await rebuild("--dry-run", "--json")).stdout)).toMatchObject({ restored: 0, unverified: 1 });
  expect(await world.sql`select key from graphile_worker.jobs`).toEqual([]);
  expect(JSON.parse((await rebuild("--json")).stdout)).toMatchObject({ restored: 0, altered: 0, unverified: 1 });
  await world.start();
  await world.settle({ hurry: true });
  const md5 = world.pbx.expectedRecording(call.uuid)?.md5;
  expect(world.drive.files).toMatchObject([{ id: file!.id, md5 }]);
  expect(await links()).toMatchObject([{ driveFileId: file!.id, driveMd5: md5, googleDriveUrl: expect.anything() }]);
});

test.each([
  [
    { GOOGLE_DRIVE_CREDENTIALS_JSON: "", GOOGLE_DRIVE_CREDENTIALS_PATH: "/nowhere/credentials.json" },
    /no readable file/,
  ],
  [{ GOOGLE_DRIVE_FOLDER_ID: "no-such-folder" }, /Check GOOGLE_DRIVE_FOLDER_ID/],
])("rebuild-from-drive with %j ends with exit code 78, and doctor does so too", async (wrong, reason) => {
  world = await openWorld({ idle: true });
  const environment = { ...environmentOf(world), ...wrong };
  const rebuilt = await run(["rebuild-from-drive"], environment);
  expect([rebuilt.code, rebuilt.stdout]).toEqual([78, ""]);
  expect(rebuilt.stderr).toMatch(reason);
  expect((await run(["doctor"], environment)).code).toBe(78);
});

test("rebuild-from-drive says with exit code 69 that Google does not answer, and what it would need where it is disabled", async () => {
  world = await openWorld({ idle: true });
  await world.drive.setDown(true);
  const { folderId } = world.drive;
  const down = await runInside(["rebuild-from-drive"], {
    environment: environmentOf(world),
    drive: async (config, log) =>
      createDrive(
        {
          credentials: world.drive.serviceAccountCredentials(),
          folderId,
          rootUrl: config.GOOGLE_API_ROOT_URL,
          tokenUrl: config.GOOGLE_OAUTH_TOKEN_URL,
          retryDelaysMs: [],
        },
        log,
      ),
  });
  expect([down.code, down.stdout]).toEqual([69, ""]);
  expect(down.stderr).toMatch(/Cannot list files in Google Drive.*\nCheck the way to Google/s);
  const off = await runInside(["rebuild-from-drive"], { environment: environmentOf(world), drive: async () => null });
  expect([off.code, off.stderr]).toEqual([78, expect.stringContaining("Google Drive is disabled")]);
});
