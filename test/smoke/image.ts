/**
 * Runs an image as a platform would: no privileges, a file system that cannot be written to, little memory. `ops/build-image` calls it;
 * `MEMORY` and `CALLS` set the night.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { startCluster } from "../fakes/postgres.ts";
import { isAlive, openNight, until } from "./night.ts";

const run = promisify(execFile);
const image = process.argv[2] ?? "localhost/callcenter-sync:latest";
const memory = process.env.MEMORY ?? "512m";
const count = Number(process.env.CALLS ?? 2_000);

const cluster = await startCluster(process.env);
const night = await openNight({ serverUrl: cluster.url, calls: { count, talkSeconds: [3, 120] } });
const container = await start();
after(async () => {
  await run("podman", ["rm", "--force", container]);
  await night.close();
  await cluster.stop();
});

async function start(): Promise<string> {
  const variables = Object.keys(night.environment).flatMap((name) => ["--env", name]);
  const limits = ["--memory", memory, "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all"];
  const { stdout } = await run(
    "podman",
    ["run", "--detach", "--network", "host", "--no-healthcheck", ...limits, ...variables, image],
    { env: { ...process.env, ...night.environment } },
  );
  return stdout.trim();
}

const inside = async (...command: string[]) => (await run("podman", ["exec", container, ...command])).stdout;

async function inspect<T>(of: string, format: string): Promise<T> {
  const { stdout } = await run("podman", ["inspect", "--format", `{{json ${format}}}`, of]);
  return JSON.parse(stdout);
}

/** The most that the process ever held, and the most that the whole container did, page cache included. */
async function peakMemory(): Promise<{ process: string; container: string }> {
  const pid = await inspect<number>(container, ".State.Pid");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const groups = await readFile(`/proc/${pid}/cgroup`, "utf8");
  const [, version1] = /:memory:(.*)/.exec(groups) ?? [];
  const [, version2] = /^0::(.*)/m.exec(groups) ?? [];
  const file = version1
    ? `/sys/fs/cgroup/memory${version1}/memory.max_usage_in_bytes`
    : `/sys/fs/cgroup${version2}/memory.peak`;
  const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;
  return {
    process: megabytes(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1_024),
    container: megabytes(Number(await readFile(file, "utf8"))),
  };
}

test("the image's service starts on a read-only file system and is Node itself, not root", async () => {
  await until("the service answers", 30_000, () => isAlive(night.origin));
  assert.match(await inside("cat", "/proc/1/cmdline"), /^node\0(?:--[\w=-]+\0)*src\/start\/container\.ts\0$/);
  assert.equal((await inside("id", "-u")).trim(), "1000");
  await assert.rejects(inside("touch", "/app/x"), /Read-only file system/);
});

test("the image's health check passes", async () => {
  const { Test } = await inspect<{ Test: string[] }>(image, ".HealthCheck");
  const [kind, ...command] = Test;
  assert.equal(kind, "CMD");
  await inside(...command);
  await assert.rejects(inside("env", "PORT=1", ...command), "a port where nobody listens is not healthy");
});

test("callcenter-sync is a command in the image", async () => {
  assert.match(await inside("callcenter-sync", "--help"), /missing-check/);
  JSON.parse(await inside("callcenter-sync", "status", "--json"));
});

test(`the image syncs a night of ${count} calls within ${memory}`, async (t) => {
  const startedAt = Date.now();
  await night.awaitComplete(600_000);
  const { calls, recordings, ...bad } = await night.verdict();
  t.diagnostic(`${calls} calls, ${recordings} recordings in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  const peak = await peakMemory();
  t.diagnostic(`at most ${peak.process} in the process, ${peak.container} in the container`);
  assert.equal(calls, count);
  assert.deepEqual(bad, { lost: 0, doubled: 0, wrong: 0 });
  assert.equal(await inspect(container, ".State.OOMKilled"), false);
});

test("the image's service stops at SIGTERM with status 0", async () => {
  const startedAt = Date.now();
  await run("podman", ["stop", "--time", "40", container]);
  assert.equal(await inspect(container, ".State.ExitCode"), 0);
  assert.ok(Date.now() - startedAt < 30_000);
});
