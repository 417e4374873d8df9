import { readFile } from "node:fs/promises";
import { type Config, pbxVariables } from "../config.ts";
import { createDrive, type Drive, type DriveConfig } from "../drive/drive.ts";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import { createPbx, type Pbx, type PbxConfig } from "../pbx/pbx.ts";
import { isPem, parseObject } from "./environment.ts";

/** How patient the neighbours' clients are, where not as usual: tests have little time. */
export interface Patience {
  pbx?: Pick<PbxConfig, "timeouts" | "retryDelaysMs">;
  drive?: Pick<DriveConfig, "timeouts" | "retryDelaysMs">;
}

/** The PBX of the configuration. Throws a ConfigError where a variable lacks or the CA file cannot be read; asks nothing yet. */
export async function openPbx(config: Config, log: Log, patience: Patience = {}): Promise<Pbx> {
  const { PBX_API_URL, PBX_RECORDING_BASE_URL, PBX_DOMAIN } = config;
  const lacking = pbxVariables(config).filter((name) => config[name] === undefined);
  if (!PBX_API_URL || !PBX_RECORDING_BASE_URL || !PBX_DOMAIN || lacking.length > 0) {
    throw new ConfigError(`Cannot reach the PBX: ${lacking.join(", ")} ${lacking.length === 1 ? "is" : "are"} not set`);
  }
  if (config.PBX_TLS_INSECURE) {
    log.warn("PBX_TLS_INSECURE is set: the PBX's certificate is not checked. Better: its CA in PBX_CA_FILE.");
  }
  return createPbx(
    {
      apiUrl: PBX_API_URL,
      recordingBaseUrl: PBX_RECORDING_BASE_URL,
      domain: PBX_DOMAIN,
      auth: authOf(config),
      dialect: config.PBX_DIALECT,
      pageSize: config.CALLCENTER_BATCH_SIZE,
      zone: config.TIMEZONE,
      caPem: config.PBX_CA_FILE && (await readCa(config.PBX_CA_FILE)),
      tlsInsecure: config.PBX_TLS_INSECURE,
      ...patience.pbx,
    },
    log,
  );
}

function authOf({ PBX_AUTH, PBX_API_KEY = "" }: Config) {
  if (PBX_AUTH === "basic") return { kind: "basic", userPassword: PBX_API_KEY } as const;
  return PBX_AUTH === "none" ? ({ kind: "none" } as const) : ({ kind: "bearer", key: PBX_API_KEY } as const);
}

async function readCa(path: string): Promise<string> {
  const pem = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`PBX_CA_FILE cannot be read (${error.code})`);
  });
  if (!isPem(pem)) throw new ConfigError("PBX_CA_FILE holds no PEM certificate");
  return pem;
}

/** Google Drive, or null where it is disabled. Credentials that lack are warned about, and asked for when Drive is first needed: calls are synced without them. */
export async function openDrive(config: Config, log: Log, patience: Patience = {}): Promise<Drive | null> {
  if (!config.GOOGLE_DRIVE_ENABLED) return null;
  const credentials = await readCredentials(config);
  if ("missing" in credentials) log.warn("No recording can be uploaded", { reason: credentials.missing });
  if (!config.GOOGLE_DRIVE_FOLDER_ID) {
    log.warn(
      "GOOGLE_DRIVE_FOLDER_ID is not set: recordings go to the top of My Drive, where a service account has no room",
    );
  }
  return createDrive(
    {
      credentials,
      subject: config.GOOGLE_DRIVE_SUBJECT,
      folderId: config.GOOGLE_DRIVE_FOLDER_ID ?? "root",
      rootUrl: config.GOOGLE_API_ROOT_URL,
      tokenUrl: config.GOOGLE_OAUTH_TOKEN_URL,
      ...patience.drive,
    },
    log,
  );
}

/** The credentials, parsed, or `{ missing }` with what is wrong with them. */
async function readCredentials(config: Config): Promise<object> {
  const json = config.GOOGLE_DRIVE_CREDENTIALS_JSON;
  if (json) {
    const credentials = parseObject(json);
    if (!credentials) throw new ConfigError("GOOGLE_DRIVE_CREDENTIALS_JSON is no JSON object");
    return credentials;
  }
  const path = config.GOOGLE_DRIVE_CREDENTIALS_PATH;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return { missing: `There is no readable file at GOOGLE_DRIVE_CREDENTIALS_PATH (${path})` };
  return parseObject(text) ?? { missing: `The file at GOOGLE_DRIVE_CREDENTIALS_PATH (${path}) is no JSON object` };
}
