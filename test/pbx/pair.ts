import "undici"; // Loaded by the first request otherwise, within its time.
import { onTestFinished } from "vitest";
import type { Call, RefusedRecord } from "../../src/call.ts";
import type { Day } from "../../src/day.ts";
import { type ErrorCode, SyncError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { createPbx, type DayReading, type Pbx, type PbxConfig } from "../../src/pbx/pbx.ts";
import { type MakeCalls, makeCalls } from "../fakes/calls.ts";
import { type FakePbx, type PbxOptions, startFakePbx } from "../fakes/pbx.ts";

/** For tests of what never comes. */
export const impatient: Partial<PbxConfig> = { timeouts: { headersMs: 300, stallMs: 300 } };

export const ZONE = "Asia/Ho_Chi_Minh";
export const DAY: Day = "2024-01-15";

/** Calls of the day that the tests read. */
export const callsOf = (count: number, options: Partial<MakeCalls> = {}) =>
  makeCalls({ day: DAY, zone: ZONE, count, recordingsShare: 0.5, talkSeconds: [1, 3], ...options });

/** A simulated PBX and our client of it; both end with the test. */
export async function startPair(
  options: PbxOptions = {},
  config: Partial<PbxConfig> = {},
): Promise<{ fake: FakePbx; pbx: Pbx; config: PbxConfig }> {
  const fake = await startFakePbx(options);
  const whole = configFor(fake.apiUrl, { auth: { kind: "bearer", key: fake.apiKey }, ...config });
  const pbx = createPbx(whole, silentLog);
  onTestFinished(async () => {
    await pbx.close();
    await fake.close();
  });
  return { fake, pbx, config: whole };
}

/** Our client of another server; ends with the test. */
export function pbxAt(origin: string, config: Partial<PbxConfig> = {}) {
  const pbx = createPbx(configFor(`${origin}/api/v2/cdrs`, config), silentLog);
  onTestFinished(() => pbx.close());
  return pbx;
}

export function configFor(apiUrl: string, config: Partial<PbxConfig> = {}): PbxConfig {
  return {
    apiUrl: new URL(apiUrl),
    recordingBaseUrl: new URL("/recordings", apiUrl),
    domain: "tazaspa102019",
    auth: { kind: "bearer", key: "test-key" },
    dialect: "auto",
    pageSize: 20,
    zone: ZONE,
    tlsInsecure: false,
    retryDelaysMs: [1, 1, 1],
    ...config,
  };
}

export interface ReadResult extends DayReading {
  /** What was passed on last for each uuid. */
  calls: Map<string, Call>;
  refused: Map<string, RefusedRecord>;
  /** How many calls each page passed on. */
  pages: number[];
}

/** Reads a day and keeps what is passed on. */
export async function read(pbx: Pbx, day: Day = DAY): Promise<ReadResult> {
  const calls = new Map<string, Call>();
  const refused = new Map<string, RefusedRecord>();
  const pages: number[] = [];
  const reading = await pbx.readDay(day, {
    onPage: async (page) => {
      pages.push(page.calls.length);
      for (const call of page.calls) calls.set(call.uuid, call);
      for (const record of page.refused) refused.set(record.uuid, record);
    },
  });
  return { ...reading, calls, refused, pages };
}

/** The code with which something fails; throws where it does not, or with another error than ours. */
export async function failureOf(promise: Promise<unknown>): Promise<SyncError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof SyncError) return outcome;
  throw outcome ?? new Error("It did not fail");
}

export const codeOf = async (promise: Promise<unknown>): Promise<ErrorCode> => (await failureOf(promise)).code;

export const sorted = (ids: Iterable<string>) => [...ids].sort();

/** The ids that a simulated PBX holds for a day. */
export const idsOf = (fake: FakePbx, day: string = DAY) => sorted(fake.calls.ofDay(day).map(({ uuid }) => uuid));
