import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseTime, uploadsQueuedSince } from "../../src/store/work_progress.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test("uploads that ended before anybody looked are told, however they ended", async () => {
  const { sql } = database;
  await sql`insert into callcenter.call_events (uuid, event, at) values ('before', 'uploaded', now() - interval '1 minute')`;
  const since = await databaseTime(sql);
  await sql`
    insert into callcenter.call_events (uuid, event) values
      ('uploaded', 'uploaded'), ('failed', 'upload_failed'), ('found again', 'link_restored'), ('changed', 'changed')`;
  expect((await uploadsQueuedSince(sql, since)).sort()).toEqual(["failed", "found again", "uploaded"]);
});
