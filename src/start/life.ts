import { parseArgs } from "node:util";
import type { Config, Role } from "../config.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { redactor } from "../log.ts";
import { ownSecrets, readOwnConfig } from "./environment.ts";
import { openLog } from "./output.ts";
import { startService } from "./service.ts";

const USAGE = "Usage: npm start -- [--role all|web|worker]";

/** After a signal everything must be over within 30 s; what still hangs then is left. */
const LAST_MOMENT_MS = 29_000;

function readRole(): Exclude<Role, "cli"> {
  const { values } = parseArgs({ options: { role: { type: "string", default: "all" } } });
  if (values.role === "all" || values.role === "web" || values.role === "worker") return values.role;
  throw new Error(`there is no role '${values.role}'`);
}

/** The life of the process: the environment, the service, a signal, the end. `onSignal` is told what a signal does from now on. */
export async function live(onSignal: (stop: (signal: string) => Promise<void>) => void): Promise<void> {
  await run(onSignal).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(error instanceof ConfigError ? 78 : 1);
  });
}

async function run(onSignal: Parameters<typeof live>[0]): Promise<void> {
  let role: Exclude<Role, "cli">;
  try {
    role = readRole();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
    return process.exit(2);
  }
  const config = readOwnConfig(role) as Config & { DATABASE_URL: string };
  const redact = redactor(ownSecrets(config));
  const log = openLog({ level: config.LOG_LEVEL, zone: config.TIMEZONE, redact });
  const end = (exitCode: number, error: Error) => {
    if (error instanceof ConfigError) process.stderr.write(`${redact(error.message)}\n`);
    log.error("The process ends", { reason: redact(messageOf(error)), exit_code: exitCode });
    process.exit(exitCode);
  };
  process.on("uncaughtException", (error) => end(1, error));
  process.on("unhandledRejection", (error) => end(1, error instanceof Error ? error : new Error(String(error))));

  const service = await startService({ config, role, log, redact, onFatal: end });
  onSignal(async (signal) => {
    log.info("Stopping", { signal });
    setTimeout(() => process.exit(0), LAST_MOMENT_MS).unref();
    await service.stop();
    log.info("Stopped");
    process.exit(0);
  });
}
