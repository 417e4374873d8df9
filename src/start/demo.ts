import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Config, readConfig } from "../config.ts";
import { messageOf } from "../errors.ts";
import { redactor } from "../log.ts";
import { secretsOf } from "../secrets.ts";
import { parseDatabaseUrl } from "../store/database_url.ts";
import { openSql, type Sql } from "../store/open.ts";
import { formatReport, judge, reportDays } from "./demo_report.ts";
import { type DemoWorld, openDemoWorld } from "./demo_world.ts";
import { openLog } from "./output.ts";
import { startService } from "./service.ts";

const USAGE = `Usage: npm run demo [-- --once] [-- --fresh]
  --once   end after the first complete run
  --fresh  forget the last run and start over`;

const DIRECTORY = resolve(".demo");
const PATIENCE_MS = 10 * 60_000;
const say = (text: string) => process.stdout.write(`${text}\n`);

/** The main job end to end on this machine, with nothing else installed. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: "boolean", default: false }, fresh: { type: "boolean", default: false } },
  });
  say("Starting PostgreSQL, a simulated PBX and a simulated Google Drive …");
  const world = await openDemoWorld(DIRECTORY, { fresh: values.fresh });
  const config = readConfig(world.environment, "all") as Config & { DATABASE_URL: string };
  const redact = redactor(secretsOf(config));
  const log = openLog({ level: config.LOG_LEVEL, zone: config.TIMEZONE, redact });
  const service = await startService({ config, role: "all", log, redact, onFatal: (code, error) => fail(code, error) });
  const sql = openSql(parseDatabaseUrl(config.DATABASE_URL), { max: 2, name: "demo" });
  const end = async () => {
    await service.stop();
    await sql.end({ timeout: 1 });
    await world.close();
  };
  const interrupted = new Promise<number>((resolve) => {
    process.once("SIGINT", () => resolve(130));
    process.once("SIGTERM", () => resolve(0));
  });
  const run = async () => {
    await service.ready;
    const isProved = await syncEverything(sql, world);
    say(`\nDashboard  http://127.0.0.1:${service.port}/   (any user name, password ${config.API_TOKEN})`);
    say(
      `API        curl -H 'Authorization: Bearer ${config.API_TOKEN}' 'http://127.0.0.1:${service.port}/calls?limit=3'`,
    );
    say("Command    (set -a; . .demo/env; npm run -s cli -- status)    also: doctor, sync --help");
    say(`psql       psql '${config.DATABASE_URL}' -c 'select * from callcenter.days'`);
    if (values.once) return isProved ? 0 : 1;
    say("\nRunning. Ctrl-C ends it; a second run finds everything as it is (--fresh starts over).");
    return interrupted;
  };
  try {
    return await Promise.race([run(), interrupted]);
  } finally {
    await end();
  }
}

/** Queues the days as anybody would with psql, waits until each is proved complete, and shows what is where. */
async function syncEverything(sql: Sql, { days, pbx, drive }: DemoWorld): Promise<boolean> {
  const range = { dateFrom: days[0]!, dateTo: days.at(-1)! };
  say(`Syncing ${range.dateFrom} to ${range.dateTo} …`);
  const requestedAt = new Date();
  await sql`select graphile_worker.add_job('daily_sync', ${sql.json(range)}::json)`;
  await showProgress(sql, days.length, requestedAt);
  const rows = await reportDays(sql, pbx, days);
  const verdict = await judge(sql, pbx, drive);
  say(`\n${formatReport(rows)}\n`);
  const isRight = verdict.lost + verdict.doubled + verdict.wrong === 0;
  say(
    isRight
      ? `Every one of ${verdict.calls.toLocaleString("en")} calls is stored once, every one of ${verdict.recordings.toLocaleString("en")} recordings is in Drive once, byte for byte.`
      : `Not as it should be: ${verdict.lost} lost, ${verdict.doubled} doubled, ${verdict.wrong} with wrong bytes.`,
  );
  return isRight;
}

/** One line that is written over on a terminal, a line a change elsewhere; until the days just asked for are read and all recordings uploaded. */
async function showProgress(sql: Sql, days: number, since: Date): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  let last = "";
  while (Date.now() < giveUpAt) {
    const [now] = await sql<{ read: number; calls: number; uploaded: number; recordings: number; waiting: number }[]>`
      select (select count(*)::int from "CallCenterSyncLog" where "syncType" = 'manual' and "status" = 'completed' and "createdAt" >= ${since}) as read,
             count(*)::int as calls, count("googleDriveUrl")::int as uploaded, count("recordingPath")::int as recordings,
             (select count(*)::int from graphile_worker.jobs where task_identifier in ('upload_recording', 'daily_sync')) as waiting
        from "CallCenterRecord"`;
    if (!now) return;
    const line = `  ${now.read} of ${days} days read, ${now.calls} calls stored, ${now.uploaded} of ${now.recordings} recordings in Drive`;
    if (line !== last) process.stdout.write(process.stdout.isTTY ? `\r${line.padEnd(90)}` : `${line}\n`);
    last = line;
    if (now.read === days && now.uploaded === now.recordings && now.waiting === 0) break;
    await pause(500);
  }
  if (process.stdout.isTTY) say("");
}

function fail(exitCode: number, error: Error): never {
  process.stderr.write(`The demo ended: ${messageOf(error)}\n`);
  process.exit(exitCode);
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const { code } = error as { code?: string };
    if (!code?.startsWith("ERR_PARSE_ARGS")) fail(1, error as Error);
    process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
    process.exit(2);
  },
);
