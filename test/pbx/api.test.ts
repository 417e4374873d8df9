import { describe, expect, test } from "vitest";
import { callsOf, codeOf, failureOf, impatient, pbxAt, read, startPair } from "./pair.ts";
import { startJsonServer, startServer } from "./server.ts";

describe("an answer that holds no calls", () => {
  test.each([
    { name: "error_envelope" },
    { name: "html_page" },
    { name: "truncated_json" },
    { name: "cut" },
    { name: "reset" },
    { name: "stall" },
    { name: "hang" },
    { name: "status", status: 500 },
    { name: "status", status: 502 },
    { name: "status", status: 503, retryAfter: 0 },
    { name: "status", status: 408 },
    { name: "status", status: 429, retryAfter: 0 },
    { name: "status", status: 429, retryAfter: 0, retryAfterAs: "date" },
  ] as const)("is asked for again: %j", async (fault) => {
    const { fake, pbx } = await startPair({ calls: callsOf(30) }, impatient);
    fake.faults.inject({ ...fault, kind: "api", nth: 2 });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, readings: 1 });
    expect(result.calls.size).toBe(30);
    expect(fake.counts.api.total).toBe(4);
  });

  test.each([
    [
      { name: "error_envelope", message: "Lỗi cơ sở dữ liệu" },
      "pbx_bad_answer",
      "the PBX answered an error: Lỗi cơ sở dữ liệu",
    ],
    [{ name: "html_page" }, "pbx_bad_answer", "the PBX answered a page of HTML"],
    [{ name: "truncated_json" }, "pbx_bad_answer", "the PBX's answer breaks off"],
    [{ name: "cut" }, "pbx_unreachable", "the PBX cannot be reached (other side closed)"],
    [{ name: "reset" }, "pbx_unreachable", /the PBX cannot be reached \((other side closed|read ECONNRESET)\)/],
    [{ name: "stall" }, "pbx_timeout", "the PBX stopped in the middle of its answer"],
    [{ name: "hang" }, "pbx_timeout", "the PBX does not answer in time"],
    [{ name: "status", status: 500 }, "pbx_server_error", "the PBX answered 500"],
    [{ name: "status", status: 404 }, "pbx_bad_answer", "the PBX answered 404"],
    [{ name: "status", status: 429 }, "pbx_rate_limited", "the PBX asks for fewer requests (429)"],
  ] as const)("ends the reading when it stays so: %j is %s", async (fault, code, words) => {
    const { fake, pbx } = await startPair({ calls: callsOf(30) }, { dialect: "seed", ...impatient });
    fake.faults.inject({ ...fault, kind: "api", skip: 1 });
    const failure = await failureOf(read(pbx));
    expect(failure.code).toBe(code);
    const start = "Cannot read calls of 2024-01-15 from number 21 on: ";
    expect(failure.message.startsWith(start)).toBe(true);
    expect(failure.message.slice(start.length)).toMatch(words);
    expect(fake.counts.api.total).toBe(1 + 4);
  });

  test.each([
    [{ success: false, message: "Invalid API key" }],
    [{ status: "error", error: "Unauthorized" }],
    [{ success: false, code: 403, message: "no" }],
  ])("but words about the key is no matter of patience: %j", async (answer) => {
    expect(await codeOf(read(pbxAt(await startJsonServer(answer))))).toBe("pbx_key_refused");
  });

  test.each([
    [{ code: 500, message: "Internal error", data: null }, "pbx_bad_answer"],
    [{ code: 401, message: "no", data: null }, "pbx_key_refused"],
    [{ status: false, message: "Down for maintenance", data: [] }, "pbx_bad_answer"],
    [{ status: 0, msg: "Invalid API key", data: [] }, "pbx_key_refused"],
    [{ error: "database is locked", data: [] }, "pbx_bad_answer"],
    [{ error: 1, data: [], total: 0 }, "pbx_bad_answer"],
    [{ result: "error", data: "" }, "pbx_bad_answer"],
    [{ status: "success", data: "", error: { message: "timeout" }, result_in_page: 0 }, "pbx_bad_answer"],
    [{ success: true, error: "timeout", data: [], total: 0 }, "pbx_bad_answer"],
  ] as const)("and tells of an error is no empty day: %j", async (answer, code) => {
    expect(await codeOf(read(pbxAt(await startJsonServer(answer))))).toBe(code);
  });

  test.each([
    [{ success: true, data: [], total: 0, message: "No records", error: null, errors: [], code: 0 }],
    [{ status: 1, data: [], error: "", error_code: 0, total: 0 }],
    [{ status: "success", data: "", error: false, result: "ok", result_in_page: 0 }],
    [{ code: 200, message: "OK", data: [] }],
    [{ code: 404, message: "No records found", data: [] }],
  ])("and tells of none is an empty day: %j", async (answer) => {
    expect(await read(pbxAt(await startJsonServer(answer)))).toMatchObject({ complete: true, ids: [] });
  });

  test("is none that is empty though the envelope says nothing of success", async () => {
    expect(await read(pbxAt(await startJsonServer({ data: [] })))).toMatchObject({ complete: true, ids: [] });
    expect(await codeOf(read(pbxAt(await startJsonServer({}))))).toBe("pbx_bad_answer");
    expect(await codeOf(read(pbxAt(await startJsonServer([]))))).toBe("pbx_bad_answer");
  });
});

describe("a PBX that asks for patience", () => {
  test("for longer than a minute is left alone, and the error says for how long", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(5) });
    fake.faults.inject({ name: "status", status: 429, retryAfter: 600 });
    const failure = await failureOf(read(pbx));
    expect(failure).toMatchObject({ code: "pbx_rate_limited", retryAfterMs: 600_000 });
    expect(fake.counts.api.total).toBe(1);
  });

  test("for longer than a day is asked again after a day", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(5) });
    fake.faults.inject({ name: "status", status: 429, retryAfter: 999_999_999_999_999 });
    expect(await failureOf(read(pbx))).toMatchObject({ code: "pbx_rate_limited", retryAfterMs: 86_400_000 });
  });

  test("until a date is understood by its own clock", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(5) });
    fake.faults.inject({ name: "status", status: 503, retryAfter: 600, retryAfterAs: "date" });
    const { retryAfterMs } = await failureOf(read(pbx));
    expect(Math.abs((retryAfterMs ?? 0) - 600_000)).toBeLessThanOrEqual(2_000);
  });

  test("for a second gets it", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(5) });
    fake.faults.inject({ name: "status", status: 429, retryAfter: 1, times: 1 });
    await read(pbx);
    const [first, second] = fake.requests;
    expect(second!.time.getTime() - first!.time.getTime()).toBeGreaterThanOrEqual(990);
  });
});

describe("the key", () => {
  test("that is refused ends the reading at once, also in its middle", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(73) });
    fake.onRequest = ({ query }) => {
      if (query.offset === "40") fake.apiKey = "rotated";
    };
    const failure = await failureOf(read(pbx));
    expect(failure.code).toBe("pbx_key_refused");
    expect(failure.message).not.toContain("test-key");
    expect(fake.counts.api.total).toBe(3);
  });

  test("may be a user and a password, in any script", async () => {
    const { pbx } = await startPair(
      { auth: "basic", apiKey: "tổng đài:mật khẩu", calls: callsOf(3) },
      { auth: { kind: "basic", userPassword: "tổng đài:mật khẩu" } },
    );
    expect((await read(pbx)).complete).toBe(true);
  });

  test("is not sent where there is none", async () => {
    const { fake, pbx } = await startPair({ auth: "none", calls: callsOf(3) }, { auth: { kind: "none" } });
    expect((await read(pbx)).complete).toBe(true);
    expect(fake.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test("follows a redirect within the PBX's own origin", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(3) });
    fake.faults.inject({ name: "redirect", location: "{path}", status: 307, times: 1 });
    expect((await read(pbx)).calls.size).toBe(3);
  });

  test("never follows one to another host, which is not even asked", async () => {
    let asked = 0;
    const elsewhere = await startServer((_, res) => {
      asked++;
      res.end("{}");
    });
    const { fake, pbx } = await startPair({ calls: callsOf(3) });
    fake.faults.inject({ name: "redirect", location: `${elsewhere}{path}` });
    expect(await codeOf(read(pbx))).toBe("pbx_redirected");
    expect(asked).toBe(0);
  });

  test("stays behind when a redirect leads to the other configured origin", async () => {
    const keys: (string | undefined)[] = [];
    const recordings = await startServer((req, res) => {
      keys.push(req.headers.authorization);
      res.end(JSON.stringify({ success: true, data: [], total: 0 }));
    });
    const { fake, pbx } = await startPair({}, { recordingBaseUrl: new URL(recordings) });
    fake.faults.inject({ name: "redirect", location: `${recordings}/cdrs` });
    expect((await read(pbx)).complete).toBe(true);
    expect(keys).toEqual([undefined, undefined]);
  });

  test("is not led in circles", async () => {
    const { fake, pbx } = await startPair();
    fake.faults.inject({ name: "redirect", location: "{path}" });
    expect(await codeOf(read(pbx))).toBe("pbx_redirected");
    expect(fake.counts.api.total).toBe(6);
  });
});

describe("a PBX that is down", () => {
  test("is unreachable, after a few tries", async () => {
    const { fake, pbx } = await startPair();
    await fake.setDown(true);
    const failure = await failureOf(read(pbx));
    expect(failure.code).toBe("pbx_unreachable");
    expect(failure.message).toMatch(/the PBX cannot be reached \(connect ECONNREFUSED/);
  });

  test("is read on when it comes back between two tries", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(30) }, { retryDelaysMs: [300] });
    fake.onRequest = async ({ query }) => {
      if (query.offset !== "20" || fake.counts.api.total > 2) return;
      void fake.setDown(true).then(() => fake.setDown(false));
    };
    expect(await read(pbx)).toMatchObject({ complete: true });
  });
});
