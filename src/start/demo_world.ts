import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCalls, type SimulatedCall } from "../../test/fakes/calls.ts";
import { type FakeDrive, startFakeDrive } from "../../test/fakes/drive.ts";
import { type FakePbx, startFakePbx } from "../../test/fakes/pbx.ts";
import { freePort, startEmbedded } from "../../test/fakes/postgres.ts";
import { addDays, type Day, dayOf, daysBetween } from "../day.ts";

/** What a second run must know of the first: the same days, the same addresses, the same password. */
interface DemoState {
  firstDay: Day;
  lastDay: Day;
  token: string;
  ports: { postgres: number; drive: number; web: number };
}

/** A call centre on this machine: PostgreSQL, a PBX and a Google Drive, real servers on loopback. */
export interface DemoWorld {
  days: Day[];
  pbx: FakePbx;
  drive: FakeDrive;
  /** What the service is told, as its environment; it also stands in the folder's file `env`, for commands beside it. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

export const DEMO_ZONE = "Asia/Ho_Chi_Minh";
const DAYS = 5;

/** Starts the demo's world from its folder, or makes one. */
export async function openDemoWorld(directory: string, options: { fresh: boolean }): Promise<DemoWorld> {
  if (options.fresh) await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const state = await readState(join(directory, "demo.json"));
  const days = daysBetween(state.firstDay, state.lastDay);
  const postgres = await startEmbedded({ directory, port: state.ports.postgres, durable: true });
  const drive = await startFakeDrive({
    stateFolder: join(directory, "drive"),
    port: state.ports.drive,
    links: "self",
    seed: 1,
  });
  const pbx = await startFakePbx({ zone: DEMO_ZONE, calls: days.flatMap(callsOf), dialect: "seed" });
  const credentialsPath = join(directory, "google-credentials.json");
  await writeFile(credentialsPath, JSON.stringify(drive.serviceAccountCredentials()), { mode: 0o600 });
  const environment = {
    DATABASE_URL: postgres.url,
    TIMEZONE: DEMO_ZONE,
    HOST: "127.0.0.1",
    PORT: String(state.ports.web),
    API_TOKEN: state.token,
    LOG_LEVEL: "error",
    PBX_API_URL: pbx.apiUrl,
    PBX_DOMAIN: "tazaspa102019",
    PBX_API_KEY: "test-key",
    PBX_RECORDING_BASE_URL: pbx.recordingBaseUrl,
    GOOGLE_DRIVE_CREDENTIALS_PATH: credentialsPath,
    GOOGLE_DRIVE_FOLDER_ID: drive.folderId,
    GOOGLE_API_ROOT_URL: drive.rootUrl,
    GOOGLE_OAUTH_TOKEN_URL: drive.tokenUrl,
  };
  const variables = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
  await writeFile(join(directory, "env"), `${variables.join("\n")}\n`, { mode: 0o600 });
  return {
    days,
    pbx,
    drive,
    environment,
    async close() {
      await Promise.all([pbx.close(), drive.close()]);
      await postgres.stop();
    },
  };
}

function callsOf(day: Day, nth: number): SimulatedCall[] {
  const [count, format] = [140 + ((nth * 67) % 90), nth % 2 ? ("mp3" as const) : ("wav" as const)];
  return makeCalls({ day, zone: DEMO_ZONE, count, talkSeconds: [3, 20], format, kbps: 8 });
}

async function readState(path: string): Promise<DemoState> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    const lastDay = addDays(dayOf(new Date(), DEMO_ZONE), -1);
    const state: DemoState = {
      firstDay: addDays(lastDay, 1 - DAYS),
      lastDay,
      token: randomBytes(9).toString("base64url"),
      ports: { postgres: await freePort(), drive: await freePort(), web: await freePort() },
    };
    await writeFile(path, `${JSON.stringify(state, null, 2)}\n`);
    return state;
  }
}
