import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type MakeCalls, makeCalls, type SimulatedCall } from "./calls.ts";
import type { FakePbx } from "./pbx.ts";
import type { Fault, Match } from "./pbx_faults.ts";
import type { Truth } from "./pbx_truth.ts";

export const CONTROL_PATH = "/_control/";

/** What another process can ask of a simulated PBX: `POST /_control/<verb>`, JSON both ways. */
export interface ControlVerbs {
  inject(rule: Fault & Match): { id: number };
  /** Ends one fault, or all. */
  clear(which: { id?: number }): object;
  add(calls: SimulatedCall[]): object;
  make(options: MakeCalls): { uuids: string[] };
  remove(which: { uuid: string }): object;
  change(what: { uuid: string; patch: Partial<Omit<SimulatedCall, "uuid">> }): object;
  /** Rotates the key. */
  key(to: { apiKey: string }): object;
  /** Goes down for that long, as soon as this is answered; nothing can be asked meanwhile. */
  down(time: { ms: number }): object;
  truth(): Truth;
  requests(): FakePbx["requests"];
  counts(): FakePbx["counts"];
}

const verbs: {
  [V in keyof ControlVerbs]: (pbx: FakePbx, body: Parameters<ControlVerbs[V]>[0]) => ReturnType<ControlVerbs[V]>;
} = {
  inject: (pbx, rule) => ({ id: pbx.faults.inject(rule!).id }),
  clear: (pbx, which) => done(pbx.faults.clear(which?.id)),
  add: (pbx, calls) => done(pbx.calls.add(calls!)),
  make: (pbx, options) => {
    const calls = makeCalls(options!);
    pbx.calls.add(calls);
    return { uuids: calls.map((call) => call.uuid) };
  },
  remove: (pbx, which) => done(pbx.calls.remove(which!.uuid)),
  change: (pbx, what) => pbx.calls.change(what!.uuid, what!.patch),
  key: (pbx, to) => {
    pbx.apiKey = to!.apiKey;
    return {};
  },
  down: () => ({}),
  truth: (pbx) => pbx.truth(),
  requests: (pbx) => pbx.requests,
  counts: (pbx) => pbx.counts,
};

const done = (_: unknown) => ({});

/** Answers one request of the control surface; a bad one gets 400 and the reason. */
export async function answerControl(pbx: FakePbx, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const verb = (req.url ?? "").slice(CONTROL_PATH.length) as keyof ControlVerbs;
  try {
    const parts: Uint8Array[] = [];
    for await (const part of req) parts.push(part);
    const body = JSON.parse(Buffer.concat(parts).toString() || "{}");
    const act = verbs[verb] as (pbx: FakePbx, body: unknown) => unknown;
    const answer = JSON.stringify(act(pbx, body));
    res.writeHead(200, { "Content-Type": "application/json" });
    await new Promise<void>((resolve) => res.end(answer, resolve));
    if (verb === "down") await outage(pbx, body.ms);
  } catch (error) {
    if (res.headersSent) throw error;
    res.writeHead(400, { "Content-Type": "application/json" });
    res.end(JSON.stringify({ error: `Cannot ${verb}: ${error}` }));
  }
}

async function outage(pbx: FakePbx, ms: number): Promise<void> {
  await pbx.setDown(true);
  await sleep(ms);
  await pbx.setDown(false);
}
