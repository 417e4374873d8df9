import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { type Config, type Role, readConfig, saysOff } from "../config.ts";
import { areCredentials } from "../drive/credentials.ts";
import { ConfigError } from "../errors.ts";
import { dialectProblems } from "../pbx/dialects.ts";
import { secretsOf } from "../secrets.ts";

/** The configuration of a process that is started in a role. */
export const readOwnConfig = (role: Role): Config =>
  readConfig(readEnvironment(), role, (given) => [
    ...dialectProblems(given),
    ...(role === "web" ? [] : [...caProblems(given), ...credentialsProblems(given)]),
  ]);

/** What the configuration, and the file of credentials that it names, keep secret. */
export function ownSecrets(config: Config): string[] {
  const { GOOGLE_DRIVE_CREDENTIALS_JSON: json, GOOGLE_DRIVE_CREDENTIALS_PATH: path } = config;
  try {
    return secretsOf(config, json ?? readFileSync(path, "utf8"));
  } catch {
    return secretsOf(config);
  }
}

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

function credentialsProblems(given: Record<string, string | undefined>): string[] {
  const { GOOGLE_DRIVE_CREDENTIALS_JSON: json, GOOGLE_DRIVE_ENABLED: isEnabled } = given;
  if (json === undefined || saysOff(isEnabled)) return [];
  const credentials = parseObject(json);
  if (!credentials) return ["GOOGLE_DRIVE_CREDENTIALS_JSON is no JSON object"];
  if (areCredentials(credentials)) return [];
  const wanted = "an authorized user's credentials with client_id, client_secret and refresh_token";
  return [`GOOGLE_DRIVE_CREDENTIALS_JSON is neither a service account's key nor ${wanted}`];
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

/** The environment, and what a `.env` in the working directory adds; real variables win, where they hold anything. */
export function readEnvironment(): Record<string, string | undefined> {
  const given = Object.entries(process.env).filter(([, value]) => value?.trim());
  return { ...readDotEnv(), ...Object.fromEntries(given) };
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(".env", "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    throw new ConfigError(`Cannot start: .env cannot be read (${code})`, { cause: error });
  }
}
