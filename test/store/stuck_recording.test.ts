import { afterAll, beforeAll, expect, test } from "vitest";
import { reportSuccess } from "../../src/store/circuits.ts";
import { failUpload } from "../../src/store/recordings.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test("a recording that the PBX answers with an error for ever needs a person once others got through, and in an outage nobody", async () => {
  const { sql } = database;
  await sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath", "createdAt", "updatedAt")
    values ('a', now() - interval '3 days', 'a.wav', now() - interval '2 days', now() - interval '2 days')`;
  const fail = () =>
    failUpload(sql, "a", {
      code: "recordings_server_error",
      message: "The PBX answered 500",
      round: false,
      counts: false,
      giveUp: false,
    });
  const stuck = () => sql`select subject, reason from callcenter.attention where kind = 'recording_stuck'`;
  await reportSuccess(sql, ["pbx_recordings"]);
  await fail();
  await fail();
  expect(await stuck()).toEqual([]);
  await sql`update callcenter.circuits set last_success_at = null`;
  await reportSuccess(sql, ["pbx_recordings"]);
  await fail();
  expect(await stuck()).toEqual([{ subject: "a", reason: "The PBX answered 500" }]);
  const [row] = await sql`select "uploadRetryCount" as rounds from "CallCenterRecord"`;
  expect(row?.rounds).toBe(0);
});
