import type { Day } from "../day.ts";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import { PbxApi } from "./api.ts";
import { PbxClient } from "./client.ts";
import { dialects } from "./dialects.ts";
import { examine, type PbxReport } from "./examine.ts";
import type { PbxConfig, Timeouts } from "./pbx_config.ts";
import { type DayReading, type ReadDayOptions, readDay } from "./reading.ts";
import { createRecordings, type Recordings } from "./recordings.ts";

export type { PbxReport } from "./examine.ts";
export type { DayPage } from "./intake.ts";
export type { PbxConfig } from "./pbx_config.ts";
export type { DayReading, ReadDayOptions } from "./reading.ts";
export type { OpenRecording } from "./recordings.ts";

/** The PBX: what calls a day had, and their recordings. */
export interface Pbx {
  /**
   * Reads a day until it is certain that nothing was missed, passing on pages as they come. Throws a SyncError where the PBX fails, or
   * where what it answers must not be stored (`day_wrong_zone`, `day_wrong_window`).
   */
  readDay(day: Day, options: ReadDayOptions): Promise<DayReading>;
  openRecording: Recordings["open"];
  /** What there is to say about the PBX, learnt from a page of that day's calls; never throws for what the PBX does. */
  examine(day: Day, signal?: AbortSignal): Promise<PbxReport>;
  close(): Promise<void>;
}

/** Slow queries are the PBX's normal state; silence in the middle of an answer is not. */
const TIMEOUTS: Timeouts = { connectMs: 10_000, headersMs: 60_000, stallMs: 30_000 };

/** Connects to nothing yet. Throws a ConfigError for a dialect that nobody speaks. */
export function createPbx(config: PbxConfig, log: Log, now: () => Date = () => new Date()): Pbx {
  const names = ["auto", ...dialects.map(({ name }) => name)];
  if (!names.includes(config.dialect)) throw new ConfigError(`PBX_DIALECT must be one of ${names.join(", ")}`);
  const timeouts = { ...TIMEOUTS, ...config.timeouts };
  const client = new PbxClient(config, timeouts, now);
  const api = new PbxApi(config, timeouts, client, log);
  const recordings = createRecordings(config, timeouts, client, log);
  return {
    readDay: (day, options) => readDay(api, day, config.zone, options),
    openRecording: recordings.open,
    examine: (day, signal) => examine({ config, api, recordings, now }, day, signal),
    close: () => client.close(),
  };
}
