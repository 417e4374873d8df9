import { readdir } from "node:fs/promises";
import fc from "fast-check";
import type { ParsedCronItem } from "graphile-worker";
import { describe, expect, it } from "vitest";
import { jobs } from "../../src/jobs.ts";
import { digestOf, instantOf } from "../../src/worker/business_time.ts";
import { nextRuns, parseSchedule, readSchedule, type ScheduleOptions } from "../../src/worker/crontab.ts";

const MINUTE = 60_000;
const now = () => new Date("2026-11-24T00:00:00Z");
const only = (line: string, options: Partial<ScheduleOptions> = {}): ParsedCronItem =>
  parseSchedule(line, { zone: "UTC", now, ...options })[0]!;

/** The instants at which a line runs, from one up to the other. */
function runs(item: ParsedCronItem, from: string, to: string): string[] {
  const found: string[] = [];
  for (let time = Date.parse(from); time < Date.parse(to); time += MINUTE) {
    if (item.match(digestOf(time))) found.push(new Date(time).toISOString().replace(":00.000Z", "Z"));
  }
  return found;
}

describe("the crontab file", () => {
  const file = new URL("../../crontab", import.meta.url);

  it("schedules every task that is done by the clock", async () => {
    const items = await readSchedule(file, { zone: "Asia/Ho_Chi_Minh", now });
    const scheduled = ["daily_sync", "missing_check", "prune", "retry_syncs", "retry_uploads"];
    expect(items.map(({ task }) => task).sort()).toEqual([...scheduled, "verify_drive"]);
    expect(Object.keys(jobs)).toEqual(expect.arrayContaining(scheduled));
  });

  it("reads its hours in the business's zone", async () => {
    const items = await readSchedule(file, { zone: "Asia/Ho_Chi_Minh", now });
    const first = Object.fromEntries(items.map((item) => [item.task, nextRuns(item, now(), 1)[0]?.toISOString()]));
    expect(first).toMatchObject({
      daily_sync: "2026-11-24T19:00:00.000Z",
      missing_check: "2026-11-24T20:00:00.000Z",
      verify_drive: "2026-11-28T21:00:00.000Z",
      retry_syncs: "2026-11-24T00:15:00.000Z",
    });
  });

  it("makes up nights that were missed, each as a job of its own", async () => {
    const items = await readSchedule(file, { zone: "Asia/Ho_Chi_Minh", now });
    const { options } = items.find(({ task }) => task === "daily_sync")!;
    expect(options.backfillPeriod).toBe(7 * 24 * 60 * MINUTE);
    expect(options.jobKey).toBeUndefined();
  });

  it("must be there", async () => {
    await expect(readSchedule(new URL("nowhere", file), { zone: "UTC" })).rejects.toThrow("Cannot read the schedule");
  });
});

describe("parseSchedule()", () => {
  it.each([
    ["# two lines\n\n99 2 * * * daily_sync", "crontab, line 3: Too large value '99' in minutes range"],
    ["0 2 * * MON daily_sync", "crontab, line 1: expected: minute hour day month weekday task"],
    ["0 2 * * * dayly_sync", "crontab, line 1: there is no task 'dayly_sync'"],
    ["0 2 * * * daily_sync ?fil=7d", "crontab, line 1: Options contains unsupported key 'fil'"],
    ["0 2 * * * daily_sync {", "crontab, line 1: Invalid command specification."],
    ["0 3 * * * missing_check {daysBack: 0}", "crontab, line 1: bad payload for missing_check: daysBack"],
    ["0 2 * * * daily_sync\n0 5 * * * daily_sync", "crontab, line 2: 'daily_sync' is on an earlier line already"],
  ])("refuses %j and names the line", (text, message) => {
    expect(() => parseSchedule(text, { zone: "UTC" })).toThrow(message);
  });

  it("lets two lines of one task stand when their ids differ", () => {
    expect(parseSchedule("0 2 * * * daily_sync\n0 5 * * * daily_sync ?id=again", { zone: "UTC" })).toHaveLength(2);
  });

  it("lets the environment override hours and minutes", () => {
    const options = { zone: "Asia/Ho_Chi_Minh", dailySyncHour: 1, dailySyncMinute: 30, missingCheckHour: 5 };
    const [sync, check, other] = parseSchedule("0 2 * * * daily_sync\n7 3 * * * missing_check\n0 4 * * * prune", {
      ...options,
      now,
    });
    expect(runs(sync!, "2026-11-24T00:00Z", "2026-11-25T00:00Z")).toEqual(["2026-11-24T18:30Z"]);
    expect(runs(check!, "2026-11-24T00:00Z", "2026-11-25T00:00Z")).toEqual(["2026-11-24T22:07Z"]);
    expect(runs(other!, "2026-11-24T00:00Z", "2026-11-25T00:00Z")).toEqual(["2026-11-24T21:00Z"]);
  });

  it.each([1, 7, 15, 45, 90, 1000])("runs retries every %i minutes, whatever the file says", (retryIntervalMinutes) => {
    const item = only("*/15 * * * * retry_syncs", { retryIntervalMinutes, zone: "Asia/Kathmandu" });
    const found = runs(item, "2026-11-24T00:00Z", "2026-11-27T00:00Z").map((run) => Date.parse(run));
    expect(found.length).toBeGreaterThan(1);
    for (const [index, run] of found.slice(1).entries()) {
      expect(run - found[index]!).toBe(retryIntervalMinutes * MINUTE);
    }
  });
});

describe("where the clock changes", () => {
  it("runs what falls into a skipped hour right after it", () => {
    const item = only("30 2 * * * daily_sync", { zone: "America/New_York" });
    expect(runs(item, "2026-03-08T00:00Z", "2026-03-09T04:00Z")).toEqual(["2026-03-08T07:00Z"]);
  });

  it("runs what falls into a doubled hour once, the first time", () => {
    const item = only("30 1 * * * daily_sync", { zone: "America/New_York" });
    expect(runs(item, "2026-11-01T04:00Z", "2026-11-02T05:00Z")).toEqual(["2026-11-01T05:30Z"]);
  });

  it("knows a shift of half an hour and a midnight that does not exist", () => {
    const lordHowe = only("15 2 * * * daily_sync", { zone: "Australia/Lord_Howe" });
    expect(runs(lordHowe, "2026-10-03T13:00Z", "2026-10-04T13:00Z")).toEqual(["2026-10-03T15:30Z"]);
    const santiago = only("0 0 * * * daily_sync", { zone: "America/Santiago" });
    expect(runs(santiago, "2026-09-06T00:00Z", "2026-09-07T00:00Z")).toEqual(["2026-09-06T04:00Z"]);
  });

  it("goes on by time that passes where a line names no hour", () => {
    const item = only("*/30 * * * * retry_syncs", { zone: "America/New_York" });
    expect(runs(item, "2026-11-01T04:00Z", "2026-11-01T10:00Z")).toHaveLength(12);
    expect(runs(item, "2026-03-08T04:00Z", "2026-03-08T10:00Z")).toHaveLength(12);
  });

  it("runs a daily line once on every local day, in any zone", () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf("timeZone"));
    const hour = fc.integer({ min: 0, max: 23 });
    const minute = fc.integer({ min: 0, max: 59 });
    const days = fc.integer({ min: 0, max: 361 });
    fc.assert(
      fc.property(zone, hour, minute, days, (zone, hour, minute, day) => {
        const item = only(`${minute} ${hour} * * * daily_sync`, { zone, now: () => new Date("2026-07-01T00:00:00Z") });
        const found = nextRuns(item, new Date(Date.UTC(2026, 0, 1 + day)), 3).map((run) => run.getTime());
        const gaps = [found[1]! - found[0]!, found[2]! - found[1]!].map((gap) => gap / MINUTE);
        // A day has 24 hours, give or take what a clock may change.
        for (const gap of gaps) expect(Math.abs(gap - 1440)).toBeLessThanOrEqual(180);
      }),
      { numRuns: 150 },
    );
  });

  it("runs a daily line 365 times a year where clocks change most strangely", () => {
    const zones = ["America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"];
    for (const zone of zones) {
      const item = only("30 2 * * * daily_sync", { zone, now: () => new Date("2026-07-01T00:00:00Z") });
      const found = runs(item, "2026-01-01T12:00Z", "2027-01-01T12:00Z");
      expect([zone, found.length]).toEqual([zone, 365]);
    }
  });
});

describe("instantOf()", () => {
  it("finds the instant of any minute within half a year of now", () => {
    const minutes = fc.integer({ min: -180 * 1440, max: 180 * 1440 });
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date("2099-12-31"), noInvalidDate: true }),
        minutes,
        (now, offset) => {
          const instant = (Math.floor(now.getTime() / MINUTE) + offset) * MINUTE;
          expect(instantOf(digestOf(instant), now.getTime())).toBe(instant);
        },
      ),
    );
  });
});

it("tasks/ has a file for every line of the schedule", async () => {
  const files = await readdir(new URL("../../tasks", import.meta.url));
  const items = await readSchedule(new URL("../../crontab", import.meta.url), { zone: "UTC" });
  expect(files).toEqual(expect.arrayContaining(items.map(({ task }) => `${task}.ts`)));
});
