import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { addDays, type Day, dayOf } from "../../src/day.ts";
import { judge, type Verdict } from "../../src/start/demo_report.ts";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql, type Sql } from "../../src/store/open.ts";
import { type MakeCalls, makeCalls } from "../fakes/calls.ts";
import { type FakeDrive, startFakeDrive } from "../fakes/drive.ts";
import { type FakePbx, type PbxOptions, startFakePbx } from "../fakes/pbx.ts";
import { freePort } from "../fakes/postgres.ts";

const ZONE = "Asia/Ho_Chi_Minh";

/** Yesterday's calls at a simulated PBX, an empty database and an empty Drive: what a service meets at its first start. */
export interface Night {
  day: Day;
  pbx: FakePbx;
  drive: FakeDrive;
  sql: Sql;
  /** What the service is told. */
  environment: Record<string, string>;
  /** Where it will listen. */
  origin: string;
  /** Waits until the view `callcenter.days` calls the day complete. */
  awaitComplete(timeoutMs: number): Promise<void>;
  /** What is lost, doubled or wrong. */
  verdict(): Promise<Verdict>;
  close(): Promise<void>;
}

export async function openNight(options: {
  /** A PostgreSQL with the right to make databases. */
  serverUrl: string;
  calls: Partial<MakeCalls> & { count: number };
  pbx?: PbxOptions;
  environment?: Record<string, string>;
}): Promise<Night> {
  const day = addDays(dayOf(new Date(), ZONE), -1);
  const calls = makeCalls({ day, zone: ZONE, ...options.calls });
  const pbx = await startFakePbx({ zone: ZONE, ...options.pbx, calls });
  const drive = await startFakeDrive({ keepBytes: false });
  const database = await openDatabase(options.serverUrl);
  const port = await freePort();
  const { sql } = database;
  return {
    day,
    pbx,
    drive,
    sql,
    origin: `http://127.0.0.1:${port}`,
    environment: {
      DATABASE_URL: database.url,
      TIMEZONE: ZONE,
      HOST: "127.0.0.1",
      PORT: String(port),
      API_TOKEN: "smoke-token",
      PBX_API_URL: pbx.apiUrl,
      PBX_DOMAIN: "tazaspa102019",
      PBX_API_KEY: "test-key",
      PBX_RECORDING_BASE_URL: pbx.recordingBaseUrl,
      GOOGLE_DRIVE_CREDENTIALS_JSON: JSON.stringify(drive.serviceAccountCredentials()),
      GOOGLE_DRIVE_FOLDER_ID: drive.folderId,
      GOOGLE_API_ROOT_URL: drive.rootUrl,
      GOOGLE_OAUTH_TOKEN_URL: drive.tokenUrl,
      ...options.environment,
    },
    awaitComplete: (timeoutMs) => until(`${day} is complete`, timeoutMs, () => isComplete(sql, day)),
    verdict: () => judge(sql, pbx, drive),
    async close() {
      await Promise.all([pbx.close(), drive.close()]);
      await database.drop();
    },
  };
}

/** An empty database. */
async function openDatabase(serverUrl: string): Promise<{ url: string; sql: Sql; drop(): Promise<void> }> {
  const name = `ccs_smoke_${randomBytes(6).toString("hex")}`;
  const onServer = async (statement: string) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await onServer(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const sql = openSql(parseDatabaseUrl(url.href), { max: 2, name: "smoke" });
  const drop = async () => {
    await sql.end({ timeout: 1 });
    await onServer(`drop database if exists ${name} with (force)`);
  };
  return { url: url.href, sql, drop };
}

/** False, too, while the service has not made the view yet. */
async function isComplete(sql: Sql, day: Day): Promise<boolean> {
  const [view] = await sql`select to_regclass('callcenter.days') is not null as exists`;
  if (!view?.exists) return false;
  const [row] = await sql`select complete from callcenter.days where day = ${day}`;
  return row?.complete === true;
}

/** Asks again and again until the answer is yes. */
export async function until(what: string, timeoutMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited ${timeoutMs / 1000} s in vain: ${what}`);
    await pause(100);
  }
}

/** True where the service answers, whatever it answers. */
export const isAlive = (origin: string) =>
  fetch(`${origin}/health/live`).then(
    (answer) => answer.ok,
    () => false,
  );
