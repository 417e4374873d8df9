import { expect, test } from "vitest";
import { dayOf } from "../../src/day.ts";
import { edgeCalls } from "../fakes/calls.ts";
import { DAY, failureOf, idsOf, read, sorted, startPair, ZONE } from "./pair.ts";

const dialect = "onepos-v2";
const [BEFORE, AFTER] = ["2024-01-14", "2024-01-16"];

/** Calls in every hour of some days: each hour is the edge of a day somewhere. */
const hourly = (...days: string[]) =>
  days.flatMap((day) =>
    Array.from({ length: 24 }, (_, n) => `Etc/GMT${n < 12 ? `+${n}` : `-${24 - n}`}`).flatMap((zone) =>
      edgeCalls({ day, zone, seed: `${day} ${zone}` }),
    ),
  );

test.each([
  { asked: "UTC", pbxZone: ZONE, says: "up to 7 hours before it, and none of its last 7 hours" },
  { asked: ZONE, pbxZone: "UTC", says: "up to 7 hours after it, and none of its first 7 hours" },
  { asked: ZONE, pbxZone: "America/New_York", says: "up to 12 hours after it" },
])(
  "a PBX in $pbxZone that reads what is asked in $asked in its own zone is found out",
  async ({ asked, pbxZone, says }) => {
    const { pbx } = await startPair({ dialect, zone: pbxZone, calls: hourly(BEFORE, DAY, AFTER) }, { zone: asked });
    const failure = await failureOf(read(pbx));
    expect([failure.code, failure.message]).toEqual(["day_wrong_zone", expect.stringContaining(says)]);
  },
);

test.each([
  ["before", BEFORE],
  ["after", AFTER],
])("a PBX that mixes calls of the day %s into a day that its own calls fill is believed", async (_side, other) => {
  const on = (day: string) =>
    hourly(BEFORE, DAY, AFTER).filter(({ startMs }) => dayOf(new Date(startMs), ZONE) === day);
  const strangers = on(other).filter((_, n) => n % 9 === 0);
  const { fake, pbx } = await startPair({ dialect, calls: [...strangers, ...on(DAY)] });
  fake.faults.inject({ name: "other_days" });
  const result = await read(pbx);
  expect(result).toMatchObject({ complete: true, outside: strangers.length });
  expect(sorted(result.ids)).toEqual(idsOf(fake));
});

test("two strays are no other zone", async () => {
  const evening = edgeCalls({ day: BEFORE, zone: ZONE }).slice(1);
  const { pbx, fake } = await startPair({
    dialect,
    calls: [...evening, ...edgeCalls({ day: DAY, zone: "UTC" }).slice(0, 1)],
  });
  fake.faults.inject({ name: "other_days" });
  expect(await read(pbx)).toMatchObject({ complete: true, outside: 2 });
});
