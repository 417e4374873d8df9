import { afterAll, beforeAll, expect, test } from "vitest";
import { normalPhone, timeOfUuid } from "../src/call.ts";
import { createDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test("timeOfUuid() reads the time inside a version-1 UUID, and none in others", () => {
  expect(timeOfUuid("c232ab00-9414-11ec-b3c8-9f6bdeced846")).toEqual(new Date("2022-02-22T19:22:22Z"));
  expect(timeOfUuid("ffffffff-ffff-1fff-8000-0242ac120002")).toEqual(new Date("5236-03-31T21:21:00.684Z"));
  expect(timeOfUuid("f47ac10b-58cc-4372-a567-0e02b2c3d479")).toBeUndefined();
  expect(timeOfUuid("abc123-def456-ghi789")).toBeUndefined();
});

test("a phone number has one spelling, in TypeScript and in SQL alike", async () => {
  const spellings = [
    "0901234567",
    "84901234567",
    "+84 90 123 45 67",
    "0084-901-234-567",
    "+84 (0)901 234 567",
    "(090) 123.4567",
  ];
  for (const spelling of spellings) expect(normalPhone(spelling)).toBe("0901234567");
  for (const text of [...spellings, "1900123456", "101", "84", "anonymous", ""]) {
    const [row] = await database.sql`select callcenter.normal_phone(${text}) as phone`;
    expect(row?.phone).toBe(normalPhone(text));
  }
});
