/**
 * * A worker in a process of its own, which a test can kill or stop. It says `ready`, then `start <uuid>` and `end
 * <uuid>` for each upload, and ends as a real one does.
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql } from "../../src/store/open.ts";
import { defineTask } from "../../src/worker/define_task.ts";
import type { WorkerOptions } from "../../src/worker/runner.ts";
import { startTestWorker } from "./harness.ts";

const { url, jobMs, ...options } = JSON.parse(process.argv[2] ?? "") as {
  url: string;
  jobMs: number;
} & Partial<WorkerOptions>;

const say = (line: string) => process.stdout.write(`${line}\n`);

const upload = defineTask("upload_recording", async ({ uuid }, { signal }) => {
  say(`start ${uuid}`);
  await pause(jobMs, undefined, { signal });
  say(`end ${uuid}`);
  return { done: "Uploaded" };
});

const sql = openSql(parseDatabaseUrl(url), { max: 2 });
const onFatal = (exitCode: number) => process.exit(exitCode);
const worker = await startTestWorker({ url, sql }, { tasks: [upload], onFatal, ...options });
process.once("SIGTERM", async () => {
  await worker.stop(100);
  process.exit(0);
});
say("ready");
