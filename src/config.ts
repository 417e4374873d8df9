import * as v from "valibot";
import { address, databaseAddress, webhookAddress } from "./addresses.ts";
import { isZone } from "./day.ts";
import { ConfigError } from "./errors.ts";
import { logLevels } from "./log.ts";

/** Which half of the service a process is; `cli` asks for no more than its command needs. */
export const roles = ["all", "web", "worker", "cli"] as const;
export type Role = (typeof roles)[number];

const text = v.pipe(v.string(), v.trim(), v.minLength(1, "is empty"));
const optionalText = v.optional(text);

const whole = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`),
    v.transform(Number),
    v.minValue(min, `must be a whole number from ${min} to ${max}`),
    v.maxValue(max, `must be a whole number from ${min} to ${max}`),
  );

const ON = ["true", "t", "yes", "y", "on", "1"];
const OFF = ["false", "f", "no", "n", "off", "0"];
/** True for what a variable that is on or off says for off. */
export const saysOff = (word: string | undefined) => word !== undefined && OFF.includes(word.trim().toLowerCase());

const flag = v.pipe(
  v.string(),
  v.trim(),
  v.toLowerCase(),
  v.check((word) => [...ON, ...OFF].includes(word), "must be true or false"),
  v.transform((word) => ON.includes(word)),
);

/** `{YYYY}/{MM}/{DD}` and the like; `flat`: no sub-folders. */
const FOLDER = String.raw`(?:[^{}/\\]|\{(?:YYYY|MM|DD|direction|disposition)\})+`;
const layout = v.pipe(
  text,
  v.regex(
    new RegExp(`^${FOLDER}(?:/${FOLDER})*$`),
    "must be flat, or folders of {YYYY}, {MM}, {DD}, {direction}, {disposition} with / between",
  ),
);

/** Every variable of CONTRACT §2, as text comes from the environment. */
const Environment = v.object({
  DATABASE_URL: v.optional(databaseAddress),
  TIMEZONE: v.optional(
    v.pipe(text, v.check(isZone, "must be a zone of the IANA database, such as Asia/Ho_Chi_Minh")),
    "Asia/Ho_Chi_Minh",
  ),
  PORT: v.optional(whole(0, 65_535), "8080"),
  HOST: v.optional(text, "0.0.0.0"),
  API_TOKEN: optionalText,
  METRICS_TOKEN: optionalText,
  LOG_LEVEL: v.optional(
    v.pipe(text, v.toLowerCase(), v.picklist(logLevels, `must be one of ${logLevels.join(", ")}`)),
    "info",
  ),
  ALERT_WEBHOOK_URL: v.optional(webhookAddress),

  PBX_API_URL: v.optional(address),
  PBX_DOMAIN: optionalText,
  PBX_API_KEY: optionalText,
  PBX_RECORDING_BASE_URL: v.optional(address),
  PBX_DIALECT: v.optional(text, "auto"),
  PBX_AUTH: v.optional(
    v.pipe(text, v.picklist(["bearer", "basic", "none"], "must be bearer, basic or none")),
    "bearer",
  ),
  PBX_CA_FILE: optionalText,
  PBX_TLS_INSECURE: v.optional(flag, "false"),
  PBX_CONCURRENCY: v.optional(whole(1, 64), "2"),

  GOOGLE_DRIVE_ENABLED: v.optional(flag, "true"),
  GOOGLE_DRIVE_CREDENTIALS_PATH: v.optional(text, "/app/credentials/google-credentials.json"),
  GOOGLE_DRIVE_CREDENTIALS_JSON: optionalText,
  GOOGLE_DRIVE_FOLDER_ID: optionalText,
  GOOGLE_DRIVE_SUBJECT: optionalText,
  GOOGLE_DRIVE_FOLDER_LAYOUT: v.optional(layout, "flat"),
  GOOGLE_API_ROOT_URL: v.optional(address, "https://www.googleapis.com/"),
  GOOGLE_OAUTH_TOKEN_URL: v.optional(address),
  UPLOAD_CONCURRENCY: v.optional(whole(1, 256), "4"),

  CALLCENTER_SYNC_ENABLED: v.optional(flag, "true"),
  CALLCENTER_DAILY_SYNC_HOUR: v.optional(whole(0, 23)),
  CALLCENTER_DAILY_SYNC_MINUTE: v.optional(whole(0, 59)),
  CALLCENTER_RETRY_INTERVAL_MINUTES: v.optional(whole(1, 10_080)),
  CALLCENTER_MISSING_CHECK_HOUR: v.optional(whole(0, 23)),
  CALLCENTER_MAX_RETRIES: v.optional(whole(0, 100), "3"),
  CALLCENTER_BATCH_SIZE: v.optional(whole(1, 10_000), "200"),
  CALLCENTER_DEFAULT_DAYS_BACK: v.optional(whole(1, 366), "30"),
});

/** The configuration, read once at the start and passed on in parts. Names are the environment's: one word everywhere. */
export type Config = v.InferOutput<typeof Environment>;

/** Every variable that is read, for what must name the same: deployments, documents. */
export const variables = Object.keys(Environment.entries) as (keyof Config)[];

/** The variables without which the PBX cannot be reached. */
export function pbxVariables(config: { PBX_AUTH?: string | undefined }): (keyof Config)[] {
  const key = config.PBX_AUTH === "none" ? [] : (["PBX_API_KEY"] as const);
  return ["PBX_API_URL", "PBX_DOMAIN", ...key, "PBX_RECORDING_BASE_URL"];
}

/** What may stand in a header (RFC 9110); fetch() sends nothing that does not. */
const FITS_A_HEADER = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What a role cannot do without. */
const requiredBy = (role: Role, given: { PBX_AUTH?: string | undefined }): (keyof Config)[] =>
  role === "web" || role === "cli" ? ["DATABASE_URL"] : ["DATABASE_URL", ...pbxVariables(given)];

/**
 * Reads the environment for a role. An empty variable counts as unset. `check`: what else is wrong as others know it, each line beginning
 * with the variable's name. Throws one ConfigError that names every variable that is bad or lacks, and shows no value.
 */
export function readConfig(
  environment: Record<string, string | undefined>,
  role: Role,
  check: (given: Record<string, string | undefined>) => string[] = () => [],
): Config {
  const given: Record<string, string | undefined> = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value?.trim()),
  );
  const result = v.safeParse(Environment, given);
  const problems = [
    ...(result.issues ?? []).map((issue) => `${v.getDotPath(issue)} ${issue.message}`),
    ...requiredBy(role, given)
      .filter((name) => given[name] === undefined)
      .map((name) => `${name} is not set`),
  ];
  if (given.PBX_AUTH === "basic" && given.PBX_API_KEY && !given.PBX_API_KEY.includes(":")) {
    problems.push("PBX_API_KEY must be user:password with PBX_AUTH=basic");
  }
  if ((given.PBX_AUTH?.trim() ?? "bearer") === "bearer" && !FITS_A_HEADER.test(given.PBX_API_KEY?.trim() ?? "")) {
    problems.push("PBX_API_KEY has characters that no HTTP header can carry: copy it again");
  }
  problems.push(...check(given));
  if (result.success && problems.length === 0) return result.output;
  const list = [...new Set(problems)].map((line) => `  ${line}`).join("\n");
  const demo = given.DATABASE_URL === undefined ? "\nTo see it work without any of this: npm run demo" : "";
  throw new ConfigError(`Cannot start: the environment is not right.\n${list}${demo}`);
}
