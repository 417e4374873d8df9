import { type Config, readConfig } from "../config.ts";
import { messageOf } from "../errors.ts";
import { createApp } from "../http/app.ts";
import { createLog, type Log, type Redact, redactor } from "../log.ts";
import { secretsOf } from "../secrets.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "../store/database_url.ts";
import { openSql, type Sql } from "../store/open.ts";
import { shareZone } from "../store/settings.ts";
import { version } from "./version.ts";

/** What Cloudflare hands over beside a request: variables, secrets, and a Hyperdrive where one is bound. Deno hands over none of these. */
interface Bindings {
  HYPERDRIVE?: { connectionString: string };
  [name: string]: unknown;
}

/** Keeps the runtime awake until something is done that the answer need not wait for. */
interface Execution {
  waitUntil?(work: Promise<unknown>): void;
}

interface Setting {
  config: Config;
  address: DatabaseAddress;
  log: Log;
  redact: Redact;
}

/** Read at the first request: Cloudflare has no environment before. */
let setting: Setting | undefined;

/** True once SQL counts days as we do, or as the workers do. */
let isZoneShared = false;

/**
 * The HTTP app as a `fetch` handler, for Deno Deploy and Cloudflare Workers. It has a database and nothing else: migrations and jobs are the
 * business of a worker in a container. Each request has a client of its own, since workerd lets no connection outlive its request.
 */
export default {
  async fetch(request: Request, bindings: Bindings = {}, execution: Execution = {}): Promise<Response> {
    try {
      setting ??= readSetting(bindings);
    } catch (error) {
      return notConfigured(error);
    }
    const { config, address, log, redact } = setting;
    const sql = openSql(address, { max: 3, name: "callcenter-sync edge", forOneRequest: true });
    const app = createApp({
      sql,
      zone: config.TIMEZONE,
      apiToken: config.API_TOKEN,
      metricsToken: config.METRICS_TOKEN,
      now: () => new Date(),
      log,
      redact,
      version,
      role: "web",
    });
    // No answer waits for it: /health/live asks no database.
    if (!isZoneShared) void tellZone(sql, config.TIMEZONE);
    try {
      return await app.fetch(request);
    } finally {
      const closing = sql.end({ timeout: 1 }).catch(() => {});
      execution.waitUntil?.(closing);
    }
  },
};

/** Where the database is away or not migrated, the next request tries again. */
async function tellZone(sql: Sql, zone: string): Promise<void> {
  await shareZone(sql, zone).then(
    () => {
      isZoneShared = true;
    },
    () => {},
  );
}

function readSetting({ HYPERDRIVE, ...bindings }: Bindings): Setting {
  const texts = Object.entries(bindings).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const environment = { ...process.env, ...Object.fromEntries(texts) };
  const config = readConfig(
    { ...environment, ...(HYPERDRIVE && { DATABASE_URL: HYPERDRIVE.connectionString }) },
    "web",
  );
  const address = parseDatabaseUrl(config.DATABASE_URL ?? "");
  const redact = redactor(secretsOf(config));
  const log = createLog({
    level: config.LOG_LEVEL,
    zone: config.TIMEZONE,
    redact,
    write: (line) => console.log(JSON.stringify(line)),
  });
  return { config, address: { ...address, pooled: address.pooled || HYPERDRIVE !== undefined }, log, redact };
}

/** Which variable is bad stands in the log; the answer tells strangers nothing. */
function notConfigured(error: unknown): Response {
  console.error(messageOf(error));
  const problem = { title: "The service is not configured", status: 503, detail: "Its log names the variables." };
  return new Response(JSON.stringify(problem), {
    status: 503,
    headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store" },
  });
}
