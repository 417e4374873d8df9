import { silentLog } from "../src/log.ts";
import { createPbx } from "../src/pbx/pbx.ts";
import { saveCalls } from "../src/store/calls.ts";
import type { BenchWorld } from "./world.ts";
import { DAY, emptyTables, startDriveProcess, startServiceProcess, untilCount, ZONE } from "./world.ts";

/** What bringing some recordings to Drive took: from the first one's first byte to the last one's link. */
export interface Uploads {
  seconds: number;
  /** Of the service's process, in MiB. */
  peakMiB: number | null;
}

/** Uploads the day's first `files` recordings through the whole service, in a process of its own. */
export async function uploadRecordings(
  world: BenchWorld,
  { files, atOnce, latencyMs }: { files: number; atOnce: number; latencyMs: number },
): Promise<Uploads> {
  const { sql } = world;
  await emptyTables(sql);
  await queueRecordings(world, files);
  const drive = await startDriveProcess({ latencyMs });
  const environment = { ...world.environment, ...drive.environment, UPLOAD_CONCURRENCY: `${atOnce}` };
  const service = await startServiceProcess(sql, environment);
  const inDrive = async () => (await sql`select from "CallCenterRecord" where "googleDriveUrl" is not null`).length;
  await untilCount(inDrive, files);
  const [span] = await sql<{ seconds: number }[]>`
    select extract(epoch from max("driveVerifiedAt") - min("driveVerifiedAt" - "uploadSeconds" * interval '1 s'))::float8 as seconds
      from "CallCenterRecord"`;
  const peakMiB = service.peakMiB();
  await service.stop();
  await drive.close();
  return { seconds: span?.seconds ?? Number.NaN, peakMiB };
}

/** Calls that have a recording, stored and queued as the nightly run would. */
async function queueRecordings({ sql, pbx }: BenchWorld, files: number): Promise<void> {
  const reader = createPbx(
    {
      apiUrl: new URL(pbx.apiUrl),
      recordingBaseUrl: new URL(pbx.recordingBaseUrl),
      domain: "tazaspa102019",
      auth: { kind: "bearer", key: "test-key" },
      dialect: "seed",
      pageSize: 1_000,
      zone: ZONE,
      tlsInsecure: false,
    },
    silentLog,
  );
  let left = files;
  await reader.readDay(DAY, {
    onPage: async ({ calls }) => {
      const recorded = calls.filter(({ recordingPath }) => recordingPath !== null).slice(0, left);
      left -= recorded.length;
      await saveCalls(sql, recorded, { uploads: true });
    },
  });
  await reader.close();
}
