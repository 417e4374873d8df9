import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../database.ts";
import { insertCalls } from "../http/rows.ts";
import { runInside } from "./inside.ts";
import { run } from "./run.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  const call = { startTime: "2024-01-14T10:00:00+07:00", callerId: "0901234567", destination: "19001234" };
  const recorded = { ...call, disposition: "ANSWERED", recordingPath: "2024/01/14/a.wav" };
  const error = 'Cannot download recording "2024/01/14/a.wav": the PBX answered 404';
  await insertCalls(database.sql, [
    { ...call, uuid: "unrecorded" },
    { ...recorded, uuid: "waiting", uploadErrorCode: "recording_not_ready", uploadError: error },
    { ...recorded, uuid: "given-up", uploadErrorCode: "recording_gone", uploadError: error, uploadRetryCount: 3 },
    { ...recorded, uuid: "in-drive", googleDriveUrl: "https://drive.test/a", driveVerifiedAt: new Date() },
  ]);
  await database.sql`
    insert into callcenter.call_events (uuid, event, code, message) values ('given-up', 'upload_failed', 'recording_gone', ${error})`;
});
afterAll(() => database.drop());

const ask = (...args: string[]) => runInside(["call", ...args], { environment: { DATABASE_URL: database.url } });

test("call says why a recording is not in Drive, what to do, and what happened so far", async () => {
  const { code, stdout } = await run(["call", "--uuid", "given-up"], { DATABASE_URL: database.url });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^● Its recording is not in Google Drive: it was given up\.\n {2}Cannot download recording/);
  expect(stdout).toMatch(/→ The PBX no longer has it\./);
  expect(stdout).toMatch(/call +0901234567 → 19001234\n {2}began +2024-01-14 10:00\n/);
  expect(stdout).toMatch(/Its recording's way\n {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}upload failed: Cannot download/);
});

test("call tells one that waits from one that is in Drive and one that never was recorded", async () => {
  expect((await ask("--uuid", "waiting")).stdout).toMatch(
    /not in Google Drive yet\.\n.*answered 404\n {2}→ Nothing to do/s,
  );
  const inDrive = (await ask("--uuid", "in-drive")).stdout;
  expect(inDrive).toMatch(/^● Its recording is in Google Drive\.\n {2}Size and MD5 agreed on /);
  expect(inDrive).toContain("https://drive.test/a");
  expect((await ask("--uuid", "unrecorded")).stdout).toMatch(/^● The PBX named no recording for this call\.\n/);
});

test("call --json has the row, its hint and its events", async () => {
  const { stdout } = await ask("--uuid", "given-up", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    uuid: "given-up",
    upload: "failed",
    hint: expect.stringContaining("no longer has it"),
    events: [{ event: "upload_failed", code: "recording_gone" }],
  });
});

test("call wants a uuid, and one that is known", async () => {
  expect((await ask()).code).toBe(2);
  const unknown = await ask("--uuid", "nobody");
  expect([unknown.code, unknown.stderr]).toEqual([
    1,
    expect.stringContaining("There is no call with the uuid nobody."),
  ]);
});
