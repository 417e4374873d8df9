import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HttpEnv } from "../../src/http/context.ts";
import { createDashboard } from "../../src/http/ui/dashboard.ts";
import { appOf, basic, contextOf, cookiesOf, openSite, type Site, TOKEN, tokenIn } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite("calm", 25);
});
afterAll(() => site.database.drop());

const PAGES = ["/ui/", "/ui/calls", "/ui/syncs", "/ui/days/2026-01-01"];

describe("the password", () => {
  test.each(PAGES)("%s asks for it, and says which", async (path) => {
    const answer = await site.app.request(path);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Basic realm="callcenter-sync"/);
    expect(await answer.text()).toContain("API_TOKEN");
  });

  test.each([
    ["a wrong password", basic("wrong")],
    ["an empty one", basic("")],
    ["the beginning of the right one", basic(TOKEN.slice(0, -1))],
    ["the right one as a bearer token", `Bearer ${TOKEN}`],
    ["bytes that are no Base64", "Basic %%%"],
    ["no colon", `Basic ${btoa(TOKEN)}`],
  ])("%s is refused", async (_, Authorization) => {
    expect((await site.app.request("/ui/", { headers: { Authorization } })).status).toBe(401);
  });

  test("any user name will do, also none", async () => {
    for (const user of ["", "lan", "Nguyễn"]) {
      const bytes = new TextEncoder().encode(`${user}:${TOKEN}`);
      const headers = { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
      expect((await site.app.request("/ui/", { headers })).status).toBe(200);
    }
  });

  test("without API_TOKEN the dashboard is closed, whatever is sent", async () => {
    const app = appOf(site.database, undefined);
    for (const Authorization of ["", basic(""), basic("undefined")]) {
      const answer = await app.request("/ui/", { headers: { Authorization } });
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain("API_TOKEN");
    }
  });

  test("a browser is asked for the password by a page, a program by a problem", async () => {
    const page = await site.app.request("/ui/", { headers: { Accept: "text/html,*/*;q=0.8" } });
    expect([page.status, page.headers.get("Content-Type")]).toEqual([401, "text/html; charset=UTF-8"]);
    const problem = await site.app.request("/ui/", { headers: { Accept: "*/*" } });
    expect([problem.status, problem.headers.get("Content-Type")]).toEqual([401, "application/problem+json"]);
    expect(await problem.json()).toMatchObject({ code: "password_needed", hint: expect.stringContaining("API_TOKEN") });
  });

  test("without API_TOKEN a browser is told so by a page, a program by a problem", async () => {
    const app = new Hono<HttpEnv>().route("/ui", createDashboard(contextOf(site.database, undefined)));
    const page = await app.request("/ui/", { headers: { Accept: "text/html,*/*;q=0.8", "Accept-Language": "vi" } });
    expect([page.status, page.headers.get("Content-Type")]).toEqual([503, "text/html; charset=UTF-8"]);
    expect(await page.text()).toContain("Bảng điều khiển đang đóng.");
    const problem = await app.request("/ui/");
    expect([problem.status, problem.headers.get("Content-Type")]).toEqual([503, "application/problem+json"]);
  });

  test("the root leads to the dashboard, with and without its slash", async () => {
    const root = await site.app.request("/");
    expect(root.headers.get("Location")).toBe("/ui/");
    expect((await site.get("/ui")).status).toBe(200);
    expect((await site.get("/ui/")).status).toBe(200);
  });
});

describe("every page", () => {
  test.each(PAGES)("%s forbids all but its own files, is not kept and not framed", async (path) => {
    const { headers } = await site.get(path);
    const policy = headers.get("Content-Security-Policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  test.each(PAGES)("%s holds no style, no script and no address of another host", async (path) => {
    const page = await site.text(path);
    expect(page).not.toMatch(/<style|style="|<script(?! src="\/ui\/)|\son\w+="|javascript:/i);
    expect(page.match(/(?:src|href|action)="https?:[^"]*"/g) ?? []).toEqual([]);
  });

  test("its files carry their version and may be kept for good", async () => {
    const page = await site.text("/ui/");
    const files = [...page.matchAll(/(?:src|href)="(\/ui\/[\w.]+\?v=\w+)"/g)].map(([, path]) => path!);
    expect(files).toHaveLength(3);
    for (const path of files) {
      const answer = await site.app.request(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Cache-Control")).toContain("immutable");
    }
  });

  test("an address that does not exist is a page that says so", async () => {
    for (const path of ["/ui/nothing", "/ui/days/2026-02-30", "/ui/days/x", "/ui/calls/none", "/ui/backfills/none"]) {
      const answer = await site.get(path);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain("There is no such page.");
    }
  });
});

describe("a form", () => {
  const day = () => ({ day: site.seeded.days.complete });
  const jobs = async () => (await site.database.sql`select key from graphile_worker.jobs`).length;

  test.each([
    ["without a token", { csrf: "" }, {}],
    ["with a made-up token", { csrf: `500000.${"A".repeat(43)}` }, {}],
    ["from another site", {}, { "Sec-Fetch-Site": "cross-site" }],
    ["from a neighbour of this site", {}, { "Sec-Fetch-Site": "same-site" }],
  ])("%s is refused and does nothing", async (_, fields, headers) => {
    const answer = await site.post("/ui/days", { ...day(), ...fields }, { headers });
    expect(answer.status).toBe(403);
    expect(await jobs()).toBe(0);
  });

  test.each(["https://evil.test", "null", "http://dashboard.test.evil.test"])(
    "of a browser that only says Origin: %s is refused",
    async (Origin) => {
      const headers = { Authorization: basic(TOKEN), Origin, Host: "dashboard.test" };
      const body = new URLSearchParams({ csrf: tokenIn(await site.text("/ui/")), ...day() });
      const answer = await site.app.request("http://dashboard.test/ui/days", { method: "POST", headers, body });
      expect(answer.status).toBe(403);
      expect(await jobs()).toBe(0);
    },
  );

  test.each(["multipart/form-data", "multipart/form-data; boundary=none"])(
    "that cannot be read (%s) is refused and does nothing",
    async (type) => {
      const answer = await site.post("/ui/days", day(), { headers: { "Content-Type": type } });
      expect(answer.status).toBe(403);
      expect(await jobs()).toBe(0);
    },
  );

  test("leads to a page that says once what was done", async () => {
    const answer = await site.post("/ui/days", day());
    expect(answer.status).toBe(303);
    const path = answer.headers.get("Location") ?? "";
    expect(path).toBe(`/ui/days/${site.seeded.days.complete}`);
    expect(answer.headers.getSetCookie().join()).toMatch(/HttpOnly.*SameSite=Lax/);
    const page = await site.get(path, { headers: { Cookie: cookiesOf(answer) } });
    expect(page.headers.getSetCookie().join()).toContain("Max-Age=0");
    expect(await page.text()).toContain("is queued");
    expect(await site.text(path)).not.toContain("is queued");
  });

  test("cannot be made to say or to lead to what it should not", async () => {
    const spoken = await site.text("/ui/", { headers: { Cookie: "ccs_flash=<b>you are hacked</b>:1" } });
    expect(spoken).not.toContain("hacked");
    for (const back of [
      "https://evil.test/",
      "//evil.test",
      "/ui//evil.test",
      "/\\evil.test",
      "/ui/../..//evil.test",
    ]) {
      const form = await site.post("/ui/days", { ...day(), back });
      expect(form.headers.get("Location")).toBe(`/ui/days/${site.seeded.days.complete}`);
      const language = await site.get(`/ui/language?to=vi&back=${encodeURIComponent(back)}`);
      expect(language.headers.get("Location")).toBe("/ui/");
    }
  });

  test("sets its cookie for https alone where the browser came by https", async () => {
    const answer = await site.post("/ui/days", day(), { headers: { "X-Forwarded-Proto": "https" } });
    expect(answer.headers.getSetCookie().join()).toContain("Secure");
  });
});

describe("the language", () => {
  const titleIn = async (headers: Record<string, string>) =>
    /<html lang="(\w+)"/.exec(await site.text("/ui/", { headers }))?.[1];

  test.each([
    ["vi-VN,vi;q=0.9,en;q=0.8", "vi"],
    ["en-US,en;q=0.9", "en"],
    ["fr-FR,fr;q=0.9,vi;q=0.5,en;q=0.4", "vi"],
    ["en;q=0.2, vi;q=0.8", "vi"],
    ["de", "en"],
    ["", "en"],
    ["vi;q=0", "en"],
  ])("of a browser that says %j is %s", async (wish, language) => {
    expect(await titleIn({ "Accept-Language": wish })).toBe(language);
  });

  test("is what a person chose, whatever the browser says, and the link comes back to the page", async () => {
    const answer = await site.get("/ui/language?to=vi&back=%2Fui%2Fcalls%3Fq%3D0901%26day%3D2026-01-01");
    expect(answer.headers.get("Location")).toBe("/ui/calls?q=0901&day=2026-01-01");
    expect(await titleIn({ Cookie: cookiesOf(answer), "Accept-Language": "en" })).toBe("vi");
  });
});
