import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Site, TOKEN } from "./site.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);

/** A missing browser fails where tests count, and skips elsewhere. */
export const hasBrowser = executablePath !== undefined || Boolean(process.env.CI);

export async function openBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error("There is no Chromium here: apt-get install chromium.");
  const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  return chromium.launch({
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", ...quiet],
  });
}

/** The site behind a real socket. */
export async function listen(site: Site): Promise<{ origin: string; close(): Promise<void> }> {
  const server = serve({ fetch: (request) => site.app.fetch(request), port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => (server.listening ? resolve() : server.once("listening", resolve)));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { origin: `http://127.0.0.1:${port}`, close };
}

/** What a page did that none of ours may do. */
export type Complaints = string[];

/** A page for one who knows the password, and a list of what went wrong on it. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: Complaints }> {
  const context = await browser.newContext({
    baseURL: origin,
    httpCredentials: { username: "lan", password: TOKEN },
    locale: "en-US",
    ...options,
  });
  const complaints: Complaints = [];
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`)) complaints.push(`request: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && response.status() !== 401)
      complaints.push(`${response.status()}: ${response.url()}`);
  });
  return { page, complaints };
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds, WCAG 2.2 AA and its best practices: one line for each fault. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    interface Found {
      violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
    }
    const { axe } = window as unknown as { axe: { run(options: unknown): Promise<Found> } };
    const found = await axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    });
    return found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`),
    );
  });
}

/** Things to press that are smaller than a finger: below 44 pixels in height, or in width where it has a shape of its own. */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        "button, .button, input:not([type=hidden]), select, summary, nav a, .language, a.cell, a.call",
      ),
    ]
      .filter((element) => element.checkVisibility() && element.closest("details:not([open]) > :not(summary)") === null)
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return height < 43.5 || width < 43.5;
      })
      .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return `${element.tagName} ${element.className} "${element.textContent?.trim().slice(0, 30)}" ${width.toFixed(1)}×${height.toFixed(1)}`;
      }),
  );
}

/** How far the page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
