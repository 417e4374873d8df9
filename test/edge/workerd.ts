import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { freePort } from "../fakes/postgres.ts";
import { isAlive, until } from "../smoke/night.ts";
import { ROOT, startProcess } from "../smoke/service_process.ts";

const program = (name: string) => join(ROOT, "test/edge/node_modules/.bin", name);

/** False until `npm ci --prefix test/edge`. */
export const isInstalled = existsSync(program("workerd"));

export interface Workerd {
  /** The app with a TCP connection to PostgreSQL. */
  overTcp: string;
  /** The app with a Hyperdrive. */
  overHyperdrive: string;
  /** The app without any variable. */
  unconfigured: string;
  output(): string;
  close(): Promise<void>;
}

/** Bundles the app as `wrangler deploy` does, and serves it with Cloudflare's own runtime. */
export async function startWorkerd(databaseUrl: string, apiToken: string): Promise<Workerd> {
  const directory = await mkdtemp(join(tmpdir(), "callcenter-sync-edge-"));
  await bundle(directory);
  const ports = { tcp: await freePort(), hyperdrive: await freePort(), unconfigured: await freePort() };
  await writeFile(join(directory, "config.capnp"), configOf(databaseUrl, apiToken, ports));
  const server = startProcess(program("workerd"), ["serve", join(directory, "config.capnp")], {});
  const origin = (port: number) => `http://127.0.0.1:${port}`;
  await until("workerd answers", 20_000, () => isAlive(origin(ports.tcp)));
  return {
    overTcp: origin(ports.tcp),
    overHyperdrive: origin(ports.hyperdrive),
    unconfigured: origin(ports.unconfigured),
    output: server.output,
    async close() {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
}

async function bundle(directory: string): Promise<void> {
  const wrangler = join(ROOT, "test/edge/node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--outdir", directory, "--config", join(ROOT, "wrangler.jsonc")];
  const quiet = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_LOG_PATH: directory };
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...quiet } });
}

/** Three workers of one bundle, in workerd's own language: https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configOf(
  databaseUrl: string,
  apiToken: string,
  ports: { tcp: number; hyperdrive: number; unconfigured: number },
): string {
  const { host, port, database, user, password } = parseDatabaseUrl(databaseUrl);
  const text = (name: string, value: string) => `(name = "${name}", text = ${JSON.stringify(value)})`;
  const common = [text("API_TOKEN", apiToken), text("TIMEZONE", "Asia/Ho_Chi_Minh")];
  const hyperdrive = `(name = "HYPERDRIVE", hyperdrive = (designator = "postgres", scheme = "postgresql", database = ${JSON.stringify(database)}, user = ${JSON.stringify(user)}, password = ${JSON.stringify(password)}))`;
  const worker = (bindings: string[]) =>
    `(modules = [(name = "edge.js", esModule = embed "edge.js")], compatibilityDate = "2026-11-01", bindings = [${bindings.join(", ")}])`;
  const socket = (name: string, at: number) =>
    `(name = "${name}", address = "127.0.0.1:${at}", http = (), service = "${name}")`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "tcp", worker = ${worker([...common, text("DATABASE_URL", databaseUrl)])}),
    (name = "hyperdrive", worker = ${worker([...common, hyperdrive])}),
    (name = "unconfigured", worker = ${worker([])}),
    (name = "internet", network = (allow = ["private", "public"])),
    (name = "postgres", external = (address = "${host}:${port}", tcp = ())),
  ],
  sockets = [${Object.entries(ports)
    .map(([name, at]) => socket(name, at))
    .join(", ")}],
);
`;
}
