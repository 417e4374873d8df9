import { type Random, seededRandom } from "./pbx_random.ts";

/** What may go wrong with any answer. Bytes are counted in the body. */
type AnyFault =
  /** `retryAfter`: seconds; written as an HTTP date where `retryAfterAs` says so. */
  | { name: "status"; status: number; retryAfter?: number; retryAfterAs?: "seconds" | "date" }
  /** `{path}` in the location stands for the path and query asked for. */
  | { name: "redirect"; location: string; status?: 301 | 302 | 303 | 307 | 308 }
  | { name: "reset" }
  /** Never answers. */
  | { name: "hang" }
  | { name: "slow"; ms: number }
  /** Stops in the middle of the body: for `ms`, or until the client gives up. */
  | { name: "stall"; afterBytes?: number; ms?: number }
  /** Closes the connection in the middle of the body. */
  | { name: "cut"; afterBytes?: number }
  /** Slow all along, but never silent for long. */
  | { name: "trickle"; chunkBytes: number; everyMs: number }
  | { name: "no_length" }
  | { name: "html_page" }
  | { name: "clock_skew"; ms: number };

/** What may go wrong with a page of calls. */
export type PageFault =
  | { name: "error_envelope"; message?: string }
  | { name: "truncated_json" }
  | { name: "bom" }
  | { name: "gzip" }
  | { name: "cap_limit"; limit: number }
  | { name: "no_total" }
  | { name: "wrong_total"; by: number }
  /** Half a page, or the first `records` of it. */
  | { name: "short_page"; records?: number }
  | { name: "empty_page" }
  /** Calls that start within are another tenant's: pages are cut first, and these left out of them then. */
  | { name: "other_tenant"; fromMs: number; toMs: number }
  | { name: "stuck_offset" }
  /** The first page, whatever offset is asked for. */
  | { name: "same_page" }
  /** The calls of all days, whatever range is asked for. */
  | { name: "other_days" }
  /** As many calls arrive (disappear) as soon as the page is read. They are in `truth()` (no longer). */
  | { name: "calls_arrive"; count: number }
  | { name: "calls_vanish"; count: number }
  | { name: "duplicate_uuids"; count?: number }
  /** A call stands in the list twice, and counts twice where pages are cut. */
  | { name: "doubled_call"; call: string }
  /** Records that nobody can store, among the good ones; a `changing` one, only where told, is another one each time. */
  | { name: "bad_records"; kinds?: BadRecord[] }
  | { name: "numbers_as_strings" }
  | { name: "strings_as_numbers" }
  /** How values that are absent are written; `missing` leaves out the key. */
  | { name: "absent_as"; as: null | "" | "null" | "0" | "missing" }
  | { name: "spaces_around_ids" }
  | { name: "extra_keys" }
  | { name: "strange_names" }
  /** A name of that many characters in the page's first record. */
  | { name: "long_strings"; length?: number }
  | { name: "times_as"; as: "naive" | "epoch_seconds" | "epoch_ms" };

/** What may go wrong with a recording. */
type RecordingFault =
  | { name: "empty" }
  | { name: "header_only" }
  /** Whole, but only that long. */
  | { name: "short_audio"; seconds: number }
  /** Ends after so long as if that were all; its header promises the whole. */
  | { name: "ends_early"; seconds: number }
  /** Sends everything, whatever `Range` is asked for. */
  | { name: "ignore_range" };

export type BadRecord = "no_uuid" | "no_start" | "garbage_dates" | "zero_dates" | "not_an_object" | "changing";
export type Fault = AnyFault | PageFault | RecordingFault;
export type FaultName = Fault["name"];

const RECORDINGS_ONLY: FaultName[] = ["empty", "header_only", "short_audio", "ends_early", "ignore_range"];
const ANYWHERE: FaultName[] = "status redirect reset hang slow stall cut trickle no_length html_page clock_skew".split(
  " ",
) as FaultName[];

/** Which requests a fault falls on: all that fit everything said here. */
export interface Match {
  kind?: "api" | "recording";
  /** Part of the path and query. */
  path?: string;
  uuid?: string;
  offset?: number;
  /** Counted from 0: the offset divided by the limit. */
  page?: number;
  /** Lets that many fitting requests pass first. */
  skip?: number;
  /** Only the nth fitting request, counted from 1. */
  nth?: number;
  /** How often at most; always unless told. */
  times?: number;
  /** For each fitting request on its own, from a seeded generator. */
  probability?: number;
}

/** What a fault is matched against. */
export interface Matchable {
  kind: "api" | "recording";
  path: string;
  offset: number;
  limit: number;
}

export interface Injected {
  readonly id: number;
  /** How often it has struck. */
  readonly hits: number;
  clear(): void;
}

type Active = Injected & { rule: Fault & Match; seen: number; hits: number };

/** The faults that are on. Several may strike the same request. */
export class FaultBox {
  readonly #active = new Map<number, Active>();
  readonly #random: Random;
  #lastId = 0;

  constructor(seed: string | number) {
    this.#random = seededRandom(`faults ${seed}`);
  }

  inject(rule: Fault & Match): Injected {
    const id = ++this.#lastId;
    const fault: Active = { id, rule, seen: 0, hits: 0, clear: () => this.#active.delete(id) };
    this.#active.set(id, fault);
    return fault;
  }

  /** Ends one fault, or all. */
  clear(id?: number): void {
    if (id === undefined) this.#active.clear();
    else this.#active.delete(id);
  }

  /** The faults that strike this request; each counts it. */
  take(request: Matchable): Fault[] {
    const struck: Fault[] = [];
    for (const fault of this.#active.values()) {
      if (!fits(fault.rule, request) || !this.#isDue(fault)) continue;
      fault.hits++;
      struck.push(fault.rule);
    }
    return struck;
  }

  #isDue(fault: Active): boolean {
    const { skip = 0, nth, times = Number.POSITIVE_INFINITY, probability = 1 } = fault.rule;
    fault.seen++;
    if (nth !== undefined && fault.seen !== nth) return false;
    return fault.seen > skip && fault.hits < times && (probability >= 1 || this.#random.chance(probability));
  }
}

function fits(rule: Fault & Match, { kind, path, offset, limit }: Matchable): boolean {
  if (!ANYWHERE.includes(rule.name) && RECORDINGS_ONLY.includes(rule.name) !== (kind === "recording")) return false;
  if (rule.kind !== undefined && rule.kind !== kind) return false;
  if (rule.path !== undefined && !path.includes(rule.path)) return false;
  if (rule.uuid !== undefined && !path.includes(rule.uuid)) return false;
  if (rule.offset !== undefined && !(kind === "api" && offset === rule.offset)) return false;
  return rule.page === undefined || (kind === "api" && Math.floor(offset / limit) === rule.page);
}

/** The fault of that name among those that strike, with its details. */
export function struckBy<N extends FaultName>(faults: Fault[], name: N): Extract<Fault, { name: N }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { name: N }> => fault.name === name);
}
