import { countIn, type Dialect, recordsIn } from "./dialect.ts";

/** The dialect of `call-center-sync.vi.md`: whole days, ISO times, a total. */
export const seed: Dialect = {
  name: "seed",
  asksByTime: false,
  marks: {
    record: ["start_time", "caller_id", "destination", "disposition", "recording_path"],
    envelope: ["success", "total"],
  },
  query: ({ span, offset, limit }) => ({
    date_from: span.day,
    date_to: span.day,
    limit: String(limit),
    offset: String(offset),
  }),
  page: (answer) => ({ records: recordsIn(answer.data), total: countIn(answer.total) }),
  fields: (record) => ({
    uuid: record.uuid,
    callerId: record.caller_id,
    callerName: record.caller_name,
    destination: record.destination,
    direction: record.direction,
    duration: record.duration,
    billsec: record.billsec,
    start: record.start_time,
    answer: record.answer_time,
    end: record.end_time,
    disposition: record.disposition,
    recordingPath: record.recording_path,
  }),
};
