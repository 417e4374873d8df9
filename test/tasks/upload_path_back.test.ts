import { expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { callsOf, openWorld, TODAY } from "../world.ts";

const DAY = addDays(TODAY, -3);

test("a path that changes and comes back before the other one was uploaded is proved once more", async () => {
  const call = callsOf(DAY, 20).find(({ recording }) => recording)!;
  const world = await openWorld({ pbx: { calls: [call] } });
  const sync = async () => {
    await world.queue("daily_sync", { dateFrom: DAY });
    await world.settle({ hurry: true });
  };
  const isComplete = async () =>
    (await world.sql`select complete from callcenter.days where day = ${DAY}`)[0]?.complete;
  try {
    await sync();
    expect(await isComplete()).toBe(true);
    world.pbx.faults.inject({ name: "status", status: 404, kind: "recording", path: "moved.mp3" });
    world.pbx.calls.change(call.uuid, { recording: { ...call.recording!, path: "moved.mp3" } });
    await sync();
    expect(await isComplete()).toBe(false);
    world.pbx.calls.change(call.uuid, { recording: call.recording });
    await sync();
    expect(await isComplete()).toBe(true);
    const [row] =
      await world.sql`select "uploadedPath" = "recordingPath" as "isCurrent", "driveMd5" from "CallCenterRecord"`;
    expect(row).toEqual({ isCurrent: true, driveMd5: world.pbx.expectedRecording(call.uuid)?.md5 });
    expect(world.drive.files).toHaveLength(1);
  } finally {
    await world.close();
  }
});
