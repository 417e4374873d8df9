import process from "node:process";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Night, openNight, until } from "../smoke/night.ts";
import { type ServiceProcess, startProcess } from "../smoke/service_process.ts";
import { isInstalled, startWorkerd, type Workerd } from "./workerd.ts";

const TOKEN = "edge-token";
const bearer = { Authorization: `Bearer ${TOKEN}` };
const basic = { Authorization: `Basic ${btoa(`anybody:${TOKEN}`)}` };

/** Skipped where Cloudflare's tools are not installed; `ops/test-edge` installs them. */
describe.skipIf(!isInstalled)("the HTTP app in workerd", () => {
  let night: Night;
  let worker: ServiceProcess;
  let edge: Workerd;

  beforeAll(async () => {
    night = await openNight({
      serverUrl: inject("serverUrl"),
      calls: { count: 60, talkSeconds: [3, 10] },
      environment: { CALLCENTER_SYNC_ENABLED: "false" },
    });
    worker = startProcess(process.execPath, ["src/start/container.ts", "--role", "worker"], night.environment);
    edge = await startWorkerd(night.environment.DATABASE_URL ?? "", TOKEN);
    await until("the worker is alive", 30_000, async () => {
      const answer = await fetch(`${edge.overTcp}/health`);
      return ((await answer.json()) as { status: string }).status !== "unhealthy";
    });
  }, 120_000);

  afterAll(async () => {
    await edge?.close();
    await worker?.stop();
    await night?.close();
  });

  const eachWay = () => [edge.overTcp, edge.overHyperdrive];

  async function get(url: string, headers: Record<string, string> = {}) {
    const answer = await fetch(url, { headers, redirect: "manual" });
    return { status: answer.status, type: answer.headers.get("Content-Type"), text: await answer.text() };
  }

  test("tells its health, which is the workers', over TCP and through Hyperdrive", async () => {
    for (const origin of eachWay()) {
      expect(await get(`${origin}/health/live`)).toMatchObject({ status: 200, text: '{"status":"alive"}' });
      const health = await get(`${origin}/health`);
      expect(health.status).toBe(200);
      expect(JSON.parse(health.text).scheduler).toMatchObject({ workers: 1, reason: "sync_disabled" });
    }
  });

  test("queues a backfill, which a worker in a container runs to the end", async () => {
    const answer = await fetch(`${edge.overHyperdrive}/backfill`, {
      method: "POST",
      headers: { ...bearer, "Content-Type": "application/json" },
      body: JSON.stringify({ dateFrom: night.day, dateTo: night.day }),
    });
    expect(answer.status).toBe(202);
    const backfill = (await answer.json()) as { days: number; jobs: number; url: string };
    expect(backfill).toMatchObject({ days: 1, jobs: 1 });
    await night.awaitComplete(30_000);
    expect(await night.verdict()).toMatchObject({ calls: 60, lost: 0, doubled: 0, wrong: 0 });
    for (const origin of eachWay()) {
      const progress = JSON.parse((await get(origin + backfill.url, bearer)).text);
      expect(progress).toMatchObject({ status: "completed", days: [{ day: night.day, totalRecords: 60 }] });
    }
  });

  test("counts in /metrics what every other process counts", async () => {
    const counts = async (origin: string) =>
      (await get(`${origin}/metrics`)).text
        .split("\n")
        .filter((line) => /^callcenter_(calls|recordings|queue_jobs|records)/.test(line));
    const here = await counts(edge.overTcp);
    expect(here.length).toBeGreaterThan(5);
    expect(here).toEqual(await counts(night.origin));
  });

  test("lists calls, a page at a time, for who has the token alone", async () => {
    expect(await get(`${edge.overTcp}/calls`)).toMatchObject({ status: 401, type: "application/problem+json" });
    const first = JSON.parse((await get(`${edge.overTcp}/calls?limit=40`, bearer)).text);
    const rest = JSON.parse((await get(`${edge.overTcp}/calls?limit=40&cursor=${first.nextCursor}`, bearer)).text);
    expect([first.calls.length, rest.calls.length]).toEqual([40, 20]);
  });

  test("describes itself, and says plainly that it has no Swagger UI", async () => {
    expect(JSON.parse((await get(`${edge.overTcp}/openapi.json`)).text).openapi).toMatch(/^3\.1/);
    expect((await get(`${edge.overTcp}/docs/swagger-ui.css`)).status).toBe(404);
  });

  test("serves the dashboard, whose forms queue work, and takes no foreign form", async () => {
    for (const origin of eachWay()) {
      expect((await get(`${origin}/`)).status).toBe(302);
      expect((await get(`${origin}/ui/`)).status).toBe(401);
      const page = await get(`${origin}/ui/`, basic);
      expect(page).toMatchObject({ status: 200, type: expect.stringContaining("text/html") });
      expect(page.text).toContain(night.day);
    }
    const { text } = await get(`${edge.overTcp}/ui/syncs`, basic);
    const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? "";
    const send = (headers: Record<string, string>) =>
      fetch(`${edge.overTcp}/ui/backfill`, {
        method: "POST",
        redirect: "manual",
        headers: { ...basic, "Content-Type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams({ csrf, dateFrom: night.day, dateTo: night.day }),
      });
    expect((await send({ Origin: "https://elsewhere.example" })).status).toBe(403);
    const answer = await send({ Origin: edge.overTcp });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toMatch(/^\/ui\/backfills\/[\w-]+/);
  });

  test("without its variables says so in its log alone", async () => {
    const answer = await get(`${edge.unconfigured}/health/live`);
    expect(answer).toMatchObject({ status: 503, type: "application/problem+json" });
    expect(answer.text).not.toContain("DATABASE_URL");
    await until("the log names the variable", 5_000, async () => edge.output().includes("DATABASE_URL is not set"));
  });

  test("closes every connection that a request opened", async () => {
    const open = async () => {
      const [row] = await night.sql<{ count: number }[]>`
        select count(*)::int as count from pg_stat_activity
         where datname = current_database() and application_name = 'callcenter-sync edge'`;
      return row?.count;
    };
    await Promise.all(Array.from({ length: 10 }, () => get(`${edge.overTcp}/health`)));
    await until("no connection is left", 5_000, async () => (await open()) === 0);
  });
});
