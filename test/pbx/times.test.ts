import { describe, expect, test } from "vitest";
import { timeReader } from "../../src/pbx/times.ts";

const read = (value: unknown, zone = "Asia/Ho_Chi_Minh") => {
  const time = timeReader(zone)(value);
  return time instanceof Date ? time.toISOString() : time;
};

describe("timeReader()", () => {
  test.each([
    ["2024-01-15T10:30:00+07:00", "2024-01-15T03:30:00.000Z"],
    ["2024-01-15T10:30:00.250+0700", "2024-01-15T03:30:00.250Z"],
    ["2024-01-15T10:30:00-05:30", "2024-01-15T16:00:00.000Z"],
    ["2024-01-15t03:30:00z", "2024-01-15T03:30:00.000Z"],
    ["2024-01-15 10:30:00 +07", "2024-01-15T03:30:00.000Z"],
    ["2024-02-29T10:30:00,9999Z", "2024-02-29T10:30:00.999Z"],
    [" 2024-01-15 10:30 ", "2024-01-15T03:30:00.000Z"],
  ])("reads the ISO time %j", (text, instant) => expect(read(text)).toBe(instant));

  test("reads a naive time in the zone", () => {
    expect(read("2024-01-15 00:00:00")).toBe("2024-01-14T17:00:00.000Z");
    expect(read("2024-01-15T23:59:59")).toBe("2024-01-15T16:59:59.000Z");
    expect(read("2024/07/01 12:00:00", "America/New_York")).toBe("2024-07-01T16:00:00.000Z");
    expect(read("2024-12-01 12:00:00", "America/New_York")).toBe("2024-12-01T17:00:00.000Z");
  });

  test("reads naive times around a change of the clock as the calendar has it", () => {
    const inNewYork = timeReader("America/New_York");
    const hours = ["01:59:59", "02:00:00", "02:59:59", "03:00:00"].map((clock) => inNewYork(`2024-03-10 ${clock}`));
    expect(hours.map((time) => time?.toISOString().slice(11, 19))).toEqual([
      "06:59:59",
      "07:00:00",
      "07:59:59",
      "07:00:00",
    ]);
    expect(inNewYork("2024-11-03 01:30:00")?.toISOString()).toBe("2024-11-03T05:30:00.000Z");
    const near = (time: string) => inNewYork("2024-11-03 01:30:00", new Date(time))?.toISOString();
    expect(near("2024-11-03T06:29:00Z")).toBe("2024-11-03T06:30:00.000Z");
    expect(near("2024-11-03T05:31:00Z")).toBe("2024-11-03T05:30:00.000Z");
    expect(inNewYork("2024-11-03 02:30:00", new Date("2024-11-03T05:31:00Z"))?.toISOString()).toBe(
      "2024-11-03T07:30:00.000Z",
    );
  });

  test.each([1757558436, "1757558436", 1757558436000, "1757558436000", "1757558436000000", "1757558436.0"])(
    "tells seconds, milliseconds and microseconds apart: %j",
    (value) => expect(read(value)).toBe("2025-09-11T02:40:36.000Z"),
  );

  test.each([null, undefined, "", "null", "NULL", "0", 0, "0000-00-00 00:00:00", " ", false])(
    "takes %j as absent",
    (value) => expect(read(value)).toBeNull(),
  );

  test.each([
    "not a date",
    "2024-02-30 10:00:00",
    "2023-02-29 10:00:00",
    "2024-13-15 10:00:00",
    "2024-00-15 10:00:00",
    "2024-01-15 24:30:00",
    "2024-01-15",
    20240115,
    "15/01/2024",
    {},
    true,
    -5,
  ])("takes %j as no time", (value) => expect(read(value)).toBeUndefined());
});
