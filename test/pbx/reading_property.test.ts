import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLog } from "../../src/log.ts";
import { createPbx } from "../../src/pbx/pbx.ts";
import { startFakePbx } from "../fakes/pbx.ts";
import type { Fault } from "../fakes/pbx_faults.ts";
import { callsOf, configFor, read } from "./pair.ts";

const faults = fc.oneof(
  fc.record({ name: fc.constant("short_page"), records: fc.nat(20) }),
  fc.record({ name: fc.constantFrom("calls_arrive", "calls_vanish"), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ name: fc.constant("cap_limit"), limit: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ name: fc.constant("wrong_total"), by: fc.integer({ min: -30, max: 30 }) }),
  fc.record({ name: fc.constant("bad_records"), kinds: fc.constant(["changing", "no_uuid", "not_an_object"]) }),
  fc.record({ name: fc.constant("duplicate_uuids"), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    name: fc.constantFrom(
      ...["empty_page", "same_page", "stuck_offset", "no_total", "other_days", "bad_records"],
      ...["error_envelope", "truncated_json", "html_page", "reset", "cut", "bom", "gzip"],
    ),
  }),
) as fc.Arbitrary<Fault>;

const days = fc.record({
  dialect: fc.constantFrom("seed", "onepos-v2"),
  order: fc.constantFrom("newest_first", "oldest_first"),
  count: fc.nat(90),
  /** Of so many calls, one has a uuid that cannot be stored. */
  brokenOneIn: fc.constantFrom(1, 2, 5, 20, 1_000),
  pageSize: fc.integer({ min: 1, max: 25 }),
  pageCap: fc.integer({ min: 1, max: 40 }),
  faults: fc.array(fc.record({ fault: faults, skip: fc.nat(12), times: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 4,
  }),
});

test("a day that is called complete holds every call that was there all the time, whatever went wrong", async () => {
  await fc.assert(
    fc.asyncProperty(days, async ({ count, brokenOneIn, pageSize, faults, ...options }) => {
      const calls = [...callsOf(count, { seed: 7 }), ...callsOf(10, { day: "2024-01-14", seed: 8 })];
      for (const [index, call] of calls.entries()) {
        if (index % brokenOneIn === brokenOneIn - 1) call.uuid += "-".repeat(300);
      }
      const fake = await startFakePbx({ ...options, calls });
      const pbx = createPbx(configFor(fake.apiUrl, { pageSize, retryDelaysMs: Array(12).fill(0) }), silentLog);
      try {
        for (const { fault, skip, times } of faults) fake.faults.inject({ ...fault, kind: "api", skip, times });
        const result = await read(pbx);
        const stayed = calls.slice(0, count).filter(({ uuid }) => fake.calls.get(uuid));
        const good = stayed.filter(({ uuid }) => uuid.length < 300);
        const missed = good.filter(({ uuid }) => !result.calls.has(uuid) || !result.ids.includes(uuid));
        if (result.complete) expect(missed).toEqual([]);
        if (result.complete) expect(result.refused.size).toBeGreaterThanOrEqual(stayed.length - good.length);
        if (faults.length === 0) expect(result).toMatchObject({ complete: true, reason: null });
        expect(new Set(result.ids).size).toBe(result.ids.length);
        expect(
          [...result.calls.values()].filter(({ startedAt }) => startedAt < new Date("2024-01-14T17:00:00Z")),
        ).toEqual([]);
      } finally {
        await pbx.close();
        await fake.close();
      }
    }),
    {
      numRuns: Number(process.env.PBX_PROPERTY_RUNS ?? 60),
      // Once found: a page of refused records alone that came twice made the offset skip the next one; records without a uuid stood in for
      // calls that were missed, so that their number was the PBX's total.
      examples: [
        [
          {
            ...{ dialect: "seed", order: "newest_first", count: 42, brokenOneIn: 20, pageSize: 2, pageCap: 2 },
            faults: [
              { fault: { name: "bad_records", kinds: ["changing", "no_uuid", "not_an_object"] }, skip: 10, times: 1 },
            ],
          },
        ],
        [
          {
            ...{ dialect: "seed", order: "newest_first", count: 2, brokenOneIn: 1, pageSize: 1, pageCap: 1 },
            faults: [{ fault: { name: "duplicate_uuids", count: 1 }, skip: 0, times: 3 }],
          },
        ],
      ],
    },
  );
});
