/** The whole service on Deno, with the permissions that deno.json lists: `deno task test:smoke`. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort, startCluster } from "../fakes/postgres.ts";
import { isAlive, type Night, openNight, until } from "./night.ts";
import { type ServiceProcess, startProcess } from "./service_process.ts";

const CALLS = { count: 120, talkSeconds: [3, 20] as [number, number] };
const NOTHING_BAD = { lost: 0, doubled: 0, wrong: 0 };
const fixture = (name: string) => fileURLToPath(new URL(`../pbx/fixtures/${name}`, import.meta.url));
const tls = { key: await readFile(fixture("server.key"), "utf8"), cert: await readFile(fixture("server.pem"), "utf8") };

const cluster = await startCluster(process.env);
const serverUrl = cluster.url;
after(() => cluster.stop());

/** Runs a task of deno.json against a night until `act` is through; says what the service wrote where something fails. */
async function withTask(task: string, night: Night, act: (service: ServiceProcess) => Promise<void>): Promise<void> {
  const service = startProcess(process.execPath, ["task", "--quiet", task], night.environment);
  try {
    await until("the service answers", 30_000, () => isAlive(night.origin));
    await act(service);
    assert.equal(await service.stop(), 0);
  } catch (error) {
    console.error(service.output().slice(-5_000));
    throw error;
  } finally {
    await service.stop();
    await night.close();
  }
}

async function syncsEverything(night: Night): Promise<void> {
  await night.awaitComplete(60_000);
  const { calls, recordings, ...bad } = await night.verdict();
  assert.equal(calls, CALLS.count);
  assert.ok(recordings > 50);
  assert.deepEqual(bad, NOTHING_BAD);
}

test("deno task start syncs a day, writes JSON lines and ends at SIGTERM with status 0", async () => {
  const night = await openNight({ serverUrl, calls: CALLS });
  await withTask("start", night, async (service) => {
    await syncsEverything(night);
    const lines = service.output().trim().split("\n");
    const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message);
    assert.ok(messages.includes("Sync completed"));
    const metrics = await (await fetch(`${night.origin}/metrics`)).text();
    assert.match(metrics, /^callcenter_queue_jobs\{/m);
  });
});

test("deno task web answers without a PBX, a Drive or a key to either", async () => {
  const night = await openNight({ serverUrl, calls: { count: 1 } });
  const needed = ["DATABASE_URL", "TIMEZONE", "HOST", "PORT", "API_TOKEN"];
  night.environment = Object.fromEntries(needed.map((name) => [name, night.environment[name]!]));
  await withTask("web", night, async () => {
    const bearer = { Authorization: `Bearer ${night.environment.API_TOKEN}` };
    await until("the tables are there", 20_000, async () => {
      const answer = await fetch(`${night.origin}/syncs`, { headers: bearer });
      await answer.body?.cancel();
      return answer.status === 200;
    });
    const health = await fetch(`${night.origin}/health`);
    assert.equal(((await health.json()) as { status: string }).status, "unhealthy", "no worker is alive");
  });
});

test("deno task edge serves the same app as Deno Deploy does, over a database that a worker made", async () => {
  const night = await openNight({ serverUrl, calls: CALLS });
  await withTask("start", night, async () => {
    await night.awaitComplete(60_000);
    const edge = `127.0.0.1:${await freePort()}`;
    const service = startProcess(process.execPath, ["task", "--quiet", "edge"], {
      ...night.environment,
      DENO_SERVE_ADDRESS: `tcp:${edge}`,
    });
    try {
      await until("the edge answers", 30_000, () => isAlive(`http://${edge}`));
      const headers = { Authorization: `Basic ${btoa("anybody:smoke-token")}` };
      const page = await (await fetch(`http://${edge}/ui/`, { headers })).text();
      assert.match(page, new RegExp(night.day));
      const health = await fetch(`http://${edge}/health`);
      assert.equal(((await health.json()) as { status: string }).status, "healthy");
    } finally {
      await service.stop();
    }
  });
});

test("a PBX with a certificate of its own authority is synced from with PBX_CA_FILE", async () => {
  const environment = { PBX_CA_FILE: fixture("ca.pem") };
  const night = await openNight({ serverUrl, calls: CALLS, pbx: { tls }, environment });
  await withTask("start", night, () => syncsEverything(night));
});

test("a PBX with a certificate of its own authority is synced from with PBX_TLS_INSECURE, and warned about", async () => {
  const night = await openNight({ serverUrl, calls: CALLS, pbx: { tls }, environment: { PBX_TLS_INSECURE: "true" } });
  await withTask("start", night, async (service) => {
    await syncsEverything(night);
    assert.match(service.output(), /PBX_TLS_INSECURE is set/);
  });
});

test("a PBX with a certificate of its own authority is refused without either, and nothing is read from it", async () => {
  const night = await openNight({ serverUrl, calls: CALLS, pbx: { tls } });
  await withTask("start", night, async (service) => {
    await until("the refusal is logged", 30_000, async () => service.output().includes("pbx_tls"));
    assert.equal(night.pbx.requests.length, 0);
  });
});
