import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { type Config, type Role, readConfig } from "../config.ts";
import { dialectProblems } from "../pbx/dialects.ts";

/** The configuration of a process that is started in a role. */
export const readOwnConfig = (role: Role): Config =>
  readConfig(readEnvironment(), role, (given) => [
    ...dialectProblems(given),
    ...(role === "web" ? [] : [...caProblems(given), ...credentialsProblems(given)]),
  ]);

function caProblems({ PBX_CA_FILE: path }: Record<string, string | undefined>): string[] {
  if (path === undefined) return [];
  try {
    return isPem(readFileSync(path, "utf8")) ? [] : ["PBX_CA_FILE holds no PEM certificate"];
  } catch (error) {
    return [`PBX_CA_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`];
  }
}

/** True for a file that holds certificates. */
export const isPem = (text: string) => text.includes("-----BEGIN CERTIFICATE-----");

function credentialsProblems({ GOOGLE_DRIVE_CREDENTIALS_JSON: json }: Record<string, string | undefined>): string[] {
  return json === undefined || parseObject(json) ? [] : ["GOOGLE_DRIVE_CREDENTIALS_JSON is no JSON object"];
}

/** A JSON object; undefined for any other text. */
export function parseObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

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
