import { billsecOf, type Disposition, durationOf, type SimulatedCall } from "./calls.ts";
import type { Range } from "./pbx_store.ts";
import { dayAfter, type Zone } from "./pbx_zone.ts";

export type DialectName = "seed" | "onepos-v2";

/** A record as it goes over the wire; not always an object when faults are on. */
export type WireRecord = Record<string, unknown>;

export interface WirePage {
  records: unknown[];
  /** Undefined: the PBX does not say. */
  total: number | undefined;
  limit: number;
  offset: number;
  nextOffset: number;
}

export interface Dialect {
  /** The range asked for; undefined where the query names none in this dialect, which such servers take as 'everything'. */
  range(query: URLSearchParams, zone: Zone): Range | undefined;
  record(call: SimulatedCall, zone: Zone, domain: string): WireRecord;
  envelope(page: WirePage): WireRecord;
  failure(message: string): WireRecord;
  /** Where the recording lies, as the PBX writes it. */
  recordingPath(call: SimulatedCall, zone: Zone, domain: string): string;
  /** Fields that hold numbers (`seed`) or decimal strings (`onepos-v2`). */
  numeric: readonly string[];
  times: readonly string[];
  /** The field with what a caller calls himself; `onepos-v2` shows none, so there it is one that nobody knows. */
  nameField: string;
}

const seed: Dialect = {
  range: (query, zone) => {
    const from = zone.instant(query.get("date_from") ?? "", "earlier");
    const to = zone.instant(query.get("date_to") ?? "", "earlier");
    if (from === undefined || to === undefined) return undefined;
    return { fromMs: from, toMs: zone.startOfDay(dayAfter(query.get("date_to")!)) - 1 };
  },
  record: (call, zone, domain) => ({
    uuid: call.uuid,
    caller_id: call.caller,
    caller_name: call.callerName,
    destination: call.destination,
    direction: call.direction,
    duration: durationOf(call),
    billsec: billsecOf(call),
    start_time: zone.iso(call.startMs),
    answer_time: call.answerMs === null ? null : zone.iso(call.answerMs),
    end_time: zone.iso(call.endMs),
    disposition: call.disposition,
    recording_path: call.recording && seed.recordingPath(call, zone, domain),
  }),
  envelope: ({ records, total, limit, offset }) => ({
    success: true,
    data: records,
    ...(total !== undefined && { total }),
    limit,
    offset,
  }),
  failure: (message) => ({ success: false, error: message }),
  recordingPath: (call, zone) =>
    call.recording?.path ?? `${zone.day(call.startMs).replaceAll("-", "/")}/${call.uuid}.${call.recording?.format}`,
  numeric: ["duration", "billsec"],
  times: ["start_time", "answer_time", "end_time"],
  nameField: "caller_name",
};

const oneposV2: Dialect = {
  range: (query, zone) => {
    const fromMs = zone.instant(query.get("from") ?? "", "earlier");
    const toMs = zone.instant(query.get("to") ?? "", "later");
    return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
  },
  record: (call, zone, domain) => ({
    uuid: call.uuid,
    direction: call.direction,
    caller_id_number: call.caller,
    outbound_caller_id_number: call.direction === "outbound" ? call.trunk : null,
    destination_number: call.destination,
    start_epoch: String(call.startMs / 1000),
    end_epoch: String(call.endMs / 1000),
    answer_epoch: String((call.answerMs ?? 0) / 1000),
    duration: String(durationOf(call)),
    billsec: String(billsecOf(call)),
    sip_hangup_disposition: call.hangupBy,
    record_path: call.recording ? oneposV2.recordingPath(call, zone, domain) : noPath(call),
    call_status: callStatus(call),
  }),
  envelope: ({ records, offset, nextOffset }) => ({
    status: "success",
    result_in_page: records.length,
    start_offset: String(offset),
    next_offset: nextOffset,
    data: records.length === 0 ? "" : records,
  }),
  failure: (message) => ({ status: "error", message }),
  recordingPath: (call, zone, domain) => {
    const [year, month, day] = zone.day(call.startMs).split("-");
    const own = `/${domain}/archive/${year}/${MONTHS[Number(month) - 1]}/${day}/${call.uuid}.${call.recording?.format}`;
    return call.recording?.path ?? own;
  },
  numeric: ["duration", "billsec", "start_epoch", "answer_epoch", "end_epoch"],
  times: ["start_epoch", "answer_epoch", "end_epoch"],
  nameField: "caller_id_name",
};

export const DIALECTS: Record<DialectName, Dialect> = { seed, "onepos-v2": oneposV2 };

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const STATUS: Record<Disposition, string> = {
  ANSWERED: "ANSWER",
  "NO ANSWER": "NO_ANSWER",
  BUSY: "BUSY",
  FAILED: "FAILED",
};

function callStatus(call: SimulatedCall): string {
  return call.disposition === "NO ANSWER" && call.hangupBy === "by_caller" ? "CANCELED" : STATUS[call.disposition];
}

/** The capture shows all three, for calls alike. */
function noPath(call: SimulatedCall): unknown {
  return [null, "", "null"][Number.parseInt(call.uuid.slice(6, 8), 16) % 3];
}
