import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite("troubled");
});
afterAll(() => site.database.drop());

const jobs = async (pattern: string) =>
  (
    await site.database.sql<{ key: string }[]>`
    select key from graphile_worker.jobs where key like ${pattern} or task_identifier like ${pattern}`
  ).map(({ key }) => key);

const reason = { who: "Lan", why: "The PBX lost it." };

describe("the buttons", () => {
  test("'fetch this day again' queues the day once, however often it is pressed", async () => {
    const day = site.seeded.days.not_read;
    for (const sentence of ["dayQueued", "dayWasQueued"]) {
      const answer = await site.post("/ui/days", { day });
      expect(answer.headers.get("Location")).toBe(`/ui/days/${day}`);
      expect(answer.headers.getSetCookie().join()).toContain(sentence);
    }
    expect(await jobs(`daily_sync:manual:${day}`)).toHaveLength(1);
  });

  test("a backfill queues each day of its range and leads to its progress", async () => {
    const to = addDays(site.seeded.today, -30);
    const answer = await site.post("/ui/backfill", { dateFrom: addDays(to, -4), dateTo: to });
    const path = answer.headers.get("Location") ?? "";
    expect(path).toMatch(/^\/ui\/backfills\/[\w-]+$/);
    expect(await jobs(`daily_sync:manual:${to}`)).toHaveLength(1);
    const page = await site.text(path);
    expect(page).toContain("0 of 5 days read");
    expect(page).toContain('data-refresh="5"');
  });

  test.each([
    ["reversed", -3, -5],
    ["longer than 366 days", -400, -1],
    ["in the future", -1, 1],
  ])("a range that is %s is refused and queues nothing", async (_, from, to) => {
    const before = await jobs("daily_sync");
    const { today } = site.seeded;
    const answer = await site.post("/ui/backfill", { dateFrom: addDays(today, from), dateTo: addDays(today, to) });
    expect(answer.status).toBe(400);
    expect(await jobs("daily_sync")).toHaveLength(before.length);
  });

  test.each(["", "yesterday", "2026-02-30", "'; drop table x --"])("no range begins with %j", async (dateFrom) => {
    expect((await site.post("/ui/backfill", { dateFrom, dateTo: site.seeded.today })).status).toBe(400);
    expect((await site.post("/ui/days", { day: dateFrom })).status).toBe(400);
  });

  test("'upload now' begins a recording's attempts again and queues it", async () => {
    const { uuid } = site.seeded.calls.failed;
    const answer = await site.post(`/ui/calls/${uuid}/upload`, {});
    expect(answer.headers.get("Location")).toBe(`/ui/calls/${uuid}`);
    expect(await jobs(`upload_recording:${uuid}`)).toHaveLength(1);
    expect((await site.post("/ui/calls/nobody/upload", {})).status).toBe(404);
  });

  test("'try all uploads again' queues every recording that was given up", async () => {
    const { sql } = site.database;
    const open =
      await sql`select "uuid" from "CallCenterRecord" where "recordingPath" is not null and "googleDriveUrl" is null`;
    expect((await site.post("/ui/uploads", {})).status).toBe(303);
    expect((await jobs("upload_recording:%")).length).toBe(open.length);
    const left = await sql`select 1 from "CallCenterRecord" where "googleDriveUrl" is null and "uploadRetryCount" >= 3`;
    expect(left).toHaveLength(0);
  });

  test("'try again' continues a reading that failed, and not one that is complete", async () => {
    const { unproved, complete } = site.seeded.days;
    const failed = await site.post(`/ui/syncs/log-${unproved}/retry`, {});
    expect(failed.headers.getSetCookie().join()).toContain("retryQueued");
    expect(await jobs(`daily_sync:retry:log-${unproved}`)).toHaveLength(1);
    const done = await site.post(`/ui/syncs/log-${complete}/retry`, {});
    expect(done.headers.getSetCookie().join()).toContain("retryNotNeeded");
  });

  test("'check now' queues one check", async () => {
    const first = await site.post("/ui/missing-check", { daysBack: "7" });
    expect(first.headers.getSetCookie().join()).toContain("checkQueued");
    const second = await site.post("/ui/missing-check", { daysBack: "7" });
    expect(second.headers.getSetCookie().join()).toContain("checkWasQueued");
    expect(await jobs("missing_check")).toHaveLength(1);
    for (const daysBack of ["0", "367", "-1", "1.5", "x", ""]) {
      expect((await site.post("/ui/missing-check", { daysBack })).status).toBe(400);
    }
  });

  test("a day is accepted with a name and a reason, and turns complete", async () => {
    const day = site.seeded.days.incomplete;
    const bad: [who: string, why: string][] = [
      ["Lan", ""],
      ["", "So it is."],
      [" ", " "],
      ["a".repeat(81), reason.why],
    ];
    for (const [who, why] of bad) {
      expect((await site.post("/ui/accept", { kind: "day", subject: day, who, why })).status).toBe(400);
    }
    expect((await site.post("/ui/accept", { kind: "day", subject: day, ...reason })).status).toBe(303);
    const [row] = await site.database.sql`select complete from callcenter.days where day = ${day}`;
    expect(row).toEqual({ complete: true });
    const page = await site.text(`/ui/days/${day}`);
    expect(page).toContain("accepted by a person");
    expect(page).toContain("The PBX lost it.");
  });

  test("nothing unknown is accepted", async () => {
    for (const [kind, subject] of [
      ["call", "nobody"],
      ["day", "2026-02-30"],
      ["day", site.seeded.today],
      ["notice", "none"],
      ["x", "y"],
    ] as const) {
      expect((await site.post("/ui/accept", { kind, subject, ...reason })).status).toBe(404);
    }
  });
});
