import { htmlRefusal, type Refusal, type RefusalDetails, refusal, tokenRefusal } from "./drive_refusals.ts";

/** What a request asks for; `chunk` carries bytes to a session, `status` asks it how much it kept. */
export type Operation =
  | "token"
  | "revoke"
  | "generateIds"
  | "create"
  | "multipart"
  | "media"
  | "start"
  | "chunk"
  | "status"
  | "cancel"
  | "get"
  | "download"
  | "list"
  | "patch"
  | "delete"
  | "about"
  | "drive"
  | "view";

const REFUSALS = {
  userRateLimitExceeded: (details: RefusalDetails) => refusal("userRateLimitExceeded", details),
  rateLimitExceeded: (details: RefusalDetails) => refusal("rateLimitExceeded", details),
  tooManyRequests: (details: RefusalDetails) => refusal("rateLimitExceeded", { status: 429, ...details }),
  dailyLimitExceeded: (details: RefusalDetails) => refusal("dailyLimitExceeded", details),
  storageQuotaExceeded: (details: RefusalDetails) => refusal("storageQuotaExceeded", details),
  teamDriveFileLimitExceeded: (details: RefusalDetails) => refusal("teamDriveFileLimitExceeded", details),
  insufficientPermissions: (details: RefusalDetails) => refusal("insufficientPermissions", details),
  insufficientFilePermissions: (details: RefusalDetails) => refusal("insufficientFilePermissions", details),
  notFound: (details: RefusalDetails) => refusal("notFound", details),
  tokenRevoked: (details: RefusalDetails) =>
    refusal("authError", { location: "Authorization", locationType: "header", ...details }),
  internalError: (details: RefusalDetails) => refusal("internalError", details),
  badGateway: () => htmlRefusal(502, "Server Error"),
  backendError: (details: RefusalDetails) => refusal("backendError", details),
  invalid_grant: () => tokenRefusal("invalid_grant", "Token has been expired or revoked."),
  invalid_client: () => tokenRefusal("invalid_client", "The OAuth client was not found."),
};

/**
 * - answerLost: done and committed, then the connection is reset instead of answered
 * - resetBeforeCommit: everything received, nothing kept, connection reset
 * - resetMidChunk: reset after `keepBytes` (default: half) of the body; whole granules of it stay kept
 * - keptFewer: keeps `keepBytes` (default: half) of a chunk and says so, even of the last one
 * - noRange: keeps nothing at all, earlier chunks included: 308 without `Range`
 * - sessionExpired: the session is gone (`status` 404 or 410)
 * - corrupt: a byte changes on the way, so that another MD5 is stored
 * - stall: reads nothing, never answers
 * - slow: answers `delayMs` later
 */
export type FaultName =
  | keyof typeof REFUSALS
  | "answerLost"
  | "resetBeforeCommit"
  | "resetMidChunk"
  | "keptFewer"
  | "noRange"
  | "sessionExpired"
  | "corrupt"
  | "stall"
  | "slow";

const WHERE_IT_HAPPENS: Partial<Record<FaultName, Operation[]>> = {
  invalid_grant: ["token"],
  invalid_client: ["token"],
  resetMidChunk: ["chunk", "multipart", "media"],
  keptFewer: ["chunk"],
  noRange: ["chunk"],
  sessionExpired: ["chunk", "status"],
  corrupt: ["chunk", "multipart", "media"],
};

export interface FaultOrder {
  name: FaultName;
  /** Default: where it can happen; a general fault meets every operation but `token` and `view`. */
  on?: Operation | Operation[];
  /** Only requests whose method, path, query, or file name or id contains this text. */
  match?: string;
  /** From the nth matching request on (1 is the first). */
  nth?: number;
  /** Default: once; with a probability: always. */
  times?: number | "once" | "always";
  probability?: number;
  /** Another HTTP status than the usual one. */
  status?: number;
  retryAfterSeconds?: number;
  keepBytes?: number;
  delayMs?: number;
}

export interface Fault extends FaultOrder {
  readonly id: number;
  /** Matching requests so far, and how many of them it hit. */
  seen: number;
  hits: number;
}

/** The faults in force. Their dice are seeded: the same seed and the same requests give the same faults. */
export class Faults {
  #faults: Fault[] = [];
  #lastId = 0;
  #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  get all(): readonly Fault[] {
    return this.#faults;
  }

  /** In force from the next request on; the result's `hits` counts. */
  add(order: FaultOrder): Fault {
    const isKnown = order.name in REFUSALS || order.name in WHERE_IT_HAPPENS;
    if (!isKnown && !["answerLost", "resetBeforeCommit", "stall", "slow"].includes(order.name)) {
      throw new TypeError(`There is no fault "${order.name}"`);
    }
    const fault: Fault = { ...order, id: ++this.#lastId, seen: 0, hits: 0 };
    this.#faults.push(fault);
    return fault;
  }

  remove(id: number): void {
    this.#faults = this.#faults.filter((fault) => fault.id !== id);
  }

  clear(): void {
    this.#faults = [];
  }

  reseed(seed: number): void {
    this.#random = seededRandom(seed);
  }

  /** The fault that this request meets, if any; counted as met. */
  pick(operation: Operation, subject: string): Fault | null {
    let met: Fault | null = null;
    for (const fault of this.#faults) {
      if (!concerns(fault, operation, subject)) continue;
      fault.seen += 1;
      if (met || fault.seen < (fault.nth ?? 1) || fault.hits >= timesOf(fault)) continue;
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      fault.hits += 1;
      met = fault;
    }
    return met;
  }
}

/** The answer of a fault that is nothing but an answer; null for the others. */
export function refusalOf(fault: Fault): Refusal | null {
  const make = (REFUSALS as Partial<Record<FaultName, (details: RefusalDetails) => Refusal>>)[fault.name];
  if (!make) return null;
  const { status, retryAfterSeconds } = fault;
  return make({ ...(status && { status }), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
}

function concerns(fault: Fault, operation: Operation, subject: string): boolean {
  const places = fault.on ?? WHERE_IT_HAPPENS[fault.name];
  const isHere = places ? [places].flat().includes(operation) : operation !== "token" && operation !== "view";
  return isHere && (fault.match === undefined || subject.includes(fault.match));
}

function timesOf(fault: Fault): number {
  const times = fault.times ?? (fault.probability === undefined ? "once" : "always");
  if (times === "always") return Number.POSITIVE_INFINITY;
  return times === "once" ? 1 : times;
}

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
