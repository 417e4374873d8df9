import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { type FakeDrive, startFakeDrive } from "../../../test/fakes/drive.ts";
import { type FakePbx, startFakePbx } from "../../../test/fakes/pbx.ts";
import { type Cluster, freePort, startEmbedded } from "../../../test/fakes/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../../../test/fakes/tcp_proxy.ts";
import { type Calls, fillPbx } from "./calls.ts";
import { type Plan, PROVE_ZONE } from "./plan.ts";

/** A PostgreSQL of our own, which may be stopped, crashed and cut off at will. */
export class Database {
  readonly counts = { restarts: 0, crashes: 0, cuts: 0, terminations: 0, silences: 0 };
  readonly #folder: string;
  readonly #port: number;
  #cluster: Cluster;
  #wire: TcpProxy;

  private constructor(folder: string, port: number, cluster: Cluster, wire: TcpProxy) {
    this.#folder = folder;
    this.#port = port;
    this.#cluster = cluster;
    this.#wire = wire;
  }

  static async open(folder: string): Promise<Database> {
    const port = await freePort();
    const cluster = await startEmbedded({ directory: folder, port, durable: true });
    return new Database(folder, port, cluster, await startTcpProxy({ host: "127.0.0.1", port }));
  }

  /** As the service reaches it: through a wire that can be cut. */
  urlForService(name: string): string {
    return `postgres://postgres:postgres@127.0.0.1:${this.#wire.port}/${name}`;
  }

  /** One statement, whatever it takes: done at least once. */
  async ask<Row extends object>(name: string, text: string, values: unknown[] = []): Promise<Row[]> {
    for (let tries = 0; ; tries++) {
      const client = new pg.Client({
        host: "127.0.0.1",
        port: this.#port,
        user: "postgres",
        password: "postgres",
        database: name,
      });
      client.on("error", () => {});
      try {
        await client.connect();
        return (await client.query<Row>(text, values)).rows;
      } catch (error) {
        if (tries >= 60 || !isPassing(error)) throw error;
        await pause(500);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }

  /** Stopped, and started again after a while. A crash ends it at once; it recovers from its log. */
  async restart(how: "in order" | "crash", downMs: number): Promise<void> {
    this.counts[how === "crash" ? "crashes" : "restarts"]++;
    if (how === "crash") await this.#crash();
    await this.#cluster.stop();
    await pause(downMs);
    this.#cluster = await startEmbedded({ directory: this.#folder, port: this.#port, durable: true });
  }

  /** `pg_ctl stop -m immediate`: no word to anybody, nothing written. */
  async #crash(): Promise<void> {
    const pid = await readFile(join(this.#folder, "postgres", "postmaster.pid"), "utf8");
    process.kill(Number(pid.split("\n")[0]), "SIGQUIT");
  }

  /** Every connection of the service is reset. */
  cut(): void {
    this.counts.cuts++;
    this.#wire.cut();
  }

  /** What the service asks is done, and it never hears of it; then its connections are reset. */
  async silence(ms: number): Promise<void> {
    this.counts.silences++;
    this.#wire.loseAnswers();
    await pause(ms);
    this.#wire.cut();
    await this.#wire.restore();
  }

  /** Ends a share of the service's sessions, as an administrator may. */
  async terminate(name: string, share: number): Promise<void> {
    this.counts.terminations++;
    await this.ask(
      name,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid() and random() < $2",
      [name, share],
    );
  }

  async close(): Promise<void> {
    await this.#wire.close();
    await this.#cluster.stop();
  }
}

/** The server that answers went away under the question, or is not there yet. */
const isPassing = (error: unknown) =>
  /^(ECONN|57P|08)/.test(String((error as { code?: string }).code)) ||
  /terminat|connection error/i.test((error as Error).message);

/** Everything of one round but the service. */
export interface ProveWorld {
  plan: Plan;
  pbx: FakePbx;
  drive: FakeDrive;
  calls: Calls;
  database: Database;
  /** One statement on the round's database, whatever it takes. */
  ask<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** What the service is told. */
  environment: Record<string, string>;
  databaseName: string;
  /** Where the service's logs lie. */
  folder: string;
  close(options: { keepLogs: boolean }): Promise<void>;
}

/** A database, a PBX full of calls and an empty Drive, for one round. */
export async function openProveWorld(plan: Plan, database: Database): Promise<ProveWorld> {
  const { dialect, order, pageCap, seed } = plan;
  const folder = await mkdtemp(join(tmpdir(), "callcenter-sync-prove-"));
  const databaseName = `round_${seed}_${Date.now()}`;
  await database.ask("postgres", `create database ${databaseName}`);
  const pbx = await startFakePbx({ zone: PROVE_ZONE, dialect, order, pageCap, seed });
  const drive = await startFakeDrive({ keepBytes: false, seed, searchLagMs: plan.searchLagMs });
  const calls = fillPbx(pbx, plan);
  return {
    plan,
    pbx,
    drive,
    calls,
    database,
    databaseName,
    folder,
    environment: environmentOf(plan, database.urlForService(databaseName), pbx, drive),
    ask: (text, values) => database.ask(databaseName, text, values),
    async close({ keepLogs }) {
      await Promise.all([pbx.close(), drive.close()]);
      await database.ask("postgres", `drop database if exists ${databaseName} with (force)`);
      if (!keepLogs) await rm(folder, { recursive: true, force: true });
    },
  };
}

function environmentOf(plan: Plan, url: string, pbx: FakePbx, drive: FakeDrive): Record<string, string> {
  const credentials =
    plan.credentials === "service account" ? drive.serviceAccountCredentials() : drive.authorizedUserCredentials();
  return {
    DATABASE_URL: url,
    TIMEZONE: PROVE_ZONE,
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "debug",
    PBX_API_URL: pbx.apiUrl,
    PBX_DOMAIN: "tazaspa102019",
    PBX_API_KEY: pbx.apiKey,
    PBX_RECORDING_BASE_URL: pbx.recordingBaseUrl,
    CALLCENTER_BATCH_SIZE: String(plan.pageSize),
    CALLCENTER_RETRY_INTERVAL_MINUTES: "1",
    GOOGLE_DRIVE_CREDENTIALS_JSON: JSON.stringify(credentials),
    GOOGLE_DRIVE_FOLDER_ID: drive.folderId,
    GOOGLE_DRIVE_FOLDER_LAYOUT: plan.layout,
    GOOGLE_API_ROOT_URL: drive.rootUrl,
    GOOGLE_OAUTH_TOKEN_URL: drive.tokenUrl,
  };
}
