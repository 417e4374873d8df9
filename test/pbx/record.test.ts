import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Call } from "../../src/call.ts";
import { type Day, windowOf } from "../../src/day.ts";
import type { Answer } from "../../src/pbx/dialect.ts";
import { dialectOf } from "../../src/pbx/dialects.ts";
import { oneposV2 } from "../../src/pbx/onepos_v2.ts";
import { readRecord } from "../../src/pbx/record.ts";
import { seed } from "../../src/pbx/seed.ts";
import { timeReader } from "../../src/pbx/times.ts";
import { uuidV1 } from "../fakes/calls.ts";
import { seededRandom } from "../fakes/pbx_random.ts";
import { ZONE } from "./pair.ts";

const capture = (name: string): Answer =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));

const readTime = timeReader(ZONE);
const reader = (day: Day, dialect = seed) => ({ dialect, window: windowOf(day, ZONE), readTime });
const readSeed = (record: unknown, day: Day = "2024-01-15") => readRecord(record, reader(day));

const GOOD = { uuid: "a1", start_time: "2024-01-15T10:30:00+07:00", duration: 5, billsec: 3 };
const callOf = (patch: object): Call => {
  const { call, refused } = readSeed({ ...GOOD, ...patch });
  if (!call) throw new Error(refused?.reason);
  return call;
};
const reasonOf = (record: unknown) => readSeed(record).refused?.reason;

describe("each dialect's capture", () => {
  test("seed", () => {
    const answer = capture("seed");
    expect(dialectOf(answer)).toBe(seed);
    const { records, total } = seed.page(answer);
    expect(total).toBe(2);
    const [answered, missed] = records.map((record) => readSeed(record).call);
    expect(answered).toEqual({
      uuid: "abc123-def456-ghi789",
      callerId: "0901234567",
      callerName: "Nguyen Van A",
      destination: "1900123456",
      direction: "inbound",
      durationSeconds: 120,
      billSeconds: 115,
      startedAt: new Date("2024-01-15T03:30:00Z"),
      answeredAt: new Date("2024-01-15T03:30:05Z"),
      endedAt: new Date("2024-01-15T03:32:00Z"),
      disposition: "ANSWERED",
      recordingPath: "2024/01/15/abc123-def456-ghi789.wav",
      raw: records[0],
    });
    expect(missed).toMatchObject({ callerName: null, answeredAt: null, disposition: "NO ANSWER", recordingPath: null });
  });

  test("onepos-v2", () => {
    const answer = capture("onepos_v2");
    expect(dialectOf(answer)).toBe(oneposV2);
    const { records, total } = oneposV2.page(answer);
    expect(total).toBeNull();
    const calls = records.map((record) => readRecord(record, reader("2025-09-11", oneposV2)).call);
    expect(calls[0]).toMatchObject({
      uuid: "b26166ea-8eb8-11f0-8d0f-e3cd36bb494f",
      callerId: "1012",
      callerName: null,
      destination: "0901234567",
      direction: "outbound",
      durationSeconds: 35,
      billSeconds: 25,
      startedAt: new Date("2025-09-11T02:40:36Z"),
      answeredAt: new Date("2025-09-11T02:40:46Z"),
      endedAt: new Date("2025-09-11T02:41:11Z"),
      disposition: "ANSWERED",
      recordingPath: "/tazaspa102019/archive/2025/Sep/11/b26166ea-8eb8-11f0-8d0f-e3cd36bb494f.mp3",
    });
    expect(calls.slice(1)).toMatchObject([
      { answeredAt: null, disposition: "NO ANSWER", recordingPath: null },
      { answeredAt: null, disposition: "NO ANSWER", recordingPath: null },
    ]);
    expect(oneposV2.page({ status: "success", data: "" }).records).toEqual([]);
  });

  test("onepos-v2 asks for a day by naive local times, both ends included", () => {
    const span = { day: "2025-09-11", fromSecond: 0, toSecond: 86_399 } as const;
    expect(oneposV2.query({ span, offset: 400, limit: 200 })).toEqual({
      from: "2025-09-11 00:00:00",
      to: "2025-09-11 23:59:59",
      limit: "200",
      offset: "400",
    });
  });
});

describe("readRecord()", () => {
  test("reads numbers that are strings, and texts that are numbers", () => {
    const call = callOf({ duration: "120", billsec: " 114.6 ", caller_id: 84901234567, uuid: 42 });
    expect(call).toMatchObject({ durationSeconds: 120, billSeconds: 115, callerId: "84901234567", uuid: "42" });
  });

  test.each([null, "", "null", "0", undefined, false])("takes %j as absent everywhere", (absent) => {
    const values = { caller_id: absent, caller_name: absent, duration: absent, answer_time: absent };
    const call = callOf({ ...values, recording_path: absent, disposition: absent });
    const nothing = { callerId: null, callerName: null, answeredAt: null, recordingPath: null, disposition: null };
    expect(call).toMatchObject({ ...nothing, durationSeconds: 0 });
  });

  test.each([
    ["ANSWER", "ANSWERED"],
    ["answered", "ANSWERED"],
    ["NO_ANSWER", "NO ANSWER"],
    ["no answer", "NO ANSWER"],
    ["CANCELED", "NO ANSWER"],
    ["CANCELLED", "NO ANSWER"],
    ["BUSY", "BUSY"],
    ["Call_Rejected", "CALL REJECTED"],
  ])("calls the disposition %j %j", (word, ours) => expect(callOf({ disposition: word }).disposition).toBe(ours));

  test("trims ids", () => expect(callOf({ uuid: " a1\t" }).uuid).toBe("a1"));

  test("takes out of every text what PostgreSQL refuses, in the raw record too", () => {
    const call = callOf({ caller_name: "Trần\u0000 \ud83d", deep: [{ "k\u0000": "\udc00x" }], ok: "👩‍⚕️" });
    expect(call.callerName).toBe("Trần \ufffd");
    expect(call.raw).toMatchObject({ caller_name: "Trần \ufffd", deep: [{ k: "\ufffdx" }], ok: "👩‍⚕️" });
  });

  test("leaves a clean record as it came, with keys that nobody knows", () => {
    const record = { ...GOOD, mos: 4.41, legs: [{ codec: "PCMA" }] };
    expect(readSeed(record).call?.raw).toBe(record);
  });

  test("cuts very long texts, within characters that take two places too", () => {
    const call = callOf({ caller_name: "😀".repeat(50_000), caller_id: `1${"9".repeat(5_000)}` });
    expect(call.callerName?.length).toBeLessThanOrEqual(256);
    expect(call.callerName?.isWellFormed()).toBe(true);
    expect(call.callerId).toHaveLength(256);
    expect(JSON.stringify(call.raw).length).toBeLessThan(25_000);
  });

  test("ends nesting that is deeper than a database takes", () => {
    let deep: unknown = "end";
    for (let level = 0; level < 5_000; level++) deep = [deep];
    expect(JSON.stringify(callOf({ deep }).raw).length).toBeLessThan(300);
  });

  test("refuses a record that cannot be stored, and says why", () => {
    expect(reasonOf(null)).toBe("It is no object");
    expect(reasonOf([])).toBe("It is no object");
    expect(reasonOf({ ...GOOD, uuid: " null " })).toBe("It has no uuid");
    expect(reasonOf({ ...GOOD, uuid: 2 ** 64 })).toBe("It has no uuid");
    expect(reasonOf({ ...GOOD, uuid: "x".repeat(300) })).toBe("Its uuid is longer than 256 characters");
    expect(reasonOf({ ...GOOD, start_time: "not a date" })).toBe('Its start "not a date" is no time');
    expect(reasonOf({ ...GOOD, answer_time: "soon" })).toBe('Its answer "soon" is no time');
    expect(reasonOf({ ...GOOD, end_time: 12 })).toBe("Its end 12 is no time");
    expect(reasonOf({ ...GOOD, duration: "long" })).toBe('Its duration "long" is no number of seconds');
    expect(reasonOf({ ...GOOD, billsec: 1e12 })).toBe("Its billsec 1000000000000 is no number of seconds");
    expect(reasonOf({ uuid: "a1" })).toBe("It has no start, answer or end, and no uuid that carries a time");
  });

  test("keeps a refused record under its uuid, or under an id made of its content", () => {
    const bad = { ...GOOD, start_time: "?" };
    expect(readSeed(bad).refused).toEqual({ uuid: "a1", reason: 'Its start "?" is no time', record: bad });
    const nameless = readSeed({ ...GOOD, uuid: "" }).refused;
    expect(nameless?.uuid).toMatch(/^no-uuid:[0-9a-f]{16}$/);
    expect(readSeed({ ...GOOD, uuid: "" }).id).toBe(nameless?.uuid);
    expect(readSeed({ ...GOOD, uuid: null }).id).not.toBe(nameless?.uuid);
  });

  test("keeps only the beginning of a refused record that is huge", () => {
    const { refused } = readSeed({ legs: Array.from({ length: 10_000 }, (_, index) => ({ index })) });
    expect(String(refused?.record).length).toBeLessThan(21_000);
  });

  test("places a call at its local start: 00:00:00 and 23:59:59 belong to the day, the next midnight does not", () => {
    const at = (start_time: string) => readSeed({ ...GOOD, start_time }).inside;
    expect(at("2024-01-15 00:00:00")).toBe(true);
    expect(at("2024-01-15 23:59:59")).toBe(true);
    expect(at("2024-01-14 23:59:59")).toBe(false);
    expect(at("2024-01-16 00:00:00")).toBe(false);
    expect(at("2024-01-14T17:00:00Z")).toBe(true);
  });

  test("places a call without a start by its answer, its end, or the time in its uuid", () => {
    const ms = Date.parse("2024-01-15T10:29:00+07:00");
    const uuid = uuidV1(ms, seededRandom(1));
    const none = { uuid, start_time: null };
    const placed = (patch: object) => readSeed({ ...none, ...patch }).call?.startedAt.toISOString();
    expect(placed({ answer_time: "2024-01-15T10:30:00+07:00", end_time: "2024-01-15T10:31:00+07:00" })).toBe(
      "2024-01-15T03:30:00.000Z",
    );
    expect(placed({ end_time: "2024-01-15T10:31:00+07:00" })).toBe("2024-01-15T03:31:00.000Z");
    expect(placed({})?.slice(0, 19)).toBe("2024-01-15T03:29:00");
  });

  test("takes of a naive start that comes twice, where the clock is set back, the one at which its uuid was made", () => {
    const [zone, day] = ["America/New_York", "2024-11-03" as const];
    const read = (startedAt: string) => {
      const uuid = uuidV1(Date.parse(startedAt), seededRandom(1));
      const record = { ...GOOD, uuid, start_time: "2024-11-03 01:30:00", end_time: "2024-11-03 01:40:00" };
      const { call } = readRecord(record, { dialect: seed, window: windowOf(day, zone), readTime: timeReader(zone) });
      return [call?.startedAt.toISOString(), call?.endedAt?.toISOString()];
    };
    expect(read("2024-11-03T05:30:00Z")).toEqual(["2024-11-03T05:30:00.000Z", "2024-11-03T05:40:00.000Z"]);
    expect(read("2024-11-03T06:30:00Z")).toEqual(["2024-11-03T06:30:00.000Z", "2024-11-03T06:40:00.000Z"]);
  });

  test("does not lose a call without a start that rang across midnight", () => {
    const uuid = uuidV1(Date.parse("2024-01-15T23:59:50+07:00"), seededRandom(1));
    const read = readSeed({ uuid, end_time: "2024-01-16T00:00:20+07:00" });
    expect(read.inside).toBe(true);
    expect(read.call?.startedAt.toISOString().slice(0, 19)).toBe("2024-01-15T16:59:50");
  });
});
