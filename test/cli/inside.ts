import { setTimeout as pause } from "node:timers/promises";
import { type CliIo, runCli } from "../../src/cli/cli.ts";
import { secretsOf } from "../../src/secrets.ts";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql } from "../../src/store/open.ts";
import type { Finished } from "./run.ts";

const never = (what: string) => () => Promise.reject(new Error(`This test asks for no ${what}`));

/** Runs a command inside this process, on a terminal where told: what it would write, and its exit code. */
export async function runInside(
  args: readonly string[],
  options: { environment?: CliIo["environment"]; columns?: number; isTerminal?: boolean } & Partial<CliIo> = {},
): Promise<Finished> {
  const { environment = {}, columns = 100, isTerminal = false, ...more } = options;
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTerminal,
    columns,
  });
  const code = await runCli(args, {
    environment,
    stdout: output("stdout"),
    stderr: output("stderr"),
    version: "1.2.3",
    now: () => new Date(),
    pause: (ms) => pause(Math.min(ms, 20)),
    interrupted: new AbortController().signal,
    secretsOf,
    connect: (config) => openSql(parseDatabaseUrl(config.DATABASE_URL ?? ""), { max: 2 }),
    migrate: never("migration"),
    migrationNames: never("migration"),
    refusePooler: never("pooler"),
    pbx: never("PBX"),
    drive: never("Drive"),
    schedule: never("schedule"),
    ...more,
  });
  return { code, ...written };
}
