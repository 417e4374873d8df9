import { printTable, round } from "./measure.ts";
import { uploadRecordings } from "./recordings.ts";
import { DAY, openBenchWorld } from "./world.ts";

const FILES = Number(process.argv[2] ?? 500);
const BYTES = 2 ** 20;
const AT_ONCE = 8;
/** What rclone does with as many files of that size, as many at a time, between a folder and such a Drive. */
const RCLONE: Record<number, number> = { 0: 180, 300: 12 };

/** (b) Small recordings from the PBX to Drive, through the whole service. */
const world = await openBenchWorld([{ day: DAY, count: 2 * FILES, recordingBytes: BYTES }]);
const rows: (string | number)[][] = [];
for (const latencyMs of [0, 300]) {
  const { seconds, peakMiB } = await uploadRecordings(world, { files: FILES, atOnce: AT_ONCE, latencyMs });
  const rates = [round(FILES / seconds, 1), round((FILES * BYTES) / 1e6 / seconds, 1), RCLONE[latencyMs] ?? "–"];
  rows.push([`Drive answers after ${latencyMs} ms`, ...rates, peakMiB ?? "–"]);
}
printTable(
  `(b) ${FILES} recordings of 1 MiB, ${AT_ONCE} at a time`,
  ["", "files/s", "MB/s", "rclone, files/s", "peak memory, MiB"],
  rows,
);
await world.close();
process.exit(0);
