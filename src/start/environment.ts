import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { type Config, type Role, readConfig } from "../config.ts";
import { dialects } from "../pbx/dialects.ts";

/** The configuration of a process that is started in a role. */
export const readOwnConfig = (role: Role): Config =>
  readConfig(
    readEnvironment(),
    role,
    dialects.map(({ name }) => name),
  );

/** The environment, and what a `.env` in the working directory adds; real variables win. */
export function readEnvironment(): Record<string, string | undefined> {
  return { ...readDotEnv(), ...process.env };
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(".env", "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
