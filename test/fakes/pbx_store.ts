import type { SimulatedCall } from "./calls.ts";
import type { Zone } from "./pbx_zone.ts";

/** Starts of calls, both ends included. */
export interface Range {
  fromMs: number;
  toMs: number;
}

export const EVERYTHING: Range = { fromMs: -8.64e15, toMs: 8.64e15 };

export interface Slice extends Range {
  offset: number;
  limit: number;
  order: "newest_first" | "oldest_first";
}

/** Part of one day's list: the calls from index `first` (included) to `end` (excluded). */
interface Span {
  calls: SimulatedCall[];
  first: number;
  end: number;
}

/** The calls that a PBX holds, by uuid and by local day; each day newest first, sorted when first read after a change. */
export class CallStore {
  readonly #zone: Zone;
  readonly #byUuid = new Map<string, SimulatedCall>();
  readonly #byDay = new Map<string, SimulatedCall[]>();
  readonly #unsorted = new Set<string>();
  readonly #withOwnPath = new Set<string>();
  /** Grows with every change. */
  version = 0;

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  get size(): number {
    return this.#byUuid.size;
  }

  [Symbol.iterator](): IterableIterator<SimulatedCall> {
    return this.#byUuid.values();
  }

  get(uuid: string): SimulatedCall | undefined {
    return this.#byUuid.get(uuid);
  }

  /** A call whose uuid is already there takes its place. */
  add(...calls: (SimulatedCall | readonly SimulatedCall[])[]): void {
    for (const call of calls.flat() as SimulatedCall[]) {
      if (this.#byUuid.has(call.uuid)) this.remove(call.uuid);
      const day = this.#zone.day(call.startMs);
      const list = this.#byDay.get(day);
      if (list) list.push(call);
      else this.#byDay.set(day, [call]);
      this.#unsorted.add(day);
      this.#byUuid.set(call.uuid, call);
      if (call.recording?.path !== undefined) this.#withOwnPath.add(call.uuid);
    }
    this.version++;
  }

  /** The call that was removed, with its recording; undefined where there was none. */
  remove(uuid: string): SimulatedCall | undefined {
    const call = this.#byUuid.get(uuid);
    if (!call) return undefined;
    const list = this.#byDay.get(this.#zone.day(call.startMs)) ?? [];
    list.splice(list.indexOf(call), 1);
    this.#byUuid.delete(uuid);
    this.#withOwnPath.delete(uuid);
    this.version++;
    return call;
  }

  /** Corrects a call, as PBXs do later; the call as it is then. Throws where there is none. */
  change(uuid: string, patch: Partial<Omit<SimulatedCall, "uuid">>): SimulatedCall {
    const call = this.remove(uuid);
    if (!call) throw new Error(`Cannot change call ${uuid}: no such call`);
    const changed = { ...call, ...patch };
    this.add(changed);
    return changed;
  }

  /** Local days that have calls, in order. */
  days(): string[] {
    return [...this.#byDay.keys()].filter((day) => this.#byDay.get(day)!.length > 0).sort();
  }

  /** The calls that start on a local day, newest first. */
  ofDay(day: string): readonly SimulatedCall[] {
    const list = this.#byDay.get(day) ?? [];
    if (this.#unsorted.delete(day)) list.sort((a, b) => b.startMs - a.startMs || (a.uuid < b.uuid ? 1 : -1));
    return list;
  }

  /** Calls whose recording lies at a path of its own. */
  *withOwnPath(): Generator<SimulatedCall> {
    for (const uuid of this.#withOwnPath) yield this.#byUuid.get(uuid)!;
  }

  /** One page and the number of calls in the whole range; no cost for days outside, next to none for those not on the page. */
  page(slice: Slice): { calls: SimulatedCall[]; total: number } {
    const spans = this.#spans(slice);
    const total = spans.reduce((sum, span) => sum + span.end - span.first, 0);
    if (slice.order === "newest_first") return { calls: cut(spans, slice.offset, slice.offset + slice.limit), total };
    const end = Math.max(0, total - slice.offset);
    return { calls: cut(spans, Math.max(0, end - slice.limit), end).reverse(), total };
  }

  #spans({ fromMs, toMs }: Range): Span[] {
    const [firstDay, lastDay] = [this.#dayOrEdge(fromMs), this.#dayOrEdge(toMs)];
    const days = this.days().filter((day) => day >= firstDay && day <= lastDay);
    return days.reverse().map((day) => {
      const calls = this.ofDay(day) as SimulatedCall[];
      return { calls, first: countNewerThan(calls, toMs), end: countNewerThan(calls, fromMs - 1) };
    });
  }

  #dayOrEdge(ms: number): string {
    if (ms <= EVERYTHING.fromMs) return "";
    return ms >= EVERYTHING.toMs ? "~" : this.#zone.day(ms);
  }
}

/** The calls from `first` (included) to `end` (excluded) of all the spans laid end to end. */
function cut(spans: Span[], first: number, end: number): SimulatedCall[] {
  const parts: SimulatedCall[][] = [];
  let passed = 0;
  for (const span of spans) {
    const length = span.end - span.first;
    const [low, high] = [Math.max(first - passed, 0), Math.min(end - passed, length)];
    if (low < high) parts.push(span.calls.slice(span.first + low, span.first + high));
    passed += length;
  }
  return parts.flat();
}

/** How many calls of a list, newest first, start after `ms`. */
function countNewerThan(calls: readonly SimulatedCall[], ms: number): number {
  let [low, high] = [0, calls.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (calls[middle]!.startMs > ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
