import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, openClient, TOKEN } from "./client.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());

const API = ["/calls", "/calls/x", "/syncs", "/syncs/x", "/backfill/x"];

describe("who may ask", () => {
  test.each(API)("%s wants the bearer token, and names no other way", async (path) => {
    const answer = await client.ask(path, { token: null });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toBe('Bearer realm="callcenter-sync"');
    expect(answer.body).toMatchObject({ status: 401, code: "unauthorized" });
  });

  test.each([
    ["another token", "not-the-token"],
    ["a longer one", `${TOKEN}x`],
    ["a shorter one", TOKEN.slice(0, -1)],
    ["an empty one", ""],
  ])("the API refuses %s", async (_, token) => {
    expect((await client.ask("/calls", { token })).status).toBe(401);
  });

  test.each(["mậtkhẩu", "my secret  token"])(
    "the token may be %s: any text that a header carries",
    async (apiToken) => {
      const other = client.but({ apiToken, metricsToken: apiToken });
      // A header is bytes: UTF-8 as clients send it, which fetch() writes and reads a char a byte.
      const token = Buffer.from(apiToken).toString("latin1");
      for (const path of ["/calls", "/metrics"]) {
        expect((await other.ask(path, { token })).status, path).toBe(200);
        expect((await other.ask(path, { token: token.slice(0, -1) })).status, path).toBe(401);
      }
    },
  );

  test("the API takes no Basic, even with the right password", async () => {
    const headers = { Authorization: `Basic ${btoa(`admin:${TOKEN}`)}` };
    const answer = await client.ask("/calls", { token: null, headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
  });

  test("writing needs the token as reading does", async () => {
    for (const path of ["/backfill", "/missing-check", "/accept", "/calls/x/upload", "/syncs/x/retry"]) {
      expect((await client.ask(path, { token: null, json: {} })).status, path).toBe(401);
    }
  });

  test("without a token set, the API and the dashboard are closed, health and metrics are not", async () => {
    const closed = client.but({ apiToken: undefined });
    for (const path of [...API, "/ui/", "/ui/calls"]) {
      const answer = await closed.ask(path);
      expect(answer.status, path).toBe(503);
      expect(answer.body).toMatchObject({ code: "token_not_set", hint: expect.stringContaining("API_TOKEN") });
    }
    expect((await closed.ask("/health/live", { token: null })).status).toBe(200);
    expect((await closed.ask("/metrics", { token: null })).status).toBe(200);
  });
});

describe("problems", () => {
  test("a problem about a token or a date says what it means: nothing is blotted out, nothing said twice", async () => {
    const details = [
      await client.ask("/calls", { token: null }),
      await client.ask("/calls", { token: "not-the-token" }),
      await client.ask("/calls?day=2024-1-3"),
      await client.ask("/backfill", { json: { dateFrom: "2024-02-30", dateTo: "2024-03-01" } }),
    ].map(({ body }) => (body as { detail: string }).detail);
    const aDay = "must be a day of the calendar, YYYY-MM-DD, of 1990 to 2099.";
    expect(details).toEqual([
      "The request carries no token.",
      "The token is not the right one.",
      `In the query: day ${aDay}`,
      `In the body: dateFrom ${aDay}`,
    ]);
  });

  test("a hint says what to do in just this case", async () => {
    const hintOf = async (path: string, json?: unknown) =>
      ((await client.ask(path, json === undefined ? {} : { json })).body as { hint: string }).hint;
    expect(await hintOf("/backfill", { daysBack: 0 })).toBe(
      'Send {"dateFrom":"2024-01-10","dateTo":"2024-01-15"}, or {"daysBack":7}, or {}.',
    );
    expect(await hintOf("/backfill/none")).toContain("POST /backfill");
    expect(await hintOf("/calls/none")).toContain("GET /calls");
    expect(await hintOf("/syncs/none")).toContain("GET /syncs");
    expect(await hintOf("/accept", { why: "because" })).toContain('{"day":"2024-01-14"');
  });

  test("a problem has the form of RFC 9457, a code and a hint", async () => {
    const answer = await client.ask("/calls/no-such-call");
    expect(answer.status).toBe(404);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.body).toEqual({
      type: "urn:callcenter-sync:problem:not_found",
      title: expect.any(String),
      status: 404,
      detail: "There is no call with this uuid.",
      instance: `urn:callcenter-sync:request:${answer.headers.get("X-Request-Id")}`,
      code: "not_found",
      hint: expect.any(String),
    });
  });

  test("an address that no route has is a problem, a wrong method says which are right", async () => {
    expect((await client.ask("/nothing")).body).toMatchObject({ status: 404, code: "not_found" });
    const answer = await client.ask("/backfill", { method: "DELETE" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("POST");
    expect(answer.body.code).toBe("method_not_allowed");
  });

  test("what goes wrong inside is told to the log alone", async () => {
    const broken = client.but({
      now: () => {
        throw new Error('select "secret" from "CallCenterRecord": call 0901234567');
      },
    });
    const answer = await broken.ask("/backfill", { json: { daysBack: 1 } });
    expect(answer.status).toBe(500);
    expect(answer.body.code).toBe("internal");
    expect(answer.text).not.toMatch(/select|secret|0901234567|at .*\.ts/);
    const line = client.logs.findLast(({ level }) => level === "ERROR");
    expect(line?.context).toMatchObject({ request_id: answer.headers.get("X-Request-Id"), code: "internal" });
    expect(JSON.stringify(line)).not.toContain("0901234567");
  });

  test("no phone number is in a problem or in the log, even where somebody puts one into the wrong place", async () => {
    const answer = await client.ask("/calls?0901234567=1&phone=0901234567&limit=0901234567");
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain("0901234567");
    await client.ask("/calls?phone=0901234567");
    expect(JSON.stringify(client.logs)).not.toContain("0901234567");
  });
});

describe("limits and headers", () => {
  test("a body above 64 KiB is refused, with and without its length", async () => {
    const text = JSON.stringify({ why: "x".repeat(70_000) });
    expect((await client.ask("/accept", { text })).body.code).toBe("too_large");
    const headers = { "Content-Length": String(text.length) };
    expect((await client.ask("/accept", { text, headers })).status).toBe(413);
  });

  test("a sane request id comes back, any other is replaced", async () => {
    const kept = await client.ask("/health/live", { headers: { "X-Request-Id": "build-4711_a" } });
    expect(kept.headers.get("X-Request-Id")).toBe("build-4711_a");
    for (const id of ["short", "with spaces in it", "x".repeat(65), '"><script>alert(1)</script>']) {
      const answer = await client.ask("/health/live", { headers: { "X-Request-Id": id } });
      expect(answer.headers.get("X-Request-Id")).toMatch(/^[\da-f-]{36}$/);
    }
  });

  test.each(["/health/live", "/calls", "/nothing", "/docs", "/openapi.json", "/metrics"])(
    "%s carries the security headers and a policy without unsafe-*",
    async (path) => {
      const { headers } = await client.ask(path);
      expect(headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'/);
      expect(headers.get("Content-Security-Policy")).not.toContain("unsafe");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("X-Frame-Options")).toBe("DENY");
      expect(headers.get("Referrer-Policy")).toBe("no-referrer");
      expect(headers.get("X-Request-Id")).toBeTruthy();
    },
  );

  test("the root leads to the dashboard", async () => {
    const answer = await client.ask("/", { token: null });
    expect([answer.status, answer.headers.get("Location")]).toEqual([302, "/ui/"]);
  });

  test("a request is logged by its route, never by its address", async () => {
    await client.ask("/calls/abc-123?x=1");
    const line = client.logs.findLast(({ message }) => message === "Answered");
    expect(line?.context).toMatchObject({ method: "GET", route: "/calls/:uuid", status: 404 });
  });
});

test("without a schema every route says what to do", async () => {
  const empty = await openClient({ empty: true });
  try {
    for (const path of ["/calls", "/syncs", "/calls/x"]) {
      expect((await empty.ask(path)).body, path).toMatchObject({ status: 503, code: "database_not_migrated" });
    }
  } finally {
    await empty.close();
  }
});

test("without Graphile Worker's schema what queues says that a worker must start first, what reads goes on", async () => {
  const client = await openClient();
  try {
    await client.database.sql`insert into "CallCenterRecord" ("uuid", "recordingPath") values ('a', 'a.wav')`;
    await client.database.sql.unsafe("drop schema graphile_worker cascade");
    for (const path of ["/backfill", "/missing-check", "/calls/a/upload"]) {
      expect((await client.ask(path, { json: {} })).body, path).toMatchObject({ status: 503, code: "queue_missing" });
    }
    for (const path of ["/calls", "/syncs", "/calls/a", "/metrics"])
      expect((await client.ask(path)).status, path).toBe(200);
  } finally {
    await client.close();
  }
});
