import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { makeCalls } from "../../test/fakes/calls.ts";
import { startFakeDrive } from "../../test/fakes/drive.ts";
import { startFakePbx } from "../../test/fakes/pbx.ts";
import { dayAfter, zoneNamed } from "../../test/fakes/pbx_zone.ts";

const USAGE = "Usage: node src/start/simulators.ts --pbx-port 9001 --drive-port 9002 --credentials <file to write>";
const ZONE = "Asia/Ho_Chi_Minh";
const DAYS = 5;

/**
 * A PBX with some days of calls and a Google Drive whose owner lets us in, on loopback, for a service that is started elsewhere (the
 * profile `demo` of compose.yaml). Needs Node alone, no package. The credentials are written when both listen.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { "pbx-port": { type: "string" }, "drive-port": { type: "string" }, credentials: { type: "string" } },
  });
  const { "pbx-port": pbxPort, "drive-port": drivePort, credentials } = values;
  if (!pbxPort || !drivePort || !credentials) throw new Error("A port or the file lacks");
  const today = zoneNamed(ZONE).day(Date.now());
  const days = Array.from({ length: DAYS }, (_, nth) => dayAfter(today, nth - DAYS));
  const calls = days.flatMap((day) => makeCalls({ day, zone: ZONE, count: 200, talkSeconds: [3, 20] }));
  const pbx = await startFakePbx({ zone: ZONE, calls, port: Number(pbxPort) });
  const drive = await startFakeDrive({ kind: "my", links: "self", port: Number(drivePort) });
  await writeFile(credentials, JSON.stringify(drive.authorizedUserCredentials()));
  console.log(`A PBX at ${pbx.apiUrl} (calls of ${days[0]} to ${days.at(-1)}), a Drive at ${drive.rootUrl}`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
}

main().catch((error: Error) => {
  console.error(`${error.message}\n${USAGE}`);
  process.exit(2);
});
