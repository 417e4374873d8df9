import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { eventually } from "../eventually.ts";
import type { FaultOrder } from "../fakes/drive.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

const DAY = addDays(TODAY, -3);

test.each<[string, FaultOrder, string]>([
  ["reserves no id", { name: "insufficientPermissions", on: "generateIds", times: "always" }, "drive_credentials"],
  ["shows no folder", { name: "notFound", on: "list", times: "always" }, "drive_folder_missing"],
])("an upload lets go of the PBX's connection where Drive %s", async (_what, fault, code) => {
  // More bytes than the buffers of a connection hold: the PBX is not done before somebody reads them, or hangs up.
  const [call] = callsOf(DAY, 20).filter(({ recording }) => recording);
  world = await openWorld({
    pbx: { calls: [{ ...call!, recording: { format: "wav", seconds: 1_500 } }] },
    environment: { GOOGLE_DRIVE_FOLDER_LAYOUT: "{YYYY}" },
  });
  world.drive.faults.add(fault);
  await world.queue("daily_sync", { dateFrom: DAY });
  for (let probe = 1; probe <= 5; probe++) {
    await world.settle();
    await world.sql`update callcenter.circuits set next_probe_at = now() where state = 'open'`;
    await world.hasten();
  }
  await world.settle();
  expect(await world.sql`select "uploadErrorCode" as code from "CallCenterRecord"`).toEqual([{ code }]);
  expect(world.pbx.counts.recording.total).toBeGreaterThan(3);
  await eventually(() => world.pbx.counts.recording.now === 0, "the PBX has no recording under way");
});
