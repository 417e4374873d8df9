import type { MakeCalls, SimulatedCall } from "./calls.ts";
import { makeCalls } from "./calls.ts";
import { type FakePbx, type PbxOptions, startFakePbx } from "./pbx.ts";

/** How the fake's own tests talk to it: a client without a mind of its own. */
export const DAY = "2025-09-11";
export const ZONE = "Asia/Ho_Chi_Minh";
export const SEED_DAY = { date_from: DAY, date_to: DAY };
export const ONEPOS_DAY = { from: `${DAY} 00:00:00`, to: `${DAY} 23:59:59` };

const running: { close(): Promise<void> }[] = [];

/** Ends with `closeAll()`. */
export function untilTheEnd<T extends { close(): Promise<void> }>(started: T): T {
  running.push(started);
  return started;
}

export async function closeAll(): Promise<void> {
  for (const started of running.splice(0)) await started.close();
}

/** A PBX with 25 short calls on `DAY`. */
export async function pbxWith({ make, ...options }: PbxOptions & { make?: Partial<MakeCalls> } = {}): Promise<FakePbx> {
  const calls = makeCalls({ day: DAY, zone: ZONE, count: 25, talkSeconds: [1, 5], ...make });
  return untilTheEnd(await startFakePbx({ calls, ...options }));
}

const KEY = { authorization: "Bearer test-key" };

export function getPage(pbx: FakePbx, query: Record<string, string | number>, headers: Record<string, string> = KEY) {
  const text = Object.entries(query).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
  const domain = "domain" in query ? "" : "&domain=tazaspa102019";
  return fetch(`${pbx.apiUrl}?${text.join("")}${domain}`, { headers });
}

export async function readPage(pbx: FakePbx, query: Record<string, string | number>) {
  return (await getPage(pbx, query)).json();
}

export function getRecording(pbx: FakePbx, uuid: string, headers: Record<string, string> = {}) {
  return fetch(pbx.recordingUrl(uuid)!, { headers: { ...KEY, ...headers } });
}

export function aRecordedCall(pbx: FakePbx): SimulatedCall {
  return [...pbx.calls].find((call) => call.recording)!;
}
