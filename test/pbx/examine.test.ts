import { describe, expect, test } from "vitest";
import { callsOf, DAY, impatient, startPair } from "./pair.ts";

const recorded = (count: number) => callsOf(count, { recordingsShare: 1 });

describe("examine()", () => {
  test("tells all that there is to say of a healthy PBX, with few requests", async () => {
    const { fake, pbx } = await startPair({ calls: recorded(50) });
    const { recording, clockSkewMs, ...report } = await pbx.examine(DAY);
    expect(report).toEqual({
      failure: null,
      reachable: true,
      certificate: "none",
      key: "accepted",
      answersWithoutKey: false,
      dialect: "seed",
      records: 20,
      total: 50,
      order: "newest_first",
      pageCap: null,
    });
    expect(recording).toMatchObject({ kind: "wav", failure: null });
    expect(recording?.sizeBytes).toBeGreaterThan(44);
    expect(Math.abs(clockSkewMs!)).toBeLessThanOrEqual(2_000);
    expect(fake.counts).toMatchObject({ api: { total: 2 }, recording: { total: 1 } });
  });

  test.each(["seed", "onepos-v2"] as const)("tells the order and the page cap of %s", async (dialect) => {
    const { pbx } = await startPair({ dialect, calls: recorded(50), pageCap: 7, order: "oldest_first" });
    expect(await pbx.examine(DAY)).toMatchObject({ dialect, order: "oldest_first", pageCap: 7, records: 7 });
  });

  test("sees no page cap where the day has no more calls", async () => {
    for (const dialect of ["seed", "onepos-v2"] as const) {
      const { fake, pbx } = await startPair({ dialect, calls: recorded(7) });
      expect((await pbx.examine(DAY)).pageCap).toBeNull();
      fake.faults.inject({ name: "same_page" });
      expect((await pbx.examine(DAY)).pageCap).toBeNull();
    }
  });

  test("notices that the PBX answers anybody", async () => {
    const { pbx } = await startPair({ auth: "none", calls: recorded(3) });
    expect(await pbx.examine(DAY)).toMatchObject({ key: "accepted", answersWithoutKey: true });
    const { pbx: keyless } = await startPair({ auth: "none", calls: recorded(3) }, { auth: { kind: "none" } });
    expect(await keyless.examine(DAY)).toMatchObject({ key: "none", answersWithoutKey: true });
  });

  test("notices that the PBX's clock is off", async () => {
    const { fake, pbx } = await startPair({ calls: recorded(3) });
    fake.faults.inject({ name: "clock_skew", ms: -7 * 60_000 });
    expect(Math.abs((await pbx.examine(DAY)).clockSkewMs! + 7 * 60_000)).toBeLessThanOrEqual(2_000);
  });

  test("says of a day without calls what can be said", async () => {
    const { pbx } = await startPair();
    const nothing = { records: 0, order: "unknown", pageCap: null, recording: null, answersWithoutKey: false };
    expect(await pbx.examine(DAY)).toMatchObject({ ...nothing, failure: null, key: "accepted" });
  });

  test.each([
    [
      { name: "status", status: 401 },
      { reachable: true, key: "refused" },
    ],
    [
      { name: "status", status: 500 },
      { reachable: true, key: "unknown" },
    ],
    [{ name: "html_page" }, { reachable: true, key: "unknown" }],
    [{ name: "hang" }, { reachable: false, key: "unknown" }],
    [{ name: "reset" }, { reachable: false, key: "unknown" }],
  ] as const)("says what is wrong instead of throwing it: %j", async (fault, expected) => {
    const { fake, pbx } = await startPair({ calls: recorded(3) }, impatient);
    fake.faults.inject(fault);
    const report = await pbx.examine(DAY);
    expect(report).toMatchObject({ ...expected, dialect: null });
    expect(report.failure?.message).toMatch(/^Cannot read calls of 2024-01-15: /);
  });

  test("says why a recording cannot be read", async () => {
    const { fake, pbx } = await startPair({ calls: recorded(3) });
    const [gone, page] = [{ name: "status", status: 404 }, { name: "html_page" }] as const;
    fake.faults.inject({ ...gone, kind: "recording", times: 1 });
    expect((await pbx.examine(DAY)).recording?.failure?.code).toBe("recording_gone");
    fake.faults.inject({ ...page, kind: "recording" });
    expect((await pbx.examine(DAY)).recording?.failure?.code).toBe("recording_not_audio");
  });

  test("ends when it is interrupted", async () => {
    const { fake, pbx } = await startPair();
    fake.faults.inject({ name: "hang" });
    const stop = new AbortController();
    fake.onRequest = () => stop.abort(new Error("Stopped"));
    await expect(pbx.examine(DAY, stop.signal)).rejects.toThrow("Stopped");
  });
});
