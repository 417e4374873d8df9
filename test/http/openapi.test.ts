import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/http/app.ts";
import { problems } from "../../src/http/problem.ts";
import { silentLog } from "../../src/log.ts";
import { type Client, openClient, ZONE } from "./client.ts";
import { type OpenApi, operationsOf, resolve, type Schema } from "./schema.ts";

let client: Client;
let document: OpenApi;
beforeAll(async () => {
  client = await openClient();
  document = (await client.ask("/openapi.json", { token: null })).body;
});
afterAll(() => client.close());

test("the document is OpenAPI 3.1 and carries the program's version", () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.info).toMatchObject({ title: "callcenter-sync", version: "1.2.3" });
});

test("it has every route of the contract and of the app, and no other", () => {
  const { sql } = client.database;
  const app = createApp({
    sql,
    zone: ZONE,
    apiToken: "x",
    metricsToken: undefined,
    now: () => new Date(),
    log: silentLog,
    redact: (t) => t,
    version: "1",
    role: "web",
  });
  const routes = app.routes
    .filter(({ method, path }) => method !== "ALL" && path !== "/" && !/^\/(ui|docs\/)/.test(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  const documented = operationsOf(document).map(({ method, path }) => `${method} ${path}`);
  expect(documented.sort()).toEqual([...new Set(routes)].sort());
  expect(documented).toEqual(
    [
      "GET /health",
      "GET /health/live",
      "GET /metrics",
      "POST /backfill",
      "GET /backfill/{id}",
      "GET /days",
      "GET /days/{day}",
      "GET /syncs",
      "GET /syncs/{id}",
      "GET /calls",
      "GET /calls/{uuid}",
      "POST /calls/{uuid}/upload",
      "POST /syncs/{id}/retry",
      "POST /missing-check",
      "POST /accept",
      "GET /openapi.json",
      "GET /docs",
    ].sort(),
  );
});

test("every operation says what it does, who may ask, what it answers and what can go wrong", () => {
  for (const { method, path, operation } of operationsOf(document)) {
    const name = `${method} ${path}`;
    expect(operation.summary, name).toBeTruthy();
    const isOpen = /^\/(health|metrics|openapi|docs)/.test(path);
    expect(operation.security, name).toEqual(isOpen ? [] : [{ apiToken: [] }]);
    const statuses = Object.keys(operation.responses);
    expect(
      statuses.some((status) => status.startsWith("2")),
      name,
    ).toBe(true);
    expect(statuses, name).toEqual(expect.arrayContaining(isOpen ? ["500"] : ["400", "401", "500", "503"]));
    for (const response of Object.values(operation.responses)) expect(response.description, name).toBeTruthy();
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect(
      declared.map((parameter) => [parameter.name, parameter.required]),
      name,
    ).toEqual(named.map((one) => [one, true]));
  }
});

test("every reference leads somewhere, and every problem's code is in the schema", () => {
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    if ("$ref" in value) resolve(value as Schema, document);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(document);
  expect(document.components.schemas.Problem?.properties?.code?.enum).toEqual(Object.keys(problems));
});

test("the query of calls is described field by field", () => {
  const parameters = document.paths["/calls"]?.get?.parameters ?? [];
  expect(parameters.map(({ name }) => name).sort()).toEqual([
    "cursor",
    "day",
    "disposition",
    "limit",
    "phone",
    "upload",
  ]);
  expect(parameters.find(({ name }) => name === "day")?.schema).toMatchObject({ type: "string", format: "date" });
  expect(parameters.find(({ name }) => name === "upload")?.schema.enum).toContain("accepted");
});

test("limit is described as the number that it is", () => {
  for (const path of ["/calls", "/syncs"]) {
    const limit = document.paths[path]?.get?.parameters?.find(({ name }) => name === "limit");
    expect(limit?.schema).toEqual({ type: "integer", minimum: 1, maximum: 200, default: 50 });
  }
});

test("METRICS_TOKEN shows in the document where it is set", async () => {
  const closed = client.but({ metricsToken: "x" });
  const { paths } = (await closed.ask("/openapi.json")).body as OpenApi;
  expect(paths["/metrics"]?.get?.security).toEqual([{ metricsToken: [] }]);
});

test("the page renders it with Swagger UI's files from here, and nothing inline", async () => {
  const asset = async (name: string) => {
    const file = new URL(`../../node_modules/swagger-ui-dist/${name}`, import.meta.url);
    return /^swagger-ui(-bundle)?\.(css|js)$/.test(name)
      ? { body: readFileSync(fileURLToPath(file)), type: "text/css" }
      : undefined;
  };
  const withFiles = client.but({ asset });
  const page = await withFiles.ask("/docs", { token: null });
  expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
  expect(page.text).not.toMatch(/<script>|<style|style=|onload=|https?:/);
  const files = [...page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map((match) => match[1]!);
  expect(files).toHaveLength(3);
  for (const file of files) expect((await withFiles.ask(file, { token: null })).status, file).toBe(200);
  expect((await withFiles.ask("/docs/..%2fpackage.json")).body.code).toBe("not_found");
  expect((await client.ask("/docs/swagger-ui.css")).body.code).toBe("not_found");
});

test("where Swagger UI's files are absent, the page lists the operations by itself, without a script", async () => {
  const page = await client.ask("/docs", { token: null });
  expect([page.status, page.headers.get("Content-Type")]).toEqual([200, expect.stringMatching(/^text\/html/)]);
  expect(page.headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'; base-uri 'none'/);
  expect(page.text).not.toMatch(/<script|<style|style=|\/docs\//);
  expect(page.text).toContain('href="/openapi.json"');
  for (const { method, path, operation } of operationsOf(document)) {
    expect(page.text).toContain(`<code>${method} ${path}</code> ${operation.summary!.replaceAll("'", "&#39;")}`);
  }
});
