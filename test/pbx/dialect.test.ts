import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { partsOf, wholeDay } from "../../src/pbx/dialect.ts";
import { oneposV2 } from "../../src/pbx/onepos_v2.ts";
import { createPbx } from "../../src/pbx/pbx.ts";
import { callsOf, codeOf, configFor, DAY, failureOf, pbxAt, read, sorted, startPair } from "./pair.ts";
import { startJsonServer, startServer } from "./server.ts";

const CALL = { uuid: "a1", caller_id: "1", start_time: "2024-01-15T10:30:00+07:00" };

test.each([1, 2, 4, 5, 6, 7, 86_400])("a day in %i parts holds each of its seconds once", (count) => {
  const parts = partsOf(wholeDay(DAY), count);
  expect(parts).toHaveLength(count);
  expect([parts[0]?.fromSecond, parts.at(-1)?.toSecond]).toEqual([0, 86_399]);
  for (const [index, part] of parts.slice(1).entries()) expect(part.fromSecond).toBe(parts[index]!.toSecond + 1);
});

test("a second beyond a day's last is asked for as the next day's first", () => {
  const query = oneposV2.query({ span: { day: "2024-02-29", fromSecond: 60, toSecond: 86_400 }, offset: 0, limit: 5 });
  expect([query.from, query.to]).toEqual(["2024-02-29 00:01:00", "2024-03-01 00:00:00"]);
});

describe("the dialect", () => {
  test("is told by the first answer, and not asked for again", async () => {
    const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls: callsOf(5) });
    expect((await read(pbx)).complete).toBe(true);
    await read(pbx);
    expect(fake.requests.filter(({ query }) => query.date_from !== undefined)).toHaveLength(1);
  });

  test("stores nothing of other days from a PBX that does not understand the first question and answers with everything", async () => {
    const calls = ["2024-01-14", DAY, "2024-01-16"].flatMap((day) => callsOf(5, { day }));
    const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, outside: 0 });
    expect(sorted(result.calls.keys())).toEqual(sorted(fake.calls.ofDay(DAY).map(({ uuid }) => uuid)));
  });

  test("is found with a PBX that answers an error to a question it does not understand", async () => {
    const origin = await startServer((req, res) => {
      if (req.url?.includes("date_from")) res.writeHead(400).end('{"status":"error","message":"from is required"}');
      else if (!req.url?.includes("offset=0")) res.end('{"status":"success","result_in_page":0,"data":""}');
      else res.end('{"status":"success","data":[{"uuid":"a1","start_epoch":"1705289400"}]}');
    });
    expect(await read(pbxAt(origin))).toMatchObject({ dialect: "onepos-v2", complete: true, ids: ["a1"] });
  });

  test("is found with a PBX that stumbles over a question it does not understand", async () => {
    const origin = await startServer((req, res) => {
      if (!req.url?.includes("from=")) res.writeHead(500).end("Undefined index: from");
      else if (!req.url?.includes("offset=0")) res.end('{"status":"success","result_in_page":0,"data":""}');
      else res.end('{"status":"success","data":[{"uuid":"a1","start_epoch":"1705289400"}]}');
    });
    expect(await read(pbxAt(origin))).toMatchObject({ dialect: "onepos-v2", complete: true, ids: ["a1"] });
  });

  test("is found anew with a PBX that stumbles over the question that it understood yesterday", async () => {
    let isNew = false;
    const origin = await startServer((req, res) => {
      if (req.url?.includes("date_from")) {
        if (isNew) res.writeHead(500).end("Undefined index: from");
        else res.end(JSON.stringify({ success: true, data: req.url.includes("offset=0") ? [CALL] : [], total: 1 }));
      } else if (!isNew) res.writeHead(400).end('{"success":false,"message":"date_from is required"}');
      else if (!req.url?.includes("offset=0")) res.end('{"status":"success","result_in_page":0,"data":""}');
      else res.end('{"status":"success","data":[{"uuid":"a1","start_epoch":"1705289400"}]}');
    });
    const pbx = pbxAt(origin);
    expect(await read(pbx)).toMatchObject({ dialect: "seed", complete: true });
    isNew = true;
    expect(await codeOf(read(pbx))).toBe("pbx_server_error");
    expect(await read(pbx)).toMatchObject({ dialect: "onepos-v2", complete: true, ids: ["a1"] });
  });

  test.each([
    [500, 2, "pbx_server_error"],
    [502, 1, "pbx_server_error"],
    [503, 1, "pbx_server_error"],
    [429, 1, "pbx_rate_limited"],
    [401, 1, "pbx_key_refused"],
    [403, 1, "pbx_key_refused"],
  ] as const)("is looked for in what a PBX answers with %i in %i questions", async (status, questions, code) => {
    let asked = 0;
    const origin = await startServer((req, res) => {
      asked++;
      res.writeHead(req.url?.includes("date_from") ? status : 500).end();
    });
    const failure = await failureOf(read(pbxAt(origin, { retryDelaysMs: [] })));
    expect([failure.code, asked]).toEqual([code, questions]);
    expect(failure.message).toContain(String(status));
  });

  test("is not looked for anew where it is known", async () => {
    const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls: callsOf(3) }, { retryDelaysMs: [] });
    await read(pbx);
    const before = fake.requests.length;
    fake.faults.inject({ name: "status", status: 500, kind: "api" });
    expect(await codeOf(read(pbx))).toBe("pbx_server_error");
    expect(fake.requests.length - before).toBe(1);
  });

  test("is not taken from an empty answer", async () => {
    const { fake, pbx } = await startPair({ dialect: "onepos-v2" });
    expect(await read(pbx)).toMatchObject({ complete: true, ids: [] });
    fake.calls.add(callsOf(3));
    expect(await read(pbx)).toMatchObject({ dialect: "onepos-v2", complete: true, total: null });
  });

  test("is not taken from an empty list that could be anybody's", async () => {
    let calls = false;
    const origin = await startServer((req, res) => {
      if (!calls) res.end('{"data":[]}');
      else if (req.url?.includes("date_from")) res.writeHead(400).end("{}");
      else
        res.end(
          JSON.stringify({ data: req.url?.includes("offset=0") ? [{ uuid: "a1", start_epoch: "1705289400" }] : [] }),
        );
    });
    const pbx = pbxAt(origin);
    expect(await read(pbx)).toMatchObject({ complete: true, ids: [] });
    calls = true;
    expect(await read(pbx)).toMatchObject({ dialect: "onepos-v2", complete: true, ids: ["a1"] });
  });

  test("may change while we run", async () => {
    const records = [[CALL], [{ uuid: "a1", start_epoch: "1705289400" }]];
    let upgraded = 0;
    const origin = await startServer((req, res) => {
      const data = req.url?.includes("offset=0") ? records[upgraded] : [];
      const envelope = upgraded ? { status: "success", data } : { success: true, data, total: 1 };
      res.end(JSON.stringify(envelope));
    });
    const pbx = pbxAt(origin);
    expect((await read(pbx)).dialect).toBe("seed");
    upgraded = 1;
    expect((await read(pbx)).dialect).toBe("onepos-v2");
  });

  test("is found again after a PBX that changed it answered errors only", async () => {
    let upgraded = false;
    const origin = await startServer((req, res) => {
      const isFirst = req.url?.includes("offset=0");
      if (!upgraded) res.end(JSON.stringify({ success: true, data: isFirst ? [CALL] : [], total: 1 }));
      else if (req.url?.includes("date_from")) res.writeHead(400).end("{}");
      else
        res.end(
          JSON.stringify({ status: "success", data: isFirst ? [{ uuid: "a1", start_epoch: "1705289400" }] : "" }),
        );
    });
    const pbx = pbxAt(origin);
    expect((await read(pbx)).dialect).toBe("seed");
    upgraded = true;
    expect(await codeOf(read(pbx))).toBe("pbx_bad_answer");
    expect((await read(pbx)).dialect).toBe("onepos-v2");
  });

  test.each([
    ["seed", "onepos-v2"],
    ["onepos-v2", "seed"],
  ] as const)("that was configured as %s does not fit a PBX that speaks %s", async (dialect, other) => {
    const { pbx } = await startPair({ dialect: other, calls: callsOf(5) }, { dialect });
    const failure = await failureOf(read(pbx));
    expect(failure.code).toBe("pbx_dialect_mismatch");
    expect(failure.message).toBe(
      `Cannot read calls of 2024-01-15: asked in the dialect ${dialect}, the PBX answers in another one`,
    );
  });

  test("that nobody speaks is a mistake in the configuration", () => {
    expect(() => createPbx(configFor("http://localhost/x", { dialect: "klingon" }), silentLog)).toThrow(ConfigError);
  });

  test("is told by the good records of a page whose first is broken", async () => {
    const page = { success: true, data: [null, {}, "x", CALL], total: 4 };
    const pbx = pbxAt(await startJsonServer(page, { success: true, data: [], total: 4 }));
    expect((await read(pbx)).calls.has("a1")).toBe(true);
  });

  test("may number its records instead of listing them", async () => {
    const pbx = pbxAt(
      await startJsonServer({ success: true, data: { "0": CALL, "3": { ...CALL, uuid: "a2" } }, total: "2" }),
    );
    expect(sorted((await read(pbx)).ids)).toEqual(["a1", "a2"]);
  });
});
