import { describe, expect, test } from "vitest";
import { callsOf, idsOf, read, sorted, startPair } from "./pair.ts";

describe.each(["seed", "onepos-v2"] as const)("a day with refused records in the dialect %s", (dialect) => {
  test("ends where most of its last records are refused: that is no paging that leads nowhere", async () => {
    const calls = callsOf(60);
    for (const [index, call] of calls.entries()) if (index % 4 !== 0) call.uuid += "-".repeat(300);
    const { pbx } = await startPair({ dialect, calls });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, readings: 2 });
    expect([result.calls.size, result.refused.size]).toEqual([15, 45]);
  });

  test("asks for hardly more pages where nearly all its records are refused", async () => {
    const calls = callsOf(400);
    for (const [index, call] of calls.entries()) if (index % 20 !== 0) call.uuid += "-".repeat(300);
    const { fake, pbx } = await startPair({ dialect, calls }, { dialect });
    const result = await read(pbx);
    expect(result).toMatchObject({ complete: true, readings: 2 });
    expect([result.calls.size, result.refused.size]).toEqual([20, 380]);
    expect(fake.counts.api.total).toBeLessThan(result.readings * (400 / 20) + 30);
  });

  test("misses no call behind refused records that are no part of the PBX's count", async () => {
    const { fake, pbx } = await startPair({ dialect, calls: callsOf(73) });
    fake.faults.inject({ name: "bad_records", kinds: ["no_uuid", "changing", "not_an_object"], nth: 2 });
    const result = await read(pbx);
    expect(result.complete).toBe(true);
    expect(sorted(result.calls.keys())).toEqual(idsOf(fake));
  });
});
