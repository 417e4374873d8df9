import { describe, expect, test } from "vitest";
import { silentLog } from "../../src/log.ts";
import { createPbx } from "../../src/pbx/pbx.ts";
import { callsOf, DAY, failureOf, idsOf, read, sorted, startPair } from "./pair.ts";

describe("a total", () => {
  test("that is missing lets two readings decide", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(50) });
    fake.faults.inject({ name: "no_total" });
    expect(await read(pbx)).toMatchObject({ complete: true, readings: 2, total: null });
  });

  test.each([-10, 10, 1_000_000])("that is wrong by %i lets two readings decide", async (by) => {
    const { fake, pbx } = await startPair({ calls: callsOf(50) });
    fake.faults.inject({ name: "wrong_total", by });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, readings: 2, total: 50 + by });
    expect(sorted(result.ids)).toEqual(idsOf(fake));
    expect(fake.counts.api.total).toBeLessThan(30);
  });

  test("that changed on the way proves nothing: a call that vanished hides one that was skipped", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(40) });
    fake.faults.inject({ name: "calls_vanish", count: 1, nth: 1 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(sorted(result.ids)).toEqual(idsOf(fake));
    expect(result.calls.size).toBe(40);
  });
});

describe("paging that leads nowhere", () => {
  test("is never complete where only whole days can be asked for", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(50) });
    fake.faults.inject({ name: "same_page" });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: false, readings: 1, reason: { code: "day_paging_stuck" } });
    expect(result.calls.size).toBe(20);
    expect(fake.counts.api.total).toBe(4);
  });

  test("is no matter where one page holds the day and the total says so", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(15) });
    fake.faults.inject({ name: "same_page" });
    expect(await read(pbx)).toMatchObject({ complete: true, readings: 1 });
  });

  test("is got round by asking for smaller and smaller parts of the day", async () => {
    const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls: callsOf(150) });
    fake.faults.inject({ name: "same_page" });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, reason: null });
    expect(sorted(result.ids)).toEqual(idsOf(fake));
  });

  test("is got round also where a call stands twice on a page, which then holds fewer calls than rows", async () => {
    const calls = callsOf(51);
    for (const { uuid } of calls) {
      const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls, pageCap: 10 });
      fake.faults.inject({ name: "same_page" });
      fake.faults.inject({ name: "doubled_call", call: uuid });
      const { complete, ids } = await read(pbx);
      expect([complete, sorted(ids)]).toEqual([true, idsOf(fake)]);
    }
  });

  test("is got round also where one page came with rows on top, so that the others hold fewer rows", async () => {
    const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls: callsOf(150) }, { dialect: "onepos-v2" });
    fake.faults.inject({ name: "same_page" });
    fake.faults.inject({ name: "duplicate_uuids", count: 5, nth: 1 });
    const { complete, ids } = await read(pbx);
    expect([complete, sorted(ids)]).toEqual([true, idsOf(fake)]);
  });

  test("is told where even a second holds more than a page", async () => {
    const calls = callsOf(30).map((call) => ({ ...call, startMs: Date.parse("2024-01-15T10:30:00+07:00") }));
    const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls });
    fake.faults.inject({ name: "same_page" });
    expect(await read(pbx)).toMatchObject({ complete: false, reason: { code: "day_paging_stuck" } });
  });
});

describe("the time in uuids of version 1", () => {
  test("tells a wrong zone before a page is passed on", async () => {
    const { fake, config } = await startPair({ calls: callsOf(30) });
    fake.faults.inject({ name: "times_as", as: "naive" });
    const abroad = createPbx({ ...config, zone: "Europe/Paris" }, silentLog);
    let passedOn = 0;
    const failure = await failureOf(
      abroad.readDay(DAY, { onPage: async () => void passedOn++ }).finally(() => abroad.close()),
    );
    expect(failure.code).toBe("day_wrong_zone");
    expect(failure.message).toMatch(/wrong time zone\? .*Europe\/Paris.* 6 hours after/);
    expect(passedOn).toBe(0);
  });

  test("says nothing where a few calls disagree", async () => {
    const calls = callsOf(20);
    for (const call of calls.slice(0, 5)) call.startMs -= 7 * 3_600_000;
    const { pbx } = await startPair({ calls });
    expect((await read(pbx)).complete).toBe(true);
  });
});

describe("whoever takes the pages", () => {
  test("is never given two at a time", async () => {
    const { pbx } = await startPair({ calls: callsOf(73) });
    let busy = 0;
    let peak = 0;
    await pbx.readDay(DAY, {
      onPage: async () => {
        peak = Math.max(peak, ++busy);
        await new Promise((resolve) => setTimeout(resolve, 10)); // Slower than the PBX.
        busy--;
      },
    });
    expect(peak).toBe(1);
  });

  test("has its own error thrown", async () => {
    const { pbx } = await startPair({ calls: callsOf(73) });
    const broken = new Error("The database is gone");
    const onPage = () => Promise.reject(broken);
    await expect(pbx.readDay(DAY, { onPage })).rejects.toBe(broken);
  });

  test("gets a whole day that the PBX answers at once in parts", async () => {
    const { pbx } = await startPair({ calls: callsOf(2_500) }, { pageSize: 10_000 });
    expect((await read(pbx)).pages).toEqual([1_000, 1_000, 500]);
  });

  test("can interrupt the reading, with its own reason", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(73) });
    fake.faults.inject({ name: "hang", offset: 40 });
    const shutdown = new AbortController();
    fake.onRequest = ({ query }) => {
      if (query.offset === "40") shutdown.abort(new Error("Shutting down"));
    };
    const reading = pbx.readDay(DAY, { signal: shutdown.signal, onPage: async () => {} });
    await expect(reading).rejects.toThrow("Shutting down");
  });
});
