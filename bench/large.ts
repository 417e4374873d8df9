import { printTable, round } from "./measure.ts";
import { uploadRecordings } from "./recordings.ts";
import { DAY, openBenchWorld } from "./world.ts";

const BYTES = Number(process.argv[2] ?? 1_024) * 2 ** 20;

/** (c) One large recording from the PBX to Drive, through the whole service. */
const world = await openBenchWorld([{ day: DAY, count: 10, recordingBytes: BYTES }]);
const { seconds, peakMiB } = await uploadRecordings(world, { files: 1, atOnce: 4, latencyMs: 0 });
printTable(
  `(c) One recording of ${round(BYTES / 2 ** 20)} MiB`,
  ["seconds", "MB/s", "peak memory, MiB"],
  [[round(seconds, 1), round(BYTES / 1e6 / seconds, 1), peakMiB ?? "–"]],
);
await world.close();
process.exit(0);
