import { type Dialect, recordsIn, type Span } from "./dialect.ts";

/** What a capture of OnePOS's API v2 shows (September 2025): naive local times to ask by, epoch seconds as strings, no total. */
export const oneposV2: Dialect = {
  name: "onepos-v2",
  asksByTime: true,
  marks: {
    record: ["start_epoch", "caller_id_number", "destination_number", "call_status", "record_path"],
    envelope: ["status", "result_in_page", "next_offset"],
  },
  query: ({ span, offset, limit }) => ({
    from: clock(span, span.fromSecond),
    to: clock(span, span.toSecond),
    limit: String(limit),
    offset: String(offset),
  }),
  page: (answer) => ({ records: recordsIn(answer.data), total: null }),
  fields: (record) => ({
    uuid: record.uuid,
    callerId: record.caller_id_number,
    callerName: record.caller_id_name,
    destination: record.destination_number,
    direction: record.direction,
    duration: record.duration,
    billsec: record.billsec,
    start: record.start_epoch,
    answer: record.answer_epoch,
    end: record.end_epoch,
    disposition: record.call_status,
    recordingPath: record.record_path,
  }),
};

/** The second behind a day's last is the next day's first. */
function clock({ day }: Span, second: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + second * 1000).toISOString().slice(0, 19).replace("T", " ");
}
