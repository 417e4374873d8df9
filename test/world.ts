import { setTimeout as pause } from "node:timers/promises";
import { readConfig } from "../src/config.ts";
import { addDays, type Day, dayOf } from "../src/day.ts";
import { createLog, type LogLine, redactor } from "../src/log.ts";
import { secretsOf } from "../src/secrets.ts";
import { openWorker } from "../src/start/worker.ts";
import { parseDatabaseUrl } from "../src/store/database_url.ts";
import { createPool } from "../src/worker/pool.ts";
import { createDatabase, type TestDatabase } from "./database.ts";
import { type MakeCalls, makeCalls, type SimulatedCall } from "./fakes/calls.ts";
import { type FakeDrive, type FakeDriveOptions, startFakeDrive } from "./fakes/drive.ts";
import { type FakePbx, type PbxOptions, startFakePbx } from "./fakes/pbx.ts";

export const ZONE = "Asia/Ho_Chi_Minh";
export const TODAY = dayOf(new Date(), ZONE);
export const YESTERDAY = addDays(TODAY, -1);

/** Small, quick calls of a day. */
export const callsOf = (day: Day, count: number, more: Partial<MakeCalls> = {}) =>
  makeCalls({ day, zone: ZONE, count, talkSeconds: [3, 8], format: "mp3", kbps: 8, ...more });

/** A call of the last 22 hours with a recording that may still come, and its day. */
export function aRecentCall(): { day: Day; call: SimulatedCall } {
  const isRecent = ({ recording, endMs }: SimulatedCall) =>
    recording && endMs < Date.now() && Date.now() - endMs < 80_000_000;
  const found = [TODAY, YESTERDAY].flatMap((day) => {
    const call = callsOf(day, 400).find(isRecent);
    return call ? [{ day, call }] : [];
  });
  return found[0]!;
}

/** A worker between a simulated PBX, a simulated Drive and a database of its own. */
export interface World extends TestDatabase {
  pbx: FakePbx;
  drive: FakeDrive;
  logs: LogLine[];
  /** Queues a job as psql would. */
  queue(task: string, payload?: object): Promise<void>;
  /** Back-offs and waits of the queue are over. */
  hasten(): Promise<void>;
  /** Waits until no job runs or is due. `hurry`: back-offs and waits are cut short. */
  settle(options?: { hurry?: boolean; timeoutMs?: number }): Promise<void>;
  /** Stops the worker, as SIGTERM would. */
  stop(): Promise<void>;
  /** Starts another worker on the same database. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(
  options: {
    pbx?: PbxOptions;
    drive?: FakeDriveOptions;
    environment?: Record<string, string>;
    database?: TestDatabase;
    idle?: boolean;
    /** The worker's clock, where it is not the database's. */
    now?: () => Date;
  } = {},
): Promise<World> {
  const database = options.database ?? (await createDatabase());
  const pbx = await startFakePbx({ zone: ZONE, ...options.pbx });
  const drive = await startFakeDrive(options.drive);
  const environment = {
    DATABASE_URL: database.url,
    TIMEZONE: ZONE,
    CALLCENTER_SYNC_ENABLED: "false",
    PBX_API_URL: pbx.apiUrl,
    PBX_DOMAIN: "tazaspa102019",
    PBX_API_KEY: "test-key",
    PBX_RECORDING_BASE_URL: pbx.recordingBaseUrl,
    GOOGLE_DRIVE_CREDENTIALS_JSON: JSON.stringify(drive.serviceAccountCredentials()),
    GOOGLE_DRIVE_FOLDER_ID: drive.folderId,
    GOOGLE_API_ROOT_URL: drive.rootUrl,
    GOOGLE_OAUTH_TOKEN_URL: drive.tokenUrl,
    ...options.environment,
  };
  const { sql } = database;
  const logs: LogLine[] = [];
  let worker: Awaited<ReturnType<typeof openWorker>> | undefined;

  const world: World = {
    ...database,
    pbx,
    drive,
    logs,
    async queue(task, payload = {}) {
      await sql`select graphile_worker.add_job(${task}, ${sql.json(payload as never)}::json)`;
    },
    async hasten() {
      // What is due again announces itself as a new job does: nobody waits for the next poll.
      await sql`
        with due as (update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null returning 1)
        select pg_notify('jobs:insert', json_build_object('count', count(*))::text) from due having count(*) > 0`;
    },
    async settle({ hurry = false, timeoutMs = 25_000 } = {}) {
      const giveUpAt = Date.now() + timeoutMs;
      for (;;) {
        if (hurry) await world.hasten();
        const [left] = await sql`
          select count(*)::int as jobs from graphile_worker.jobs
           where locked_at is not null or (attempts < max_attempts and (${hurry} or run_at <= now() + interval '0.2 s'))`;
        if (left?.jobs === 0) return;
        if (Date.now() > giveUpAt)
          throw new Error(
            `Jobs do not end: ${JSON.stringify(await sql`select key, task_identifier, attempts, last_error, run_at from graphile_worker.jobs limit 5`)}\n${JSON.stringify(logs.slice(-5))}`,
          );
        await pause(20);
      }
    },
    async stop() {
      await worker?.stop();
      worker = undefined;
    },
    async start() {
      const config = readConfig(environment, "worker");
      const redact = redactor(secretsOf(config));
      const log = createLog({ level: "debug", zone: ZONE, redact, write: (line) => logs.push(line) });
      const pool = createPool(parseDatabaseUrl(database.url), { max: 20, log });
      const onFatal = (_code: number, error: Error) =>
        logs.push({ timestamp: "", level: "FATAL", logger: "test", message: error.message });
      const patience = {
        pbx: { retryDelaysMs: [10, 20], timeouts: { stallMs: 500, headersMs: 800 } },
        drive: { retryDelaysMs: [10, 20], timeouts: { answerMs: 2_000 } },
      };
      worker = await openWorker({
        config,
        sql,
        pool,
        log,
        redact,
        onFatal,
        patience,
        ...(options.now && { now: options.now }),
      });
    },
    async close() {
      await world.stop();
      await Promise.all([pbx.close(), drive.close()]);
      await database.drop();
    },
  };
  if (!options.idle) await world.start();
  return world;
}
