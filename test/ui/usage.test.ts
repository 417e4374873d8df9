import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasBrowser, listen, openBrowser, openPage } from "./browser.ts";
import { openSite, type Site } from "./site.ts";

let browser: Browser;
let site: Site & { origin: string; close(): Promise<void> };

beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await openBrowser();
  const opened = await openSite("troubled");
  site = Object.assign(opened, await listen(opened));
});
beforeEach(() => site?.restart());
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await site?.database.drop();
});

/** Presses Tab until that is focused, at most so often. */
async function tabTo(page: Page, isThere: string, most = 80): Promise<void> {
  for (let press = 0; press < most; press++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, isThere)) return;
  }
  throw new Error(`Tab never came to ${isThere}`);
}

describe.runIf(hasBrowser)("without JavaScript", () => {
  test("everything that can be done is done: fetch a day, accept it, find a call, change the language", async () => {
    const { page, complaints } = await openPage(browser, site.origin, { javaScriptEnabled: false });
    const { days, calls } = site.seeded;
    await page.goto(`/ui/days/${days.incomplete}`);
    await page.getByRole("button", { name: "Fetch this day again" }).click();
    expect(await page.getByRole("status").textContent()).toContain("is queued");
    await page.goto(`/ui/days/${days.unproved}`);
    await page.getByText("Accept the day…").click();
    expect(await page.getByLabel("Your name").first().inputValue()).toBe("lan");
    await page.getByLabel("Reason").first().fill("Its maker knows why.");
    await page.getByRole("button", { name: "Accept", exact: true }).first().click();
    expect(await page.getByRole("status").textContent()).toBe("Accepted, with your reason.");
    await page.getByRole("link", { name: "Calls", exact: true }).click();
    await page.getByRole("searchbox").fill(`+84 ${calls.failed.destination.slice(1)}`);
    await page.getByRole("button", { name: "Search" }).click();
    await page.locator(`a.call[href$="${calls.failed.uuid}"]`).click();
    expect(await page.locator("h1").textContent()).toContain("→");
    await page.getByRole("link", { name: "Tiếng Việt" }).click();
    expect(await page.locator("html").getAttribute("lang")).toBe("vi");
    expect(new URL(page.url()).pathname).toBe(`/ui/calls/${calls.failed.uuid}`);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe.runIf(hasBrowser)("with the keyboard alone", () => {
  test("the first Tab skips to the content, and what has the focus shows it", async () => {
    const { page } = await openPage(browser, site.origin);
    await page.goto("/ui/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content");
    expect((await page.locator(".skip").boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).toBe("solid");
    await page.context().close();
  });

  test("a day is fetched, and another one accepted", async () => {
    const { page } = await openPage(browser, site.origin);
    const day = site.seeded.days.not_read;
    await page.goto("/ui/");
    await tabTo(page, `a[href="/ui/days/${day}"]`, 300);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/ui/days/${day}`);
    await tabTo(page, "main button.primary");
    await page.keyboard.press("Enter");
    await page.getByRole("status").waitFor();
    await page.goto(`/ui/days/${site.seeded.days.incomplete}`);
    await tabTo(page, "details.accept summary");
    await page.keyboard.press("Space");
    await tabTo(page, "input[name=why]");
    await page.keyboard.type("There is nothing to fetch.");
    await page.keyboard.press("Enter");
    await page.getByText("Accepted, with your reason.").waitFor();
    await page.context().close();
  });
});

describe.runIf(hasBrowser)("the page refreshes itself", () => {
  /** What the browser says when a tab comes to the front: the page fetches itself at once. */
  const comeBack = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

  test("and keeps what is unfolded and what has the focus", async () => {
    const { page, complaints } = await openPage(browser, site.origin);
    await page.goto("/ui/");
    await page.locator("#said-0 summary").click();
    const link = page.locator(`a[href="/ui/days/${site.seeded.days.complete}"]`).first();
    await link.focus();
    const old = await page.locator("#verdict").elementHandle();
    await site.database.sql`update callcenter.circuits set reason = 'Something new was said' where neighbour = 'drive'`;
    site.restart();
    await comeBack(page);
    await page.getByText("Something new was said").waitFor();
    expect(await old?.evaluate((node) => node.isConnected)).toBe(false);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("href"))).toBe(
      `/ui/days/${site.seeded.days.complete}`,
    );
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("but never while somebody writes in it", async () => {
    const { page } = await openPage(browser, site.origin);
    await page.goto("/ui/");
    let fetched = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/ui/")) fetched++;
    });
    await page.locator("input[name=daysBack]").fill("9");
    await site.database.sql`update callcenter.circuits set reason = 'Not seen at first' where neighbour = 'drive'`;
    site.restart();
    await comeBack(page);
    expect(await page.locator("input[name=daysBack]").inputValue()).toBe("9");
    await page.locator("input[name=daysBack]").fill("3");
    await page.locator("h1").click();
    await comeBack(page);
    await page.getByText("Not seen at first").waitFor({ state: "attached" });
    expect(fetched).toBe(1);
    await page.context().close();
  });

  test("says aloud when its sentence changes, and survives a service that is away", async () => {
    const { page } = await openPage(browser, site.origin);
    await page.goto("/ui/");
    await page.route("**/ui/", (route) => route.abort());
    await comeBack(page);
    await page.unroute("**/ui/");
    await site.database.sql`update callcenter.worker_leases set ended_at = now()`;
    site.restart();
    await comeBack(page);
    await page.locator("#news", { hasText: "No worker is running." }).waitFor();
    await page.context().close();
  });
});
