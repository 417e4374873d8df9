#!/usr/bin/env node
import { readdir } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { WriteStream } from "node:tty";
import { type CliIo, type Output, runCli } from "../cli/cli.ts";
import type { Config } from "../config.ts";
import { ConfigError } from "../errors.ts";
import { silentLog } from "../log.ts";
import { parseDatabaseUrl } from "../store/database_url.ts";
import { openSql } from "../store/open.ts";
import type { PatientPool } from "../worker/pool.ts";
import { ownSecrets, readEnvironment } from "./environment.ts";
import { version } from "./version.ts";

const MIGRATIONS = new URL("../../sql/", import.meta.url);

const addressOf = (config: Config) => parseDatabaseUrl(config.DATABASE_URL ?? "");
const connect = (config: Config) => openSql(addressOf(config), { max: 4, name: "callcenter-sync cli" });

/** Without a terminal, or on one that does not know its width (0), lines are as long as they may be. */
const outputOf = (stream: WriteStream | NodeJS.WriteStream): Output => ({
  write: (text) => void stream.write(text),
  isTerminal: stream.isTTY === true,
  columns: stream.columns || 100,
});

// Graphile Worker, Google's client and undici take longer to load than most commands to run: each is loaded when it is needed.

async function withPool<T>(config: Config, use: (pool: PatientPool) => Promise<T>): Promise<T> {
  const { createPool } = await import("../worker/pool.ts");
  const pool = createPool(addressOf(config), { max: 2, log: silentLog });
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}

async function migrate(config: Config): Promise<string[]> {
  const { migrateAll } = await import("./database.ts");
  const sql = connect(config);
  try {
    return await withPool(config, (pool) =>
      migrateAll(sql, pool, { schema: addressOf(config).schema, log: silentLog }),
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function refusePooler(config: Config): Promise<void> {
  const pooler = await import("../worker/pooler.ts");
  await withPool(config, (pool) => pooler.refusePooler(pool));
}

async function schedule(config: Config, count: number): Promise<Record<string, Date[]>> {
  const [{ openSchedule }, { nextRuns }] = await Promise.all([import("./worker.ts"), import("../worker/crontab.ts")]);
  const now = new Date();
  const runs: Record<string, Date[]> = {};
  for (const item of await openSchedule(config)) {
    const times = [...(runs[item.task] ?? []), ...nextRuns(item, now, count)];
    runs[item.task] = times.sort((a, b) => a.getTime() - b.getTime()).slice(0, count);
  }
  return runs;
}

/** Ctrl-C lets the command say what becomes of its work; a second one ends it at once. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}

function ownEnvironment(): CliIo["environment"] {
  try {
    return readEnvironment();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return process.exit(78);
  }
}

/** A reader that has had enough (`| head`) is no error: the command goes on, and its own exit code stands. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.exit(1);
});
process.stderr.on("error", () => {});

const interrupted = onInterrupt();
const io: CliIo = {
  environment: ownEnvironment(),
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  version,
  now: () => new Date(),
  pause: (ms) => pause(ms, undefined, { signal: interrupted }).catch(() => {}),
  interrupted,
  secretsOf: ownSecrets,
  connect,
  migrate,
  migrationNames: async () => (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).sort(),
  refusePooler,
  pbx: async (config, log) => (await import("./neighbours.ts")).openPbx(config, log),
  drive: async (config, log) => (await import("./neighbours.ts")).openDrive(config, log),
  schedule,
};

// What the PBX, Google or a pool may still hold open is of no use to anybody now.
process.exitCode = await runCli(process.argv.slice(2), io);
