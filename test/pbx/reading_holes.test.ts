import { describe, expect, test } from "vitest";
import type { FakePbx } from "../fakes/pbx.ts";
import { callsOf, DAY, read, sorted, startPair } from "./pair.ts";

/** The calls from the nth newest on are another tenant's; the ids of those that are left. */
function hide(fake: FakePbx, from: number, count: number): string[] {
  const list = fake.calls.ofDay(DAY);
  const hidden = list.slice(from, from + count);
  fake.faults.inject({ name: "other_tenant", fromMs: hidden.at(-1)!.startMs, toMs: hidden[0]!.startMs });
  return sorted(list.filter((call) => !hidden.includes(call)).map(({ uuid }) => uuid));
}

describe("a list without a total whose pages are cut before another tenant's calls are left out", () => {
  test.each([40, 60, 80])("is read past a hole of %i calls, pages holding 20", async (hole) => {
    const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls: callsOf(80 + hole) });
    const ours = hide(fake, 40, hole);
    const result = await read(pbx);
    expect(sorted(result.ids)).toEqual(ours);
  });

  test.each([0, 10, 20, 30, 40, 50, 60, 70])(
    "is not called complete without what lies behind: from %i on",
    async (from) => {
      const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls: callsOf(140) });
      const ours = hide(fake, from, 60);
      const { complete, ids } = await read(pbx);
      if (complete) expect(sorted(ids)).toEqual(ours);
      expect(ids.length).toBeGreaterThan(40);
    },
  );

  test("is read past a hole of four pages where only whole days can be asked for, and not called complete", async () => {
    const { fake, pbx } = await startPair({ calls: callsOf(140) });
    fake.faults.inject({ name: "no_total" });
    const ours = hide(fake, 40, 80);
    const result = await read(pbx);
    expect([result.complete, sorted(result.ids)]).toEqual([false, ours]);
    expect(ours).toHaveLength(60);
    expect(result.reason?.message).toContain("stay empty");
  });
});

test("a day without a total costs few requests more than its pages", async () => {
  const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls: callsOf(140) }, { dialect: "onepos-v2" });
  expect(await read(pbx)).toMatchObject({ complete: true, readings: 2 });
  expect(fake.counts.api.total).toBeLessThan(2 * 7 + 20);
});
