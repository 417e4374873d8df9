import { describe, expect, test } from "vitest";
import { silentLog } from "../../src/log.ts";
import { createPbx } from "../../src/pbx/pbx.ts";
import { edgeCalls } from "../fakes/calls.ts";
import type { FakePbx } from "../fakes/pbx.ts";
import { callsOf, codeOf, DAY, failureOf, read, sorted, startPair, ZONE } from "./pair.ts";

const dialects = ["seed", "onepos-v2"] as const;
const idsOf = (fake: FakePbx, day: string = DAY) => sorted(fake.calls.ofDay(day).map(({ uuid }) => uuid));

describe.each(dialects)("a day in the dialect %s", (dialect) => {
  test("is passed on page by page, every call once and as it was", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
    const result = await read(pbx);
    expect(result).toMatchObject({ dialect, complete: true, reason: null, outside: 0 });
    expect(result.total).toBe(dialect === "seed" ? 73 : null);
    expect(result.readings).toBe(dialect === "seed" ? 1 : 2);
    expect(sorted(result.ids)).toEqual(idsOf(fake));
    expect(result.pages.reduce((sum, size) => sum + size)).toBe(73);
    expect(Math.max(...result.pages)).toBe(20);
    for (const truth of fake.calls.ofDay(DAY)) {
      expect(result.calls.get(truth.uuid)).toMatchObject({
        callerId: truth.caller,
        destination: truth.destination,
        disposition: truth.disposition,
        startedAt: new Date(truth.startMs),
        answeredAt: truth.answerMs === null ? null : new Date(truth.answerMs),
        endedAt: new Date(truth.endMs),
      });
      expect(result.calls.get(truth.uuid)?.recordingPath === null).toBe(truth.recording === null);
    }
  });

  test("without calls is complete", async () => {
    const { pbx } = await startPair({ dialect });
    expect(await read(pbx)).toMatchObject({ complete: true, ids: [], reason: null });
  });

  test("holds calls at 00:00:00, at 23:59:59 and across midnight, and none of its neighbours", async () => {
    const neighbours = ["2024-01-14", "2024-01-16"].flatMap((day) => edgeCalls({ day, zone: ZONE, seed: day }));
    const { fake, pbx } = await startPair({ dialect, calls: [...edgeCalls({ day: DAY, zone: ZONE }), ...neighbours] });
    const result = await read(pbx);
    expect(sorted(result.ids)).toEqual(idsOf(fake));
    expect(result.ids).toHaveLength(3);
  });

  test("is whole though the PBX lowers the limit silently", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73), pageCap: 7 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(sorted(result.ids)).toEqual(idsOf(fake));
  });

  test.each([{ name: "short_page" }, { name: "empty_page" }] as const)(
    "is whole though one answer in the middle is bad: $name",
    async (fault) => {
      const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
      fake.faults.inject({ ...fault, offset: 20, times: 1 });
      const result = await read(pbx);
      expect(result.complete).toBe(true);
      expect(sorted(result.ids)).toEqual(idsOf(fake));
    },
  );

  test("is not called complete while a page in its middle stays empty", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
    fake.faults.inject({ name: "empty_page", offset: 20 });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: false, readings: 5, reason: { code: "day_unstable" } });
    expect(result.calls.size).toBe(53);
    expect(result.reason?.message).toContain("stay empty");
  });

  test("is whole though `next_offset` stands still", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
    fake.faults.inject({ name: "stuck_offset" });
    expect(sorted((await read(pbx)).ids)).toEqual(idsOf(fake));
  });

  test("is whole though the same page came again once", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
    fake.faults.inject({ name: "same_page", offset: 40, times: 1 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(sorted(result.ids)).toEqual(idsOf(fake));
  });

  test("is read again until two readings agree while calls arrive", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
    fake.faults.inject({ name: "calls_arrive", count: 3, times: 3 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(sorted(result.ids)).toEqual(idsOf(fake));
    expect(result.ids).toHaveLength(82);
  });

  test("is read again until two readings agree while calls vanish, and misses none that offsets skipped", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
    fake.faults.inject({ name: "calls_vanish", count: 2, times: 2 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(result.readings).toBeGreaterThan(1);
    expect(sorted(result.ids)).toEqual(idsOf(fake));
  });

  test("that never stands still is incomplete after five readings, and says why", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(30) });
    fake.faults.inject({ name: "calls_arrive", count: 1, offset: 0 });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: false, readings: 5, reason: { code: "day_unstable" } });
    expect(result.reason?.message).toMatch(/5 readings met \d+(, \d+){4} and the PBX/);
  });

  test("passes a call on again when it changed between two readings, and not when it did not", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(30) });
    fake.faults.inject({ name: "no_total" });
    const [first] = fake.calls.ofDay(DAY);
    let pagesRead = 0;
    fake.afterPage = () => {
      pagesRead++;
      if (pagesRead === 2)
        fake.calls.change(first!.uuid, { recording: { format: "wav", seconds: 1, path: "late.wav" } });
    };
    const result = await read(pbx);
    expect(result.pages.reduce((sum, size) => sum + size)).toBe(31);
    expect(result.calls.get(first!.uuid)?.recordingPath).toBe("late.wav");
  });

  test("takes a uuid that comes twice once", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(30) });
    fake.faults.inject({ name: "duplicate_uuids", count: 5 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(result.pages).toEqual([20, 10]);
  });

  test("keeps bad records apart from the good ones", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(30) });
    fake.faults.inject({ name: "bad_records", offset: 0 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(result.calls.size).toBe(30);
    expect(sorted(result.calls.keys())).toEqual(idsOf(fake));
    expect(result.refused.get("bad-garbage-dates")?.reason).toBe('Its start "not a date" is no time');
    expect(result.refused.has("bad-zero-dates")).toBe(true);
    expect(result.ids).toHaveLength(30 + result.refused.size);
  });

  test("ends where most of its last records are refused: that is no paging that leads nowhere", async () => {
    const calls = callsOf(60);
    for (const [index, call] of calls.entries()) if (index % 4 !== 0) call.uuid += "-".repeat(300);
    const { pbx } = await startPair({ dialect, calls });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, readings: dialect === "seed" ? 1 : 2 });
    expect([result.calls.size, result.refused.size]).toEqual([15, 45]);
  });

  test.each([
    { name: "numbers_as_strings" },
    { name: "strings_as_numbers" },
    { name: "absent_as", as: null },
    { name: "absent_as", as: "" },
    { name: "absent_as", as: "null" },
    { name: "absent_as", as: "0" },
    { name: "absent_as", as: "missing" },
    { name: "spaces_around_ids" },
    { name: "extra_keys" },
    { name: "strange_names" },
    { name: "long_strings" },
    { name: "times_as", as: "naive" },
    { name: "times_as", as: "epoch_seconds" },
    { name: "times_as", as: "epoch_ms" },
    { name: "bom" },
    { name: "gzip" },
    { name: "no_length" },
    { name: "trickle", chunkBytes: 2_000, everyMs: 1 },
  ] as const)("is the same however the PBX writes it: %j", async (fault) => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(30) });
    fake.faults.inject(fault);
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, reason: null });
    expect(result.refused.size).toBe(0);
    for (const truth of fake.calls.ofDay(DAY)) {
      expect(result.calls.get(truth.uuid)).toMatchObject({
        startedAt: new Date(truth.startMs),
        answeredAt: truth.answerMs === null ? null : new Date(truth.answerMs),
        durationSeconds: Math.round((truth.endMs - truth.startMs) / 1000),
      });
      expect(JSON.stringify(result.calls.get(truth.uuid)?.raw)).not.toMatch(/\\u0000|\\ud[89a-f]/);
    }
  });

  test("is whole, and alone, though the PBX answers with all its days", async () => {
    const others = ["2024-01-13", "2024-01-14", "2024-01-16"].flatMap((day) => callsOf(30, { day }));
    const { fake, pbx } = await startPair({ dialect, calls: [...callsOf(30), ...others] });
    fake.faults.inject({ name: "other_days" });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, outside: 90 });
    expect(sorted(result.ids)).toEqual(idsOf(fake));
    expect(result.calls.size).toBe(30);
  });

  test("gives up when page after page is of other days", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(120, { day: "2024-01-20" }) }, { pageSize: 2 });
    fake.faults.inject({ name: "other_days" });
    expect(await codeOf(read(pbx))).toBe("day_wrong_window");
  });
});

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
