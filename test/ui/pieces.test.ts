import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { meanings } from "../../src/errors.ts";
import { hintOf, hintOfCode, titleOf } from "../../src/http/ui/causes.ts";
import { csrfToken, isCsrfToken, isSameOrigin } from "../../src/http/ui/csrf.ts";
import { formatOf } from "../../src/http/ui/format.ts";
import { keepFresh } from "../../src/http/ui/fresh.ts";
import { progressPart } from "../../src/http/ui/progress_part.ts";
import { phone, shown, type View } from "../../src/http/ui/view.ts";
import { wordsOf } from "../../src/http/ui/words.ts";
import type { QueueRow } from "../../src/store/queue.ts";

describe("keepFresh()", () => {
  test("keeps a slow answer for twenty times as long as it took, and no quick one", async () => {
    let now = 0;
    let asked = 0;
    const takes = { ms: 10 };
    const fresh = keepFresh(
      async (_: "") => {
        now += takes.ms;
        return ++asked;
      },
      () => now,
    );
    expect([await fresh(""), await fresh("")]).toEqual([1, 2]);
    takes.ms = 100;
    expect([await fresh(""), await fresh("")]).toEqual([3, 3]);
    now += 2_001;
    expect(await fresh("")).toBe(4);
    fresh.forget();
    expect(await fresh("")).toBe(5);
  });

  test("keeps no error", async () => {
    let asked = 0;
    const fresh = keepFresh(async (_: "") => {
      if (++asked === 1) throw new Error("away");
      return asked;
    });
    await expect(fresh("")).rejects.toThrow("away");
    expect(await fresh("")).toBe(2);
  });
});

describe("the progress of the queue", () => {
  const now = new Date("2026-11-24T10:30:00Z");
  const view = { words: wordsOf("en"), format: formatOf("en", "Asia/Ho_Chi_Minh", now), now } as View;
  const uploads = { task: "upload_recording", ready: 0, scheduled: 0, running: 0, failed: 0, oldestReadySeconds: 0 };
  const rates = { uploads: 150, days: 0, minutes: 15 };
  const shownOf = async (row: Partial<QueueRow>) =>
    String(await progressPart([{ ...uploads, ...row }], rates, [], view)).replaceAll(/<[^>]+>/g, " ");

  test("tells how long work takes that goes on", async () => {
    expect(await shownOf({ ready: 18, running: 2, scheduled: 100 })).toContain("about 2 min left");
  });

  test("tells no time for work that waits for its own", async () => {
    const text = await shownOf({ scheduled: 25 });
    expect(text).toContain("25 scheduled for later");
    expect(text).not.toContain("left");
  });
});

describe("a form's token", () => {
  const now = new Date("2026-11-24T10:30:00Z");
  const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

  test("holds for a day, for the password that it was made with", async () => {
    const token = await csrfToken("secret", now);
    expect(await isCsrfToken(token, "secret", now)).toBe(true);
    expect(await isCsrfToken(token, "secret", later(24))).toBe(true);
    expect(await isCsrfToken(token, "secret", later(25))).toBe(false);
    expect(await isCsrfToken(token, "secret", later(-1))).toBe(false);
    expect(await isCsrfToken(token, "another", now)).toBe(false);
    expect(
      await isCsrfToken(
        token.replace(/^\d+/, (hour) => String(Number(hour) + 1)),
        "secret",
        later(1),
      ),
    ).toBe(false);
  });

  test("belongs to a request of our own page", () => {
    const from = (headers: Record<string, string>) => isSameOrigin(new Headers(headers), "a.test:8080");
    expect(from({ "Sec-Fetch-Site": "same-origin", Origin: "null" })).toBe(true);
    expect(from({ Origin: "https://a.test:8080" })).toBe(true);
    expect(from({})).toBe(true);
    expect(from({ "Sec-Fetch-Site": "none" })).toBe(false);
    expect(from({ Origin: "https://a.test" })).toBe(false);
    expect(from({ Origin: "https://a.test:8080.evil.test" })).toBe(false);
  });
});

describe("causes", () => {
  test("every kind that callcenter.attention knows has a title and a hint in both languages", () => {
    const views = readFileSync(new URL("../../sql/004_views.sql", import.meta.url), "utf8");
    const attention = views.slice(views.indexOf("create view callcenter.attention"));
    const kinds = [...attention.matchAll(/(?:select [^;]*?, |^)'((?:day|recording|no|nightly|zone|alert)_\w+)'/gm)].map(
      ([, kind]) => kind!,
    );
    const flags = ["too_short", "not_seen_in_drive", "altered_in_drive", "twin_in_drive"].map(
      (flag) => `recording_${flag}`,
    );
    expect(kinds.length).toBeGreaterThan(5);
    for (const kind of [...kinds.filter((kind) => !kind.endsWith("_")), ...flags]) {
      for (const language of ["en", "vi"] as const) expect(titleOf(kind, language)).not.toBe(kind.replaceAll("_", " "));
    }
  });

  test("every hint of an error has its Vietnamese", () => {
    for (const [code, { hint }] of Object.entries(meanings)) {
      expect(hintOf(code, hint, "en")).toBe(hint);
      expect(hintOfCode(code, "vi")).toMatch(/[À-ỹ]/);
    }
    expect(hintOf("anything", "Look at the log of the service.", "vi")).toBe("Xem nhật ký của dịch vụ.");
  });
});

test("numbers, times and spans read as people of that language write them", () => {
  const now = new Date("2026-11-24T10:30:00Z");
  const [en, vi] = (["en", "vi"] as const).map((language) => formatOf(language, "Asia/Ho_Chi_Minh", now));
  expect([en!.number(12_345), vi!.number(12_345)]).toEqual(["12,345", "12.345"]);
  expect([en!.longDay("2026-11-03"), vi!.longDay("2026-11-03")]).toEqual([
    "Tuesday, 3 November 2026",
    "Thứ Ba, 3 tháng 11, 2026",
  ]);
  expect([en!.day("2026-11-03"), vi!.day("2026-11-03")]).toEqual(["3 Nov 2026", "3/11/2026"]);
  expect(vi!.days("2026-08-16", "2026-10-24")).toMatch(/^16\/8\/2026.–.24\/10\/2026$/);
  expect([en!.time(now), vi!.time(now)]).toEqual(["24 Nov, 17:30", "24/11, 17:30"]);
  expect(en!.time(new Date("2026-11-02T20:05:00Z"))).toBe("3 Nov, 03:05");
  expect(en!.time(new Date("2025-11-02T20:05:00Z"))).toBe("3 Nov 2025, 03:05");
  expect([0, 59, 65, 3_725].map(en!.talk)).toEqual(["0:00", "0:59", "1:05", "1:02:05"]);
  expect([0, 45, 90, 7_260, 200_000, 2_000_000].map(en!.span)).toEqual([
    "1 s",
    "45 s",
    "1 min 30 s",
    "2 h 1 min",
    "2 d 7 h",
    "23 d",
  ]);
  expect([0, 1_023, 1_536, 5_000_000].map(en!.bytes)).toEqual(["0 B", "1,023 B", "1.5 KiB", "4.8 MiB"]);
});

test("what somebody else wrote is shown without what a reader cannot see", () => {
  expect(shown("a\u202Eb\u0000c\u2066d")).toBe("abcd");
  expect([shown(null), shown(""), shown("\u0007 ")]).toEqual(["–", "–", "–"]);
  expect([phone("0901234567"), phone("1900 1234"), phone("+84901234567")]).toEqual([
    "0901 234 567",
    "1900 1234",
    "+84901234567",
  ]);
});
