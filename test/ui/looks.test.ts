import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultsOf, hasBrowser, listen, openBrowser, openPage, overflowOf, smallTargets } from "./browser.ts";
import { openSite, type Site } from "./site.ts";

let browser: Browser;
let troubled: Site & { origin: string; close(): Promise<void> };
let calm: Site & { origin: string; close(): Promise<void> };

const opened = async (mood: "troubled" | "calm") => {
  const site = await openSite(mood, mood === "calm" ? 30 : 80);
  return Object.assign(site, await listen(site));
};

beforeAll(async () => {
  if (hasBrowser) [browser, troubled, calm] = await Promise.all([openBrowser(), opened("troubled"), opened("calm")]);
});
afterAll(async () => {
  await browser?.close();
  for (const site of [troubled, calm]) {
    await site?.close();
    await site?.database.drop();
  }
});

type Paths = Record<string, (site: Site) => string>;

const main: Paths = {
  overview: () => "/ui/",
  "an incomplete day": ({ seeded }) => `/ui/days/${seeded.days.incomplete}`,
  calls: () => "/ui/calls",
  "a call without its recording": ({ seeded }) => `/ui/calls/${seeded.calls.failed.uuid}`,
  syncs: () => "/ui/syncs",
};
const pages: Paths = {
  ...main,
  "an earlier month": () => "/ui/?month=2020-02",
  "a day that was never read": ({ seeded }) => `/ui/days/${seeded.days.not_read}`,
  "a day with lost recordings": ({ seeded }) => `/ui/days/${seeded.calls.failed.day}`,
  "an accepted day": ({ seeded }) => `/ui/days/${seeded.days.accepted}`,
  "calls that match nothing": () => "/ui/calls?q=0000",
  "a call in Drive": ({ seeded }) => `/ui/calls/${seeded.calls.uploaded.uuid}`,
  "an attacker's call": ({ seeded }) => `/ui/calls/${seeded.calls.attacker.uuid}`,
  "a backfill": ({ seeded }) => `/ui/backfills/${seeded.backfillId}`,
};

const phone = { viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 900 } };
const looks = [
  { look: "on a phone, light, Vietnamese", all: true, ...phone, colorScheme: "light", locale: "vi-VN" },
  { look: "on a phone, dark, English", all: false, ...phone, colorScheme: "dark", locale: "en-US" },
  { look: "on a desk, light, Vietnamese", all: false, ...desktop, colorScheme: "light", locale: "vi-VN" },
  { look: "on a desk, dark, English", all: true, ...desktop, colorScheme: "dark", locale: "en-US" },
] as const;

describe.runIf(hasBrowser).each(looks)("$look:", ({ look: _, all, ...options }) => {
  let opened: Awaited<ReturnType<typeof openPage>>;
  beforeAll(async () => {
    opened = await openPage(browser, troubled.origin, options);
  });
  afterAll(() => opened?.page.context().close());

  /** Everything that holds of every page, whatever it shows. */
  const hold = async ({ page, complaints }: typeof opened, path: string) => {
    await page.goto(path);
    await page.locator("details").evaluateAll((all) => {
      for (const details of all) details.setAttribute("open", "");
    });
    expect(await page.locator("html").getAttribute("lang")).toBe(options.locale.slice(0, 2));
    expect(await page.locator("h1").count()).toBe(1);
    expect(await overflowOf(page)).toBe(0);
    expect(await faultsOf(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    expect(complaints.splice(0)).toEqual([]);
  };

  test.each(Object.entries(pages).filter(([name]) => all || name in main))("%s is right", async (_, path) => {
    await hold(opened, path(troubled));
  });

  test("an overview without troubles is right", async () => {
    const other = await openPage(browser, calm.origin, options);
    await hold(other, "/ui/");
    await other.page.context().close();
  });

  test("the closed door is right", async () => {
    const wrong = { ...options, httpCredentials: { username: "x", password: "wrong" } };
    const other = await openPage(browser, calm.origin, wrong);
    await other.page.goto("/ui/");
    expect(await other.page.locator("h1").count()).toBe(1);
    expect(await overflowOf(other.page)).toBe(0);
    expect(await faultsOf(other.page)).toEqual([]);
    await other.page.context().close();
  });
});
