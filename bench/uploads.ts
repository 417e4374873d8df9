import { median, printTable, round } from "./measure.ts";
import { type Uploads, uploadRecordings } from "./recordings.ts";
import { DAY, openBenchWorld } from "./world.ts";

const FILES = Number(process.argv[2] ?? 500);
const BYTES = 2 ** 20;
const AT_ONCE = 8;
const ROUNDS = 3;
/** What rclone does with as many files of that size, as many at a time, between a folder and such a Drive. */
const RCLONE: Record<number, number> = { 0: 180, 300: 12 };

/** (b) Small recordings from the PBX to Drive, through the whole service. */
const world = await openBenchWorld([{ day: DAY, count: 2 * FILES, recordingBytes: BYTES }]);
const rows: (string | number)[][] = [];
for (const latencyMs of [0, 300]) {
  const rounds: Uploads[] = [];
  for (let nth = 0; nth < ROUNDS; nth++)
    rounds.push(await uploadRecordings(world, { files: FILES, atOnce: AT_ONCE, latencyMs }));
  const seconds = median(rounds.map((round) => round.seconds));
  const rates = [round(FILES / seconds, 1), round((FILES * BYTES) / 1e6 / seconds, 1), RCLONE[latencyMs] ?? "–"];
  const peakMiB = Math.max(...rounds.map((round) => round.peakMiB ?? 0));
  rows.push([`Drive answers after ${latencyMs} ms`, ...rates, peakMiB || "–"]);
}
printTable(
  `(b) ${FILES} recordings of 1 MiB, ${AT_ONCE} at a time; medians of ${ROUNDS} rounds`,
  ["", "files/s", "MB/s", "rclone, files/s", "peak memory, MiB"],
  rows,
);
await world.close();
process.exit(0);
