import { redactor } from "../src/log.ts";
import { readOwnConfig } from "../src/start/environment.ts";
import { openDrive, openPbx } from "../src/start/neighbours.ts";
import { openLog } from "../src/start/output.ts";
import { controlConcurrency } from "../src/start/worker.ts";
import { parseDatabaseUrl } from "../src/store/database_url.ts";
import { openSql } from "../src/store/open.ts";
import { loadTasks, type TaskDefinition } from "../src/worker/define_task.ts";
import { createPool } from "../src/worker/pool.ts";
import { startWorker } from "../src/worker/runner.ts";

/**
 * A worker that does one thing alone: `daily_sync` as it is, its uploads left in the queue; or `no-op`, uploads that do nothing. All else is
 * as in the service: pool, lease, two runners, a line of the log for each job.
 */
const noOp: TaskDefinition = { name: "upload_recording", run: async () => ({ done: "Nothing to do" }) };
const [task] = process.argv.slice(2);
const known = await loadTasks(new URL("../tasks/", import.meta.url));
const tasks = task === "no-op" ? [noOp] : known.filter(({ name }) => name === task);

const config = readOwnConfig("worker");
const redact = redactor([]);
const log = openLog({ level: config.LOG_LEVEL, zone: config.TIMEZONE, redact });
const address = parseDatabaseUrl(config.DATABASE_URL ?? "");
const connections = config.UPLOAD_CONCURRENCY + controlConcurrency(config);
const sql = openSql(address, { max: connections });
const pool = createPool(address, { max: connections + 5, log });
const [pbx, drive] = await Promise.all([openPbx(config, log), openDrive(config, log)]);
const worker = await startWorker({
  pool,
  tasks,
  context: { sql, pbx, drive, log, redact, zone: config.TIMEZONE, now: () => new Date(), config },
  cronItems: [],
  uploadConcurrency: config.UPLOAD_CONCURRENCY,
  controlConcurrency: controlConcurrency(config),
  instance: `bench-${process.pid}`,
  onFatal: (exitCode, error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(exitCode);
  },
});
process.once("SIGTERM", async () => {
  await worker.stop(1_000);
  process.exit(0);
});
