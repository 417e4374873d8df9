import type { IncomingMessage } from "node:http";
import type { Accounts, Caller } from "./drive_auth.ts";
import { type Fault, type Faults, type Operation, refusalOf } from "./drive_faults.ts";
import { refusal } from "./drive_refusals.ts";
import type { View } from "./drive_rules.ts";
import type { Sessions } from "./drive_sessions.ts";
import type { DriveStore } from "./drive_store.ts";

const LONGEST_JSON_BYTES = 1024 * 1024;

/** Changed while the server runs. */
export interface Settings {
  /** Wait before each answer. */
  latencyMs: number;
  /** How long `files.list` does not find a new file. */
  searchLagMs: number;
  /** Added to this Drive's clock, so that a client's is wrong. */
  clockOffsetMs: number;
}

/** One simulated Google: all that a request can reach. */
export interface Drive {
  rootUrl: string;
  /** Root of the links in answers. */
  linkUrl: string;
  keepsBytes: boolean;
  store: DriveStore;
  accounts: Accounts;
  faults: Faults;
  sessions: Sessions;
  lists: Map<string, string[]>;
  settings: Settings;
  now: () => number;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A string or bytes as they are; anything else as JSON. */
  body?: unknown;
}

/** One request on its way. */
export interface Call {
  drive: Drive;
  operation: Operation;
  url: URL;
  request: IncomingMessage;
  body: AsyncIterable<Buffer>;
  /** The id in the path. */
  id: string;
  caller: Caller | null;
  fault: Fault | null;
}

export type Handler = (call: Call) => Promise<Answer> | Answer;

/** Thrown to reset the connection instead of answering. */
export class Reset extends Error {}

/** Thrown never to answer. */
export class Silence extends Error {}

/**
 * Lets the call meet the fault that waits for it, once it is known what the call is about. A fault that is an answer is
 * thrown; the others stay in `call.fault` for whoever they concern.
 */
export function meetFault(call: Call, subject = ""): Fault | null {
  const { drive, request, operation } = call;
  const fault = drive.faults.pick(operation, `${request.method} ${request.url} ${subject}`);
  call.fault = fault;
  if (!fault) return null;
  if (fault.name === "stall") throw new Silence();
  if (fault.name === "tokenRevoked" && call.caller) drive.accounts.revoke(call.caller.accessToken);
  const refused = refusalOf(fault);
  if (refused) throw refused;
  return fault;
}

/** After everything was received and before anything is done: the last moment to lose it all. */
export function beforeCommit(call: Call): void {
  if (call.fault?.name === "resetBeforeCommit") throw new Reset();
}

export function viewOf(call: Call): View {
  const allDrives = call.url.searchParams.get("supportsAllDrives") === "true";
  return { caller: callerOf(call), allDrives };
}

export function callerOf({ caller }: Call): Caller {
  if (!caller) throw refusal("authError", { message: "Login Required." });
  return caller;
}

/** The request's body as a JSON object; an empty body is an empty object. */
export async function readJson(body: AsyncIterable<Buffer>): Promise<Record<string, unknown>> {
  return parseJson((await readAll(body)).toString("utf8"));
}

export function parseJson(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw refusal("parseError");
}

export async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of body) {
    sizeBytes += part.length;
    if (sizeBytes > LONGEST_JSON_BYTES) throw refusal("badRequest", { message: "Request Too Large", status: 413 });
    parts.push(part);
  }
  return Buffer.concat(parts);
}
