import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { shareSettings, shareZone } from "../../src/store/settings.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { eventually } from "../eventually.ts";
import { type FakeDrive, startFakeDrive } from "../fakes/drive.ts";
import { type FakePbx, startFakePbx } from "../fakes/pbx.ts";
import { startFakeWebhook } from "../fakes/webhook.ts";
import { callsOf, TODAY, YESTERDAY, ZONE } from "../world.ts";

let database: TestDatabase;
let pbx: FakePbx;
let drive: FakeDrive;
const children: ChildProcess[] = [];

beforeEach(async () => {
  database = await createDatabase({ empty: true });
  pbx = await startFakePbx({ zone: ZONE, calls: callsOf(YESTERDAY, 12) });
  drive = await startFakeDrive();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await Promise.all([pbx.close(), drive.close()]);
  await database.drop();
});

const environment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  DATABASE_URL: database.url,
  HOST: "127.0.0.1",
  PORT: "0",
  API_TOKEN: "secret-token",
  PBX_API_URL: pbx.apiUrl,
  PBX_DOMAIN: "tazaspa102019",
  PBX_API_KEY: "test-key",
  PBX_RECORDING_BASE_URL: pbx.recordingBaseUrl,
  GOOGLE_DRIVE_CREDENTIALS_JSON: JSON.stringify(drive.serviceAccountCredentials()),
  GOOGLE_DRIVE_FOLDER_ID: drive.folderId,
  GOOGLE_API_ROOT_URL: drive.rootUrl,
  GOOGLE_OAUTH_TOKEN_URL: drive.tokenUrl,
});

interface Line {
  message: string;
  context?: Record<string, unknown>;
}

/** The service as a process of its own: `node`, or `npm start` in front of it. */
function start(
  args: string[],
  env: Record<string, string>,
  through: "node" | "npm" = "node",
  options: readonly string[] = [],
) {
  const child =
    through === "node"
      ? spawn(process.execPath, [...options, "src/start/container.ts", ...args], { env })
      : spawn("npm", ["start", "--", ...args], { env });
  children.push(child);
  const lines: Line[] = [];
  let errors = "";
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (line.startsWith("{")) lines.push(JSON.parse(line));
  });
  child.stderr!.on("data", (chunk) => {
    errors += chunk;
  });
  return {
    child,
    lines,
    errors: () => errors,
    exit: once(child, "exit").then(([code]) => code as number | null),
    said: (message: string) =>
      eventually(() => lines.find((line) => line.message === message), `"${message}"\n${errors}`),
  };
}

test("npm start does the whole job on an empty database: migrations, yesterday's calls, their recordings", async () => {
  const service = start([], environment(), "npm");
  const { context } = await service.said("Listening");
  await service.said("Worker started");
  await eventually(async () => {
    const [row] = await database.sql`select complete from callcenter.days where day = ${YESTERDAY}`;
    return row?.complete;
  }, "yesterday is complete");
  const health = await fetch(`http://127.0.0.1:${context?.port}/health`);
  expect([health.status, ((await health.json()) as { status: string }).status]).toEqual([200, "healthy"]);

  service.child.kill("SIGTERM");
  await eventually(async () => {
    const gone = await fetch(`http://127.0.0.1:${context?.port}/health/live`).then(
      () => false,
      () => true,
    );
    return gone;
  }, "the service is gone");
  const leases = await database.sql`select ended_why from callcenter.worker_leases where ended_at is null`;
  expect(leases).toEqual([]);
});

test("SIGTERM ends the service with exit code 0, and every line it wrote is JSON of the contract's shape", async () => {
  const service = start([], environment());
  await service.said("Worker started");
  service.child.kill("SIGTERM");
  expect(await service.exit).toBe(0);
  for (const line of service.lines) {
    expect(Object.keys(line).slice(0, 4)).toEqual(["timestamp", "level", "logger", "message"]);
  }
  expect(service.errors()).not.toMatch(/at .*\.ts:\d+/);
});

test("a signal that comes while the service is still loaded ends it with exit code 0", async () => {
  const signalWhileLoading = `import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) {
      if (url.endsWith("/start/service.ts")) process.kill(process.pid, "SIGTERM");
      return next(url, context);
    } });`;
  const preload = ["--import", `data:text/javascript,${encodeURIComponent(signalWhileLoading)}`];
  const service = start(["--role", "web"], environment(), "node", preload);
  expect(await service.exit).toBe(0);
});

test("the web role needs the database alone, and answers while there is no worker", async () => {
  const { PATH, HOME, DATABASE_URL, API_TOKEN } = environment() as Record<
    "PATH" | "HOME" | "DATABASE_URL" | "API_TOKEN",
    string
  >;
  const service = start(["--role", "web"], { PATH, HOME, DATABASE_URL, API_TOKEN, HOST: "127.0.0.1", PORT: "0" });
  const { context } = await service.said("Listening");
  const ask = (path: string) => fetch(`http://127.0.0.1:${context?.port}${path}`);
  expect((await ask("/health/live")).status).toBe(200);
  await eventually(async () => (await ask("/metrics")).status === 200, "metrics answer");
  expect((await ask("/health")).status).toBe(503);
  service.child.kill("SIGINT");
  expect(await service.exit).toBe(0);
});

test("the web role alone counts days in its own zone, until a worker says which", async () => {
  const { sql } = database;
  start(["--role", "web"], { ...environment(), TIMEZONE: "America/Havana" });
  const zone = async () => (await sql`select callcenter.zone() as zone`.catch(() => []))[0]?.zone;
  await eventually(async () => (await zone()) === "America/Havana", "SQL counts in the zone of the web role");
  await shareZone(sql, "Europe/Berlin");
  expect(await zone()).toBe("America/Havana");
  await shareSettings(sql, { zone: ZONE });
  await shareZone(sql, "America/Havana");
  expect(await zone()).toBe(ZONE);
});

test("without API_TOKEN the log says that the doors are closed; a port that is taken is said in plain words", async () => {
  const { API_TOKEN: _, ...closed } = environment();
  const first = start(["--role", "web"], closed);
  const { context } = await first.said("Listening");
  await first.said("The API and the dashboard are closed: API_TOKEN is not set");
  const second = start(["--role", "web"], { ...closed, PORT: String(context?.port) });
  expect(await second.exit).toBe(1);
  const where = `127.0.0.1:${context?.port}`;
  expect(second.errors()).toContain(`Cannot listen on ${where}: another program has this port; set PORT to a free one`);
});

test("a HOST that is no address ends with exit code 78", async () => {
  const service = start(["--role", "web"], { ...environment(), HOST: "999.1.1.1" });
  expect(await service.exit).toBe(78);
  expect(service.errors()).toContain("HOST is neither an address nor a name that is known");
});

test("a bad environment ends with exit code 78, one message and no value", async () => {
  const service = start([], {
    ...environment(),
    TIMEZONE: "Mars/Olympus",
    PBX_API_URL: "not-a-url-at-all",
    PBX_DOMAIN: "",
    PBX_DIALECT: "klingon",
    DATABASE_URL: "mysql://root:hidden@localhost/calls",
    PBX_CA_FILE: "/nowhere/ca.pem",
    GOOGLE_DRIVE_CREDENTIALS_JSON: "{no json",
  });
  expect(await service.exit).toBe(78);
  for (const problem of [
    "TIMEZONE",
    "PBX_API_URL",
    "PBX_DOMAIN",
    "PBX_DIALECT must be one of auto, seed, onepos-v2",
    "DATABASE_URL must be a PostgreSQL URL",
    "PBX_CA_FILE cannot be read",
    "GOOGLE_DRIVE_CREDENTIALS_JSON is no JSON object",
  ]) {
    expect(service.errors()).toContain(problem);
  }
  expect(service.errors()).not.toMatch(/Mars|not-a-url|klingon|hidden|nowhere|no json|at .*\.ts:\d+/);
  expect(service.lines).toEqual([]);
});

test("a database that does not exist, and a Drive without credentials, are told at the start", async () => {
  const nowhere = start([], { ...environment(), DATABASE_URL: `${database.url}_nowhere` });
  expect(await nowhere.exit).toBe(78);
  expect(nowhere.errors()).toContain("DATABASE_URL names a database that does not exist");
  const { GOOGLE_DRIVE_CREDENTIALS_JSON: _, GOOGLE_DRIVE_FOLDER_ID: __, ...rest } = environment();
  const service = start([], { ...rest, GOOGLE_DRIVE_CREDENTIALS_PATH: "/nowhere/credentials.json" });
  const { context } = await service.said("No recording can be uploaded");
  expect(context?.reason).toContain("There is no readable file at GOOGLE_DRIVE_CREDENTIALS_PATH");
  expect(service.lines.some(({ message }) => message.startsWith("GOOGLE_DRIVE_FOLDER_ID is not set"))).toBe(true);
});

test("a database without TLS, where DATABASE_URL asks for it, ends the start with exit code 78", async () => {
  const server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end("N")));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `postgres://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/none?sslmode=require`;
  const service = start(["--role", "web"], { ...environment(), DATABASE_URL: url });
  expect(await service.exit).toBe(78);
  server.close();
  expect(service.errors()).toContain("DATABASE_URL asks for TLS, which its server does not support");
});

test("credentials that are none stop the start, unless Drive is disabled", async () => {
  const credentials = { GOOGLE_DRIVE_CREDENTIALS_JSON: '{"type":"hidden","refresh_token":"hidden"}' };
  const service = start([], { ...environment(), ...credentials });
  expect(await service.exit).toBe(78);
  expect(service.errors()).toContain("GOOGLE_DRIVE_CREDENTIALS_JSON is neither a service account's key nor");
  expect(service.errors()).not.toContain("hidden");
  const without = start([], { ...environment(), ...credentials, GOOGLE_DRIVE_ENABLED: "off" });
  await without.said("Worker started");
});

test("an unknown role or option ends with exit code 2 and the usage", async () => {
  for (const args of [
    ["--role", "boss"],
    ["--rolle", "web"],
  ]) {
    const service = start(args, environment());
    expect(await service.exit).toBe(2);
    expect(service.errors()).toContain("Usage: npm start");
  }
});

test("four services start at once on an empty database", async () => {
  const services = [1, 2, 3, 4].map(() => start([], environment()));
  await Promise.all(services.map((service) => service.said("Worker started")));
  await eventually(async () => {
    const [row] = await database.sql`select complete from callcenter.days where day = ${YESTERDAY}`;
    return row?.complete;
  }, "yesterday is complete");
  const logs = await database.sql`select "status" from "CallCenterSyncLog"`;
  expect(logs).toEqual([{ status: "completed" }]);
  expect(drive.twins()).toEqual([]);
});

test("a start with another zone than the last warns and shows under attention", async () => {
  const first = start([], environment());
  await first.said("Worker started");
  first.child.kill("SIGTERM");
  await first.exit;
  const second = start([], { ...environment(), TIMEZONE: "Europe/Berlin" });
  await second.said("TIMEZONE has changed: days are counted otherwise from now on");
  expect(await database.sql`select kind from callcenter.attention where kind = 'zone_changed'`).toHaveLength(1);
});

test("CALLCENTER_SYNC_ENABLED=false schedules nothing, and jobs queued by hand still run", async () => {
  const service = start([], { ...environment(), CALLCENTER_SYNC_ENABLED: "false" });
  await service.said("Worker started");
  expect(await database.sql`select 1 from "CallCenterSyncLog"`).toEqual([]);
  await database.sql`select graphile_worker.add_job('daily_sync', ${database.sql.json({ dateFrom: addDays(TODAY, -1) })}::json)`;
  await eventually(
    async () => (await database.sql`select 1 from "CallCenterSyncLog" where "status" = 'completed'`).length > 0,
    "the day is read",
  );
  const schedule = await database.sql`select value from callcenter.settings where key = 'schedule'`;
  expect(schedule).toEqual([{ value: {} }]);
});

test("CALLCENTER_SYNC_ENABLED=false: what needs a person is told all the same", async () => {
  await using webhook = await startFakeWebhook();
  pbx.apiKey = "another";
  const service = start([], {
    ...environment(),
    CALLCENTER_SYNC_ENABLED: "false",
    ALERT_WEBHOOK_URL: webhook.url,
  });
  await service.said("Worker started");
  await database.sql`select graphile_worker.add_job('daily_sync', '{}')`;
  await eventually(() => webhook.messages.length > 0, "the alert", 30_000);
  expect(webhook.messages).toMatchObject([{ kind: "pbx_key_refused" }]);
});
