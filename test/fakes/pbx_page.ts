import { type SimulatedCall, uuidV1 } from "./calls.ts";
import type { Dialect } from "./pbx_dialects.ts";
import { type Fault, struckBy } from "./pbx_faults.ts";
import { seededRandom } from "./pbx_random.ts";
import { spoilRecords } from "./pbx_records.ts";
import { type CallStore, EVERYTHING, type Range, type Slice } from "./pbx_store.ts";
import type { Zone } from "./pbx_zone.ts";

const DEFAULT_LIMIT = 1000;

/** The part of a PBX that answers queries. */
export interface CallBook {
  calls: CallStore;
  zone: Zone;
  domain: string;
  dialect: Dialect;
  order: "newest_first" | "oldest_first";
  /** A larger limit is lowered to it silently. */
  pageCap: number;
}

/** What was read for one answer. */
export interface PageRead extends Range {
  query: URLSearchParams;
  offset: number;
  calls: SimulatedCall[];
  total: number;
}

/** Limit and offset as asked for; nonsense counts as not given. */
export function paging(query: URLSearchParams): { limit: number; offset: number } {
  const whole = (name: string, least: number, otherwise: number) => {
    const value = Number(query.get(name) ?? Number.NaN);
    return Number.isInteger(value) && value >= least ? value : otherwise;
  };
  return { limit: whole("limit", 1, DEFAULT_LIMIT), offset: whole("offset", 0, 0) };
}

/** Reads one page and renders it as JSON text, with what the faults make of it. */
export function renderPage(book: CallBook, query: URLSearchParams, faults: Fault[]): { read: PageRead; text: string } {
  const { dialect, zone, domain } = book;
  const asked = paging(query);
  const limit = Math.min(asked.limit, book.pageCap, struckBy(faults, "cap_limit")?.limit ?? asked.limit);
  const offset = struckBy(faults, "same_page") ? 0 : asked.offset;
  const range = (!struckBy(faults, "other_days") && dialect.range(query, zone)) || EVERYTHING;
  const { calls: all, total } = book.calls.page({ ...range, offset, limit, order: book.order });
  const twice = struckBy(faults, "doubled_call");
  const calls = shortened(twice ? withDoubled(book, { ...range, offset, limit }, twice.call) : all, faults);
  const records = calls.map((call) => dialect.record(call, zone, domain));
  const pattern =
    struckBy(faults, "bad_records") && calls[0] && dialect.record(sameAllDay(calls[0], zone), zone, domain);

  const text = JSON.stringify(
    dialect.envelope({
      records: spoilRecords(records, pattern, dialect, zone, faults),
      total: struckBy(faults, "no_total") ? undefined : Math.max(0, total + (struckBy(faults, "wrong_total")?.by ?? 0)),
      limit,
      offset: asked.offset,
      nextOffset: struckBy(faults, "stuck_offset") ? asked.offset : asked.offset + calls.length,
    }),
  );
  return { read: { ...range, query, offset: asked.offset, calls, total }, text };
}

/** A call of the same day, the same on each of its pages: what is made from it comes again however the day is asked for. */
function sameAllDay(call: SimulatedCall, zone: Zone): SimulatedCall {
  const startMs = zone.startOfDay(zone.day(call.startMs));
  const fixed = { uuid: "00000000", caller: "0900000000", callerName: "", trunk: "", destination: "1001" };
  return {
    ...call,
    ...fixed,
    direction: "inbound",
    hangupBy: "by_caller",
    startMs,
    answerMs: null,
    endMs: startMs + 5_000,
    disposition: "NO ANSWER",
    recording: null,
  };
}

/** The envelope with no calls, as for a domain that has none. */
export function renderEmpty(book: CallBook, query: URLSearchParams): string {
  const { limit, offset } = paging(query);
  return JSON.stringify(book.dialect.envelope({ records: [], total: 0, limit, offset, nextOffset: offset }));
}

/** The page of a list in which one call stands twice. */
function withDoubled({ calls, order }: CallBook, { offset, limit, ...range }: Omit<Slice, "order">, uuid: string) {
  const list = calls.page({ ...range, offset: 0, limit: offset + limit, order }).calls;
  return list.flatMap((call) => (call.uuid === uuid ? [call, call] : [call])).slice(offset, offset + limit);
}

function shortened(calls: SimulatedCall[], faults: Fault[]): SimulatedCall[] {
  if (struckBy(faults, "empty_page")) return [];
  const other = struckBy(faults, "other_tenant");
  if (other) return calls.filter(({ startMs }) => startMs < other.fromMs || startMs > other.toMs);
  const short = struckBy(faults, "short_page");
  return short ? calls.slice(0, short.records ?? Math.floor(calls.length / 2)) : calls;
}

/** Lets calls come and go behind a page that was read, at the newest end of its range: what makes offsets drift. */
export function moveCalls(calls: CallStore, read: PageRead, faults: Fault[]): void {
  const arriving = struckBy(faults, "calls_arrive")?.count ?? 0;
  const vanishing = struckBy(faults, "calls_vanish")?.count ?? 0;
  if (arriving + vanishing === 0) return;
  const newest = calls.page({ ...read, offset: 0, limit: Math.max(1, vanishing), order: "newest_first" }).calls;
  for (const call of newest.slice(0, vanishing)) calls.remove(call.uuid);
  const [pattern] = newest;
  if (pattern)
    for (let count = 1; count <= arriving; count++) calls.add(laterCall(pattern, count, read.toMs, calls.version));
}

function laterCall(pattern: SimulatedCall, seconds: number, latestMs: number, seed: number): SimulatedCall {
  const latestSecond = Math.floor(latestMs / 1000) * 1000;
  const startMs = Math.min(pattern.startMs + seconds * 1000, latestSecond);
  const byMs = startMs - pattern.startMs;
  const answerMs = pattern.answerMs === null ? null : pattern.answerMs + byMs;
  const uuid = uuidV1(startMs, seededRandom(`arrival ${pattern.uuid} ${seed} ${seconds}`));
  return { ...pattern, uuid, startMs, answerMs, endMs: pattern.endMs + byMs };
}
