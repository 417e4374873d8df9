import { afterEach, expect, test } from "vitest";
import { findRates } from "../../src/store/dashboard_progress.ts";
import { callsOf, openWorld, type World, YESTERDAY } from "../world.ts";

let world: World;
afterEach(() => world.close());

test("the rate of uploads counts uploads alone, not what a look into Drive proves anew", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 9) } });
  await world.queue("daily_sync", { dateFrom: YESTERDAY });
  await world.settle();
  const { length } = world.drive.files;
  expect(length).toBeGreaterThan(0);
  expect(await findRates(world.sql)).toMatchObject({ uploads: length, days: 1 });

  await world.sql`update callcenter.call_events set at = at - interval '1 hour'`;
  await world.sql`update "CallCenterRecord" set "driveVerifiedAt" = null`;
  await world.queue("verify_drive");
  await world.settle();
  const proved = await world.sql`select from "CallCenterRecord" where "driveVerifiedAt" > now() - interval '1 minute'`;
  expect(proved).toHaveLength(length);
  expect(await findRates(world.sql)).toMatchObject({ uploads: 0 });
});
