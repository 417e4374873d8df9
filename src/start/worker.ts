import { hostname } from "node:os";
import type { ParsedCronItem } from "graphile-worker";
import type { Config } from "../config.ts";
import { isoInZone } from "../day.ts";
import { messageOf } from "../errors.ts";
import type { Log, Redact } from "../log.ts";
import { raiseAlerts } from "../store/alerts.ts";
import { callProbers, probeSoon } from "../store/circuits.ts";
import type { Sql } from "../store/open.ts";
import { keepToQueues } from "../store/queue.ts";
import { queueAdopted } from "../store/recordings.ts";
import { queueFirstDay, type SharedSettings, shareSettings } from "../store/settings.ts";
import { nextRuns, readSchedule } from "../worker/crontab.ts";
import { loadTasks } from "../worker/define_task.ts";
import type { PatientPool } from "../worker/pool.ts";
import { startWorker, type Worker } from "../worker/runner.ts";
import { whileAway } from "./database.ts";
import { openDrive, openPbx, type Patience } from "./neighbours.ts";
import { version } from "./version.ts";

const CRONTAB = new URL("../../crontab", import.meta.url);
const TASKS = new URL("../../tasks/", import.meta.url);

/** How often the next runs are written down for those who show them, and the limit of the PBX is seen to. */
const SCHEDULE_REFRESH_MS = 10 * 60_000;

/** How often causes of alerts are looked for: by the clock of the process, for alerts are told also where nothing is scheduled. */
const ALERT_CHECK_MS = 15_000;

/** How often a probe that is due is seen to: an outage's end is noticed that much later, whoever was to notice it. */
const PROBE_CHECK_MS = 1_000;

/** Jobs other than uploads at once: the day jobs that the PBX bears, and room for the short ones beside them. */
export const controlConcurrency = (config: Config) => config.PBX_CONCURRENCY + 2;

/** Reads the schedule in business time, with the environment's overrides; empty where syncing is disabled. */
export async function openSchedule(config: Config): Promise<ParsedCronItem[]> {
  const items = await readSchedule(CRONTAB, {
    zone: config.TIMEZONE,
    dailySyncHour: config.CALLCENTER_DAILY_SYNC_HOUR,
    dailySyncMinute: config.CALLCENTER_DAILY_SYNC_MINUTE,
    retryIntervalMinutes: config.CALLCENTER_RETRY_INTERVAL_MINUTES,
    missingCheckHour: config.CALLCENTER_MISSING_CHECK_HOUR,
  });
  return config.CALLCENTER_SYNC_ENABLED ? items : [];
}

/** What views, the dashboard and other processes must know of this worker. */
export function sharedSettings(config: Config, schedule: ParsedCronItem[], now: Date): SharedSettings {
  const nextOf = (task: string) => {
    const items = schedule.filter((item) => item.task === task);
    return items
      .flatMap((item) => nextRuns(item, now, 3))
      .sort((a, b) => a.getTime() - b.getTime())
      .slice(0, 3);
  };
  const tasks = [...new Set(schedule.map(({ task }) => task))];
  return {
    zone: config.TIMEZONE,
    drive_enabled: config.GOOGLE_DRIVE_ENABLED,
    sync_enabled: config.CALLCENTER_SYNC_ENABLED,
    pbx_concurrency: config.PBX_CONCURRENCY,
    max_retries: config.CALLCENTER_MAX_RETRIES,
    default_days_back: config.CALLCENTER_DEFAULT_DAYS_BACK,
    daily_time: dailyTime(nextOf("daily_sync"), config.TIMEZONE),
    schedule: Object.fromEntries(tasks.map((task) => [task, nextOf(task).map((at) => isoInZone(at, config.TIMEZONE))])),
  };
}

/** The wall time of the nightly run, where it is the same every day. */
function dailyTime(runs: Date[], zone: string): string | null {
  const times = new Set(runs.map((at) => isoInZone(at, zone).slice(11, 16)));
  const isDaily = runs.every((at, index) => index === 0 || at.getTime() - runs[index - 1]!.getTime() <= 25 * 3_600_000);
  return times.size === 1 && isDaily ? [...times][0]! : null;
}

/** Tells the database who works from now on, and queues what a first start brings with it. Safe twice. */
async function announce(sql: Sql, config: Config, cronItems: ParsedCronItem[], log: Log): Promise<void> {
  const before = await shareSettings(sql, sharedSettings(config, cronItems, new Date()));
  if (before)
    log.warn("TIMEZONE has changed: days are counted otherwise from now on", { before, now: config.TIMEZONE });
  if (!config.CALLCENTER_SYNC_ENABLED) log.warn("CALLCENTER_SYNC_ENABLED=false: nothing is scheduled");
  await keepToQueues(sql);
  await probeSoon(sql);
  if (config.CALLCENTER_SYNC_ENABLED && (await queueFirstDay(sql))) log.info("First start: yesterday is queued");
  const adopted = config.GOOGLE_DRIVE_ENABLED ? await queueAdopted(sql) : 0;
  if (adopted > 0) log.info("Recordings that the old system left are queued", { recordings: adopted });
}

/** Starts the worker half of the service on a migrated database. */
export async function openWorker(options: {
  config: Config;
  sql: Sql;
  /** For what a start does once, which may take long; not kept. */
  unhurried?: Sql;
  pool: PatientPool;
  log: Log;
  redact: Redact;
  onFatal(exitCode: number, error: Error): void;
  patience?: Patience;
  /** For tests: a clock that goes wrong. */
  now?: () => Date;
  /** Aborted, it waits no longer for a database that is away. */
  signal?: AbortSignal;
}): Promise<Worker> {
  const { config, sql, pool, log, redact, onFatal, patience, signal } = options;
  const now = options.now ?? (() => new Date());
  const [pbx, drive, tasks, cronItems] = await Promise.all([
    openPbx(config, log, patience),
    openDrive(config, log, patience),
    loadTasks(TASKS),
    openSchedule(config),
  ]);
  await whileAway(log, signal, () => announce(options.unhurried ?? sql, config, cronItems, log));
  const worker = await startWorker({
    pool,
    tasks,
    context: { sql, pbx, drive, log, redact, zone: config.TIMEZONE, now, config },
    cronItems,
    uploadConcurrency: config.UPLOAD_CONCURRENCY,
    controlConcurrency: controlConcurrency(config),
    instance: process.env.FLY_MACHINE_ID ?? hostname(),
    version,
    onFatal,
  });
  const chores = [
    repeat(SCHEDULE_REFRESH_MS, log, async () => {
      const { schedule, daily_time } = sharedSettings(config, cronItems, now());
      await shareSettings(sql, { schedule, daily_time });
      await keepToQueues(sql); // what ran at the start, and was put back since
    }),
    repeat(ALERT_CHECK_MS, log, () => checkAlerts(sql, config, log)),
    repeat(PROBE_CHECK_MS, log, () => callProbers(sql)),
  ];
  return {
    processId: worker.processId,
    stop(graceMs) {
      for (const chore of chores) clearInterval(chore);
      return worker.stop(graceMs);
    },
  };
}

/** What newly needs a person, or no longer does, becomes one `send_alert` job. */
async function checkAlerts(sql: Sql, { ALERT_WEBHOOK_URL: webhook }: Config, log: Log): Promise<void> {
  const { raised, cleared } = await raiseAlerts(sql, webhook !== undefined);
  if (raised + cleared > 0) log.info(webhook ? "Alerts queued" : "Alerts noted", { raised, cleared });
}

/** Does it again and again, one at a time; where it fails, the next time comes. */
function repeat(everyMs: number, log: Log, work: () => Promise<unknown>): NodeJS.Timeout {
  let isBusy = false;
  return setInterval(async () => {
    if (isBusy) return;
    isBusy = true;
    await work().catch((error) => log.debug("Not done this time, done the next", { reason: messageOf(error) }));
    isBusy = false;
  }, everyMs);
}
