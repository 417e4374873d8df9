import { afterAll, beforeAll, expect, test } from "vitest";
import {
  endLook,
  findDriveCheck,
  noteChecked,
  noteFilesSeen,
  noteListed,
  openLook,
  requestDriveCheck,
} from "../../src/store/drive_check.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const BEGAN = new Date("2026-01-04T21:00:00Z");
const later = (hours: number) => new Date(BEGAN.getTime() + hours * 3_600_000);

test("a look that was cut short goes on where it was, within a day", async () => {
  const { sql } = database;
  expect(await openLook(sql, "job", BEGAN)).toEqual({ at: BEGAN, isListed: false, checkedTo: "" });
  await noteFilesSeen(sql, "job", 700);
  expect(await openLook(sql, "job", later(1))).toEqual({ at: BEGAN, isListed: false, checkedTo: "" });
  await noteFilesSeen(sql, "job", 900);
  await noteListed(sql, "job");
  await noteChecked(sql, "job", { last: "u500", verified: 499, restored: 2, lost: 1, unseen: 0 });
  expect(await openLook(sql, "job", later(2))).toEqual({ at: BEGAN, isListed: true, checkedTo: "u500" });
  await noteChecked(sql, "job", { last: "u900", verified: 400, restored: 0, lost: 0, unseen: 3 });
  expect(await endLook(sql, "job")).toEqual({ files: 900, verified: 899, restored: 2, lost: 1, unseen: 3 });
  expect(await openLook(sql, "job", later(25))).toEqual({ at: later(25), isListed: false, checkedTo: "" });
});

test("where a look stands is told by the newest one, and before the first by none", async () => {
  const { sql } = database;
  await sql`truncate callcenter.drive_looks`;
  const idle = { isUnderWay: false, lastError: null };
  expect(await findDriveCheck(sql)).toEqual({ ...idle, files: 0, beganAt: null, isComplete: false });
  await openLook(sql, "last week", BEGAN);
  await endLook(sql, "last week");
  await openLook(sql, "today", later(170));
  await noteFilesSeen(sql, "today", 1_000);
  await requestDriveCheck(sql);
  const standing = { isUnderWay: true, lastError: null, files: 1_000, beganAt: later(170), isComplete: false };
  expect(await findDriveCheck(sql)).toEqual(standing);
  await noteFilesSeen(sql, "today", 234);
  await endLook(sql, "today");
  expect(await findDriveCheck(sql)).toMatchObject({ files: 1_234, isComplete: true });
});

test("a look that was asked for while another ran is under way until it has ended itself", async () => {
  const { sql } = database;
  await sql`delete from graphile_worker._private_jobs`;
  await requestDriveCheck(sql);
  await sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'pool', attempts = 1`;
  expect(await requestDriveCheck(sql)).toBe(true);
  await sql`delete from graphile_worker._private_jobs where locked_at is not null`;
  expect(await findDriveCheck(sql)).toMatchObject({ isUnderWay: true, lastError: null });
  await sql`delete from graphile_worker._private_jobs`;
  expect(await findDriveCheck(sql)).toMatchObject({ isUnderWay: false });
});
