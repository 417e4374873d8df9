import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { machine, timed } from "./measure.ts";

const BENCHES = ["ingest", "uploads", "large", "lists", "queue"];

/** Every bench in a process of its own, one after the other, so that none sees another's memory. Figures are for people: no time fails a run. */
process.stdout.write(`${machine()}\n`);
for (const bench of BENCHES) {
  process.stderr.write(`${bench} …`);
  const seconds = await timed(async () => {
    const program = fileURLToPath(new URL(`${bench}.ts`, import.meta.url));
    const [exitCode] = await once(spawn(process.execPath, [program], { stdio: "inherit" }), "exit");
    if (exitCode !== 0) {
      process.stderr.write(`The bench '${bench}' failed\n`);
      process.exitCode = 1;
    }
  });
  process.stderr.write(`\n${bench}: ${Math.round(seconds)} s\n`);
}
