import { readFile } from "node:fs/promises";
import { type ParsedCronItem, parseCrontab } from "graphile-worker";
import * as v from "valibot";
import { ConfigError, messageOf } from "../errors.ts";
import { jobs, type TaskName } from "../jobs.ts";
import { digestOf, everyMinutes, inZone } from "./business_time.ts";
import { describe } from "./define_task.ts";

/** What the environment says instead of the file: undefined leaves its lines as they stand. */
export interface ScheduleOverrides {
  dailySyncHour?: number | undefined;
  dailySyncMinute?: number | undefined;
  retryIntervalMinutes?: number | undefined;
  missingCheckHour?: number | undefined;
}

export interface ScheduleOptions extends ScheduleOverrides {
  /** The business's zone, in which the file is read. */
  zone: string;
  /** Tells the year of the minute that Graphile Worker asks about. */
  now?: () => Date;
}

const MINUTE = 60_000;
const MINUTES_OF_A_YEAR = 366 * 24 * 60;

/**
 * Reads the schedule: Graphile Worker's syntax, in business time, with the environment's overrides. Throws a
 * ConfigError that names the line and what is wrong with it: syntax, an unknown task, a payload that the task would
 * refuse, an id used twice.
 */
export function parseSchedule(text: string, options: ScheduleOptions): ParsedCronItem[] {
  const items: ParsedCronItem[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    try {
      const item = parseLine(line, options);
      if (items.some(({ identifier }) => identifier === item.identifier)) {
        throw new Error(`'${item.identifier}' is on an earlier line already; tell them apart with ?id=…`);
      }
      items.push(item);
    } catch (error) {
      throw new ConfigError(`crontab, line ${index + 1}: ${messageOf(error)}\n  ${line}`, { cause: error });
    }
  }
  return items;
}

/** Reads the schedule from its file, which must be there. */
export async function readSchedule(file: URL, options: ScheduleOptions): Promise<ParsedCronItem[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new ConfigError(`Cannot read the schedule: ${messageOf(error)}`, { cause: error });
  });
  return parseSchedule(text, options);
}

/** The next instants at which a line of the schedule falls due; fewer where the coming year has fewer. */
export function nextRuns(item: ParsedCronItem, after: Date, count: number): Date[] {
  const runs: Date[] = [];
  const first = Math.floor(after.getTime() / MINUTE) + 1;
  for (let minute = first; runs.length < count && minute < first + MINUTES_OF_A_YEAR; minute++) {
    if (item.match(digestOf(minute * MINUTE))) runs.push(new Date(minute * MINUTE));
  }
  return runs;
}

function parseLine(line: string, options: ScheduleOptions): ParsedCronItem {
  const now = options.now ?? (() => new Date());
  const given = withOverrides(line, options);
  const item = parseFields(given);
  if (!Object.hasOwn(jobs, item.task)) throw new Error(`there is no task '${item.task}'`);
  const payload = v.safeParse(jobs[item.task as TaskName], item.payload ?? {});
  if (!payload.success) throw new Error(`bad payload for ${item.task}: ${describe(payload.issues)}`);
  if (item.task === "retry_syncs" && options.retryIntervalMinutes !== undefined) {
    return { ...item, match: everyMinutes(options.retryIntervalMinutes, now) };
  }
  return { ...item, match: inZone(item.match, options.zone, !/^\S+\s+\*/.test(given), now) };
}

/** The line with the environment's hours and minutes in the place of its own. */
function withOverrides(line: string, options: ScheduleOverrides): string {
  const [, minute, hour, rest, task] = /^(\S+)\s+(\S+)\s+((?:\S+\s+){3}(\S+).*)$/.exec(line) ?? [];
  if (task === "daily_sync") {
    return `${options.dailySyncMinute ?? minute} ${options.dailySyncHour ?? hour} ${rest}`;
  }
  if (task === "missing_check") return `${minute} ${options.missingCheckHour ?? hour} ${rest}`;
  return line;
}

/** Graphile Worker's parser, given one line at a time: where it stands is ours to say. */
function parseFields(line: string): ParsedCronItem {
  try {
    return parseCrontab(line)[0]!;
  } catch (error) {
    const message = messageOf(error)
      .replace(/^Could not process line.*/, "expected: minute hour day month weekday task ?options {payload}")
      .replaceAll(/ (?:in|on) line 1 of crontab/g, "");
    throw new Error(message);
  }
}
