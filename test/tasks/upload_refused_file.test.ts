import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

const DAY = addDays(TODAY, -3);
const openCircuits = () => world.sql`select neighbour, code from callcenter.circuits where state = 'open'`;

/** A day whose recordings are in Drive, as far as Drive knows: their links are lost, and they are uploaded again. */
async function uploadedDay(recordings: number, environment: Record<string, string> = {}) {
  const recorded = callsOf(DAY, 10 * recordings + 20).filter(({ recording }) => recording);
  world = await openWorld({ pbx: { calls: recorded.slice(0, recordings) }, environment });
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle();
  await world.sql`update "CallCenterRecord" set "googleDriveUrl" = null`;
}

async function round() {
  await world.queue("retry_uploads");
  await world.settle({ hurry: true });
}

test("a file that we may not take out of the trash uses up its recording's own rounds and holds nobody up", async () => {
  await uploadedDay(6);
  const [locked] = world.drive.files;
  world.drive.trash(locked!.id);
  world.drive.makeReadOnly(locked!.id);
  for (const _round of [1, 2, 3]) {
    await round();
    expect(await openCircuits()).toEqual([]);
  }
  const waiting = await world.sql`
    select "driveFileId" as id, "uploadErrorCode" as code, "uploadRetryCount" as rounds
      from "CallCenterRecord" where "recordingPath" is not null and "googleDriveUrl" is null`;
  expect(waiting).toEqual([{ id: locked!.id, code: "drive_file_forbidden", rounds: 3 }]);
  expect(await world.sql`select kind, hint from callcenter.attention`).toMatchObject([
    { kind: "recording_given_up", hint: expect.stringContaining("Content manager") },
  ]);
});

test("a file that lies in the trash with its old folder is moved to the folder that took its place", async () => {
  await uploadedDay(1, { GOOGLE_DRIVE_FOLDER_LAYOUT: "{YYYY}" });
  const [{ folder_id: oldFolder } = {}] = await world.sql`select folder_id from callcenter.folders`;
  world.drive.trash(oldFolder);
  await world.queue("retry_uploads");
  await world.settle();
  await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
  await world.settle({ hurry: true });
  const [{ folder_id: folder } = {}] = await world.sql`select folder_id from callcenter.folders`;
  expect(folder).not.toBe(oldFolder);
  expect(world.drive.files).toMatchObject([{ parents: [folder], trashed: false }]);
  const [call] =
    await world.sql`select "googleDriveUrl" as url from "CallCenterRecord" where "recordingPath" is not null`;
  expect(call?.url).toContain("http");
  expect(await openCircuits()).toEqual([]);
});
