import { describe, expect, test } from "vitest";
import { edgeCalls } from "../fakes/calls.ts";
import { callsOf, codeOf, DAY, idsOf, read, sorted, startPair, ZONE } from "./pair.ts";

const dialects = ["seed", "onepos-v2"] as const;

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
    // What is missed at noon's busy hours when asked for all day comes to light where a part of the day is asked for.
    expect(result.calls.size).toBe(dialect === "seed" ? 53 : 73);
    expect(result.reason?.message).toMatch(dialect === "seed" ? "stay empty" : /5 readings met 53, \d+/);
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
