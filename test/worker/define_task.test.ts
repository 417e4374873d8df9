import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { jobs } from "../../src/jobs.ts";
import { loadTasks } from "../../src/worker/define_task.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tasks-"));
});
afterEach(() => rm(directory, { recursive: true }));

it("loadTasks() finds a task for each name of jobs.ts", async () => {
  const tasks = await loadTasks(new URL("../../tasks/", import.meta.url));
  expect(tasks.map(({ name }) => name).sort()).toEqual(Object.keys(jobs).sort());
});

it.each([
  ["prune.ts", 'export default { name: "retry_syncs", run() {} };'],
  ["prune.ts", "export const prune = 1;"],
])("loadTasks() refuses a file that defines no task of its name", async (file, text) => {
  await writeFile(join(directory, file), text);
  await expect(loadTasks(pathToFileURL(`${directory}/`))).rejects.toThrow(`tasks/${file} must export by default`);
});
