import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, openClient } from "./client.ts";
import { insertCalls, insertLogs } from "./rows.ts";
import { faultsOf, type OpenApi, type Operation, operationsOf, resolve, type Schema } from "./schema.ts";

let client: Client;
let document: OpenApi;
beforeAll(async () => {
  client = await openClient();
  document = (await client.ask("/openapi.json")).body;
  const { sql } = client.database;
  await insertCalls(sql, [
    {
      uuid: "known",
      callerId: "0901234567",
      callerName: "A\u202eB",
      recordingPath: "a.wav",
      uploadErrorCode: "recording_gone",
      uploadError: "404",
    },
    {
      uuid: "uploaded",
      destination: "0901234567",
      recordingPath: "b.wav",
      googleDriveUrl: "https://drive.test/b",
      startTime: "2024-01-15T03:00:00Z",
    },
    { uuid: "timeless", startTime: null },
  ]);
  await insertLogs(sql, [
    { id: "known", day: "2024-01-15", status: "failed", errorCode: "pbx_timeout" },
    { id: "running", day: "2024-01-16", status: "running", endTime: null },
  ]);
  await sql`insert into callcenter.backfills (id, date_from, date_to) values ('known', '2024-01-15', '2024-01-15')`;
  await sql`insert into callcenter.backfill_days values ('known', '2024-01-15', 'known')`;
  await sql`insert into callcenter.missing_calls (day, uuid, reason) values ('2024-01-15', 'gone', 'not stored')`;
});
afterAll(() => client.close());

const nasty = fc.constantFrom(
  "",
  " ",
  "known",
  "gone",
  "%",
  "%00",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202e",
  "🎧",
  "' or 1=1 --",
  "../../etc/passwd",
  "null",
  "-1",
  "1e309",
  "99999999999999999999",
  "0901234567",
  "2024-02-30",
  "2024-01-15",
  "10000-01-01",
  "0000-00-00",
  "x".repeat(5_000),
);

const anyText = fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 40 }), fc.string({ maxLength: 40 }));

/** Mostly what the schema asks for, sometimes anything. */
function madeFor(written: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(written, document);
  if (schema.enum) return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...schema.enum) }, anyText);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(madeFor));
  if (schema.type === "integer" || schema.type === "number") {
    const inside = fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000 });
    return fc.oneof({ weight: 4, arbitrary: inside }, fc.double(), fc.integer(), fc.jsonValue());
  }
  if (schema.type === "object" && schema.properties) {
    const fields = Object.fromEntries(Object.entries(schema.properties).map(([key, one]) => [key, madeFor(one)]));
    const right = fc.record(fields, { requiredKeys: schema.required ?? [] });
    return fc.oneof({ weight: 6, arbitrary: right }, fc.record(fields, { requiredKeys: [] }), fc.jsonValue());
  }
  if (schema.format === "date") {
    const day = fc
      .date({ min: new Date("1980-01-01"), max: new Date("2110-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    return fc.oneof({ weight: 4, arbitrary: day }, fc.constant("2024-01-15"), anyText);
  }
  const known = fc.constantFrom("known", "uploaded", "gone", "0901234567");
  if (schema.pattern === undefined) return fc.oneof(known, anyText, fc.jsonValue());
  const right = fc.stringMatching(new RegExp(schema.pattern)).filter((text) => text.length > 0);
  return fc.oneof({ weight: 3, arbitrary: known }, { weight: 3, arbitrary: right }, anyText, fc.jsonValue());
}

/** A part of a path; dots alone would lead to another address before any route sees them. */
const segmentOf = (value: unknown) => (/^\.{0,2}$/.test(encoded(value)) ? "x" : encoded(value));

interface Asked {
  method: string;
  path: string;
  operation: Operation;
  url: string;
  text: string | undefined;
}

const encoded = (value: unknown) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return encodeURIComponent(text.toWellFormed());
};

/** One field of them, or none. */
const one = (fields: Record<string, unknown>) =>
  fc.constantFrom({}, ...Object.entries(fields).map(([key, value]) => ({ [key]: value })));

/** A request of an operation: its parameters and body made from its schemas, now and then with something that nobody asked for. */
function request({
  method,
  path,
  operation,
}: {
  method: string;
  path: string;
  operation: Operation;
}): fc.Arbitrary<Asked> {
  const parameters = operation.parameters ?? [];
  const inPath = Object.fromEntries(
    parameters.filter((one) => one.in === "path").map((one) => [one.name, madeFor(one.schema)]),
  );
  const inQuery = Object.fromEntries(
    parameters.filter((one) => one.in === "query").map((one) => [one.name, madeFor(one.schema)]),
  );
  const body = operation.requestBody?.content["application/json"];
  return fc
    .record({
      parts: fc.record(inPath),
      query: fc.oneof(fc.record(inQuery, { requiredKeys: [] }), fc.record(inQuery, { requiredKeys: [] }).chain(one)),
      extra: fc.option(fc.tuple(anyText, anyText), { freq: 8 }),
      text: body
        ? fc.oneof({ weight: 6, arbitrary: madeFor(body.schema).map((value) => JSON.stringify(value)) }, anyText)
        : fc.constant(undefined),
    })
    .map(({ parts, query, extra, text }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => segmentOf(parts[name]));
      const pairs = [...Object.entries(query), ...(extra ? [extra] : [])].map(
        ([key, value]) => `${encoded(key)}=${encoded(value)}`,
      );
      return { method, path, operation, url: `${filled}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`, text };
    });
}

test("whatever is asked, the answer is one that the document announces, and never a 500", {
  timeout: 120_000,
}, async () => {
  const operations = operationsOf(document).filter(({ path }) => path !== "/openapi.json");
  const seen = new Set<string>();
  const reading = operations.filter(({ method, path }) => method === "GET" && path !== "/health");
  const plain = reading.map(({ method, path, operation }): [Asked] => {
    const url = path.replace("{day}", "2024-01-15").replaceAll(/\{\w+\}/g, "known");
    return [{ method, path, operation, url, text: undefined }];
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(...operations.map(request)), async ({ method, path, operation, url, text }) => {
      const answer = await client.ask(url, { method, ...(text !== undefined && { text }) });
      const said = `${method} ${url} ${text ?? ""} → ${answer.status} ${answer.text.slice(0, 300)}`;
      expect(answer.status, said).not.toBe(500);
      const announced = operation.responses[answer.status];
      expect(announced, said).toBeDefined();
      seen.add(`${method} ${path} ${answer.status}`);
      const type = answer.headers.get("Content-Type")?.split(";")[0] ?? "";
      const schema = announced?.content?.[type]?.schema;
      expect(schema, `${said}: ${type}`).toBeDefined();
      if (answer.body !== null) expect(faultsOf(answer.body, schema!, document), said).toEqual([]);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1_000), examples: plain },
  );
  for (const { path } of reading) expect(seen, "answered well at least once").toContain(`GET ${path} 200`);
});
