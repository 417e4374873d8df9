import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Day } from "../src/day.ts";
import type { Sql } from "../src/store/open.ts";
import type { MakeCalls } from "../test/fakes/calls.ts";
import type { FakeDriveOptions } from "../test/fakes/drive.ts";
import { type PbxProcess, startPbxProcess } from "../test/fakes/pbx_process.ts";
import { type BenchDatabase, openBenchDatabase } from "./measure.ts";

export const ZONE = "Asia/Ho_Chi_Minh";
export const DAY: Day = "2025-09-11";

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A database, a PBX and nothing else yet: each in a process of its own, so that each is measured alone. */
export interface BenchWorld extends BenchDatabase {
  pbx: PbxProcess;
  /** What the service is told of these, as its environment. */
  environment: Record<string, string>;
}

export async function openBenchWorld(calls: Omit<MakeCalls, "zone">[]): Promise<BenchWorld> {
  const pbx = await startPbxProcess(
    { zone: ZONE, cachePages: true },
    calls.map((day) => ({ ...day, zone: ZONE })),
  );
  const database = await openBenchDatabase();
  return {
    ...database,
    pbx,
    environment: {
      DATABASE_URL: database.url,
      TIMEZONE: ZONE,
      HOST: "127.0.0.1",
      PORT: "0",
      CALLCENTER_SYNC_ENABLED: "false",
      PBX_API_URL: pbx.apiUrl,
      PBX_RECORDING_BASE_URL: pbx.recordingBaseUrl,
      PBX_DOMAIN: "tazaspa102019",
      PBX_API_KEY: "test-key",
    },
    async close() {
      await pbx.close();
      await database.close();
    },
  };
}

export interface BenchDrive {
  /** What the service is told of it. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** A Google Drive that hashes what it is given and keeps none of it. */
export async function startDriveProcess(options: FakeDriveOptions): Promise<BenchDrive> {
  const program = fileOf("../test/fakes/drive_process.ts");
  const child = spawn(process.execPath, [program, JSON.stringify({ keepBytes: false, ...options })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { rootUrl, tokenUrl, folderId, credentials } = JSON.parse(line);
  return {
    environment: {
      GOOGLE_DRIVE_CREDENTIALS_JSON: JSON.stringify(credentials),
      GOOGLE_DRIVE_FOLDER_ID: folderId,
      GOOGLE_API_ROOT_URL: rootUrl,
      GOOGLE_OAUTH_TOKEN_URL: tokenUrl,
    },
    close: () => end(child),
  };
}

export interface BenchProcess {
  /** The most memory that it has held so far, in MiB; null where the system does not tell. */
  peakMiB(): number | null;
  /** Ends it as a platform would. */
  stop(): Promise<void>;
}

/** What `npm start` runs, from the environment given and nothing else. Resolves when its worker takes jobs. */
export async function startServiceProcess(sql: Sql, environment: Record<string, string>): Promise<BenchProcess> {
  return startProcess(sql, "../src/start/container.ts", ["--role", "worker"], environment);
}

/** A worker that knows some tasks alone: see `worker_process.ts`. */
export async function startWorkerProcess(
  sql: Sql,
  tasks: string,
  environment: Record<string, string>,
): Promise<BenchProcess> {
  return startProcess(sql, "worker_process.ts", [tasks], environment);
}

async function startProcess(
  sql: Sql,
  program: string,
  programArguments: string[],
  environment: Record<string, string>,
): Promise<BenchProcess> {
  const workers = await countWorkers(sql);
  const child = spawn(process.execPath, [...nodeFlags(), fileOf(program), ...programArguments], {
    env: environment,
    cwd: tmpdir(),
    stdio: ["ignore", "ignore", "inherit"],
  });
  // A bench that fails leaves nothing behind.
  process.once("exit", () => child.kill("SIGKILL"));
  while ((await countWorkers(sql)) === workers) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    await pause(50);
  }
  return { peakMiB: () => peakOf(child.pid), stop: () => end(child) };
}

const countWorkers = async (sql: Sql): Promise<number> =>
  (await sql`select from callcenter.worker_leases where ended_at is null`).length;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

/** The flags with which `npm start` runs Node. */
function nodeFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(fileOf("../package.json"), "utf8"));
  return scripts.start.split(" ").filter((word: string) => word.startsWith("--"));
}

function peakOf(pid: number | undefined): number | null {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? null : Math.round(Number(kib) / 1_024);
  } catch {
    return null;
  }
}

/** Waits until a count is reached; throws where that takes too long. */
export async function untilCount(
  count: () => Promise<number>,
  wanted: number,
  timeoutMs = 300_000,
  everyMs = 200,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const reached = await count();
    if (reached >= wanted) return;
    if (performance.now() > giveUpAt) throw new Error(`Reached ${reached} of ${wanted} in ${timeoutMs} ms`);
    await pause(everyMs);
  }
}

/** As after the migrations. */
export async function emptyTables(sql: Sql): Promise<void> {
  await sql`truncate callcenter.day_ledger, callcenter.missing_calls, callcenter.day_jobs, callcenter.call_events, "CallCenterSyncLog"`;
  await sql`truncate "CallCenterRecord"`;
  await sql`select count(*) from graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))`;
  await sql`vacuum`;
}
