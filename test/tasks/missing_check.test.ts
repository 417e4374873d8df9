import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

const ago = (days: number) => addDays(TODAY, -days);
const days = () => world.sql`select day::text, pbx_total, records::int, complete from callcenter.days order by day`;
const logs = () =>
  world.sql`select callcenter.local_day("dateFrom")::text as day, "syncType", "status" from "CallCenterSyncLog" order by 1, 2`;

test("missing_check stores what came late and updates what changed, under a log of its own", async () => {
  const [first, late] = callsOf(ago(2), 2) as [ReturnType<typeof callsOf>[0], ReturnType<typeof callsOf>[0]];
  world = await openWorld({ pbx: { calls: [first] } });
  await world.queue("daily_sync", { dateFrom: ago(2) });
  await world.settle();
  world.pbx.calls.add(late);
  world.pbx.calls.change(first.uuid, { destination: "1900999999" });
  await world.queue("missing_check");
  await world.settle();
  const stored = await world.sql`select "uuid", "destination" from "CallCenterRecord"`;
  expect(stored).toHaveLength(2);
  expect(stored.find(({ uuid }) => uuid === first.uuid)?.destination).toBe("1900999999");
  expect((await logs()).filter(({ syncType }) => syncType === "missing_check")).toEqual([
    { day: ago(3), syncType: "missing_check", status: "completed" },
    { day: ago(2), syncType: "missing_check", status: "completed" },
    { day: ago(1), syncType: "missing_check", status: "completed" },
  ]);
});

test("missing_check reads the days on which the service was down, and none from before this system", async () => {
  world = await openWorld({ pbx: { calls: [20, 12, 8, 6].flatMap((n) => callsOf(ago(n), 2)) } });
  await world.sql`insert into "CallCenterRecord" ("uuid", "startTime", "adopted") values ('old', callcenter.day_start(${ago(20)}), true)`;
  await world.queue("daily_sync", { dateFrom: ago(12) });
  await world.settle();
  await world.queue("missing_check");
  await world.settle();
  const read = (await days()).filter(({ pbx_total }) => pbx_total !== null).map(({ day }) => day);
  expect(read).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map(ago));
});

test("a call that somebody deletes is missing from then on, and missing_check brings it back", async () => {
  const calls = callsOf(ago(5), 3);
  world = await openWorld({ pbx: { calls } });
  await world.queue("daily_sync", { dateFrom: ago(5) });
  await world.settle();
  expect((await days())[0]).toMatchObject({ pbx_total: 3, complete: true });
  await world.sql`delete from "CallCenterRecord" where "uuid" = ${calls[0]?.uuid ?? ""}`;
  expect((await days())[0]).toMatchObject({ pbx_total: 3, records: 2, complete: false });
  await world.queue("missing_check");
  await world.settle();
  expect((await days())[0]).toMatchObject({ pbx_total: 3, records: 3, complete: true });
});

test("a PBX that forgets calls does not lower the ledger", async () => {
  const calls = callsOf(ago(2), 5);
  world = await openWorld({ pbx: { calls } });
  await world.queue("daily_sync", { dateFrom: ago(2) });
  await world.settle();
  for (const call of calls.slice(0, 3)) world.pbx.calls.remove(call.uuid);
  await world.queue("missing_check");
  await world.settle();
  const day = async () => (await days()).find((row) => row.day === ago(2));
  expect(await day()).toMatchObject({ pbx_total: 5, records: 5, complete: true });
  await world.sql`delete from "CallCenterRecord" where "uuid" = ${calls[0]?.uuid ?? ""}`;
  await world.queue("missing_check");
  await world.settle();
  expect(await day()).toMatchObject({ pbx_total: 5, records: 4, complete: false });
});

test("today is never complete", async () => {
  world = await openWorld({ pbx: { calls: [] } });
  await world.queue("daily_sync", { dateFrom: TODAY });
  await world.settle();
  expect(await days()).toEqual([{ day: TODAY, pbx_total: 0, records: 0, complete: false }]);
});
