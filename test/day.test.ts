import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addDays,
  countDays,
  type Day,
  dayOf,
  daysBetween,
  fileStamp,
  instantOfLocal,
  isDay,
  isoInZone,
  isZone,
  localTime,
  windowOf,
} from "../src/day.ts";

const HCM = "Asia/Ho_Chi_Minh";

test("isDay() takes real calendar days alone", () => {
  expect(isDay("2024-02-29")).toBe(true);
  for (const bad of ["2023-02-29", "2024-13-01", "0000-00-00", "2024-1-1", "2024-01-01T00:00", "", null, 20240101])
    expect(isDay(bad)).toBe(false);
});

test("a day belongs to its zone, not to UTC", () => {
  expect(dayOf(new Date("2024-01-14T17:00:00Z"), HCM)).toBe("2024-01-15");
  expect(dayOf(new Date("2024-01-14T16:59:59.999Z"), HCM)).toBe("2024-01-14");
  expect(windowOf("2024-01-15", HCM)).toEqual({
    from: new Date("2024-01-14T17:00:00Z"),
    to: new Date("2024-01-15T17:00:00Z"),
  });
});

test("days are 23 and 25 hours long where the clock changes", () => {
  const hours = (day: Day) => {
    const { from, to } = windowOf(day, "America/New_York");
    return (to.getTime() - from.getTime()) / 3_600_000;
  };
  expect([hours("2026-03-08"), hours("2026-11-01"), hours("2026-07-01")]).toEqual([23, 25, 24]);
});

test("every instant lies in the window of its day, in any zone", () => {
  const zones = fc.constantFrom(HCM, "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Europe/Berlin", "UTC");
  const instants = fc.date({ min: new Date("2000-01-01"), max: new Date("2040-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(instants, zones, (instant, zone) => {
      const { from, to } = windowOf(dayOf(instant, zone), zone);
      expect(from <= instant && instant < to).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("naive local times are read in the zone; what is no time is none", () => {
  expect(instantOfLocal("2024-01-15 10:30:00", HCM)).toEqual(new Date("2024-01-15T03:30:00Z"));
  expect(instantOfLocal("2024-01-15T10:30", HCM)).toEqual(new Date("2024-01-15T03:30:00Z"));
  for (const bad of ["0000-00-00 00:00:00", "2024-02-30 10:00:00", "yesterday", ""])
    expect(instantOfLocal(bad, HCM)).toBeUndefined();
});

test("instants are written for PBX, file names and logs in the zone", () => {
  const instant = new Date("2024-01-15T03:30:05.250Z");
  expect(localTime(instant, HCM)).toBe("2024-01-15 10:30:05");
  expect(fileStamp(instant, HCM)).toBe("20240115_103005");
  expect(isoInZone(instant, HCM)).toBe("2024-01-15T10:30:05.250+07:00");
});

test("days are counted and listed with both ends", () => {
  expect(daysBetween("2024-02-27", "2024-03-01")).toEqual(["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"]);
  expect(daysBetween("2024-03-01", "2024-02-27")).toEqual([]);
  expect(countDays("2024-02-27", "2024-03-01")).toBe(4);
  expect(addDays("2024-03-01", -1)).toBe("2024-02-29");
});

test("isZone() knows the IANA names", () => {
  expect([isZone(HCM), isZone("UTC"), isZone("Mars/Olympus"), isZone("")]).toEqual([true, true, false, false]);
  expect(["+07:00", "-07:00", "+07", "-0700"].map(isZone)).toEqual([false, false, false, false]);
});
