import { addDays, type Day } from "../../src/day.ts";
import type { Sql } from "../../src/store/open.ts";

/** A row of the table of calls, before it is stored. */
export interface SeededCall {
  day: Day;
  uuid: string;
  callerId: string;
  callerName: string;
  destination: string;
  direction: string;
  duration: number;
  billSec: number;
  startTime: Date;
  answerTime: Date | null;
  endTime: Date;
  disposition: string;
  recordingPath: string | null;
  url: string | null;
  storedAt: Date;
  errorCode: string | null;
  error: string | null;
  rounds: number;
  flag: string | null;
  flagNote: string | null;
}

/** The calls that the incomplete day lacks. */
export const isRefused = (_: SeededCall, place: number) => place % 40 === 7;

const json = (sql: Sql, rows: unknown[]) => sql.json(rows as Parameters<Sql["json"]>[0]);

/** The calls, with the files in Drive of those that have a link, and the events that led there. */
export async function storeCalls(sql: Sql, calls: SeededCall[]): Promise<void> {
  for (let from = 0; from < calls.length; from += 5_000) {
    await sql`
      insert into "CallCenterRecord" ("uuid", "callerId", "callerName", "destination", "direction", "duration", "billSec", "startTime",
        "answerTime", "endTime", "disposition", "recordingPath", "googleDriveUrl", "driveFileId", "driveMd5", "driveSizeBytes",
        "driveVerifiedAt", "uploadedPath", "uploadSeconds", "recordingSeconds", "createdAt", "updatedAt", "rawData", "uploadRetryCount",
        "uploadErrorCode", "uploadError", "uploadTriedAt", "recordingFlag", "recordingFlagNote", "recordingFlaggedAt")
      select "uuid", "callerId", "callerName", "destination", "direction", "duration", "billSec", "startTime",
             "answerTime", "endTime", "disposition", "recordingPath", url, case when url is not null then 'file-' || "uuid" end,
             case when url is not null then md5("uuid") end, case when url is not null then "billSec" * 16000 + 44 end,
             case when url is not null then "storedAt" + interval '40 seconds' end, case when url is not null then "recordingPath" end,
             case when url is not null then 1.4 end, case when url is not null then "billSec" end, "storedAt", "storedAt",
             jsonb_build_object('uuid', "uuid", 'caller_id', "callerId", 'caller_name', "callerName", 'destination', "destination",
               'start_time', "startTime", 'disposition', "disposition", 'billsec', "billSec", 'recording_path', "recordingPath"),
             rounds, "errorCode", error, case when rounds > 0 then now() - interval '5 hours' end,
             flag, "flagNote", case when flag is not null then now() - interval '2 days' end
        from jsonb_to_recordset(${json(sql, calls.slice(from, from + 5_000))}) as c ("uuid" text, "callerId" text, "callerName" text,
          "destination" text, "direction" text, "duration" int, "billSec" int, "startTime" timestamptz, "answerTime" timestamptz,
          "endTime" timestamptz, "disposition" text, "recordingPath" text, url text, "storedAt" timestamptz, "errorCode" text, error text,
          rounds int, flag text, "flagNote" text)`;
  }
  await sql`
    insert into callcenter.call_events (uuid, at, event, code, message)
    select "uuid", "createdAt" + n * interval '1 hour', 'upload_failed', "uploadErrorCode", "uploadError"
      from "CallCenterRecord", generate_series(1, 3) n where "uploadErrorCode" is not null
    union all
    select "uuid", "driveVerifiedAt", 'uploaded', null, null from "CallCenterRecord" where "driveVerifiedAt" is not null`;
}

/** What the PBX said each day held: every call, today excepted. */
export async function storeDays(sql: Sql, calls: SeededCall[], today: Day, unproved = new Set<Day>()): Promise<void> {
  const days = Object.groupBy(calls, (call) => call.day);
  const rows = Object.entries(days)
    .filter(([day]) => day < today && !unproved.has(day as Day))
    .map(([day, held]) => ({
      day,
      ids: held!.map(({ uuid }) => uuid),
      at: `${addDays(day as Day, 1)}T02:04:00+07:00`,
    }));
  await sql`
    insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at, last_checked_at)
    select day, jsonb_array_length(ids), array(select jsonb_array_elements_text(ids)), at, at
      from jsonb_to_recordset(${json(sql, rows)}) as d (day date, ids jsonb, at timestamptz)`;
}

/** The nightly runs, and what became of the days that went wrong. */
export async function storeLogs(
  sql: Sql,
  calls: SeededCall[],
  today: Day,
  wrong?: Record<"incomplete" | "unproved" | "running" | "not_read", Day>,
): Promise<void> {
  const counts = Object.entries(Object.groupBy(calls, (call) => call.day)).filter(([day]) => day < today);
  const rows = counts.map(([day, held]) => ({
    id: `log-${day}`,
    day,
    at: `${addDays(day as Day, 1)}T02:00:01+07:00`,
    total: held!.length,
    ...outcome(day as Day, held!, wrong),
  }));
  await sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "startTime", "endTime", "dateFrom", "dateTo", "totalRecords", "successCount",
      "failedCount", "retryCount", "errorCode", "errorMessage", "failedItems", "createdAt", "updatedAt", "triedAt")
    select id, 'daily', status, at, case when status <> 'running' then at + interval '45 seconds' end, callcenter.day_start(day),
           callcenter.day_start(day), total, total - coalesce(jsonb_array_length(items), 0), coalesce(jsonb_array_length(items), 0),
           case when code is null then 0 else 3 end, code, reason, items, at, at, case when status = 'running' then now() else at end
      from jsonb_to_recordset(${json(sql, rows)}) as l (id text, day date, at timestamptz, total int, status text, code text, reason text,
        items jsonb)`;
}

function outcome(
  day: Day,
  calls: SeededCall[],
  wrong?: Record<"incomplete" | "unproved" | "running" | "not_read", Day>,
) {
  const done = { status: "completed", code: null, reason: null, items: null };
  if (!wrong) return done;
  if (day === wrong.running) return { ...done, status: "running" };
  if (day === wrong.unproved) {
    return { ...done, status: "partial", code: "day_unstable", reason: "Five readings of this day never agreed." };
  }
  if (day !== wrong.incomplete) return done;
  const items = calls.filter(isRefused).map((call) => ({
    uuid: call.uuid,
    reason: 'start_time is not a time: "0000-00-00 00:00:00"',
    record: {
      uuid: call.uuid,
      caller_id: call.callerId,
      caller_name: call.callerName,
      start_time: "0000-00-00 00:00:00",
    },
  }));
  const reason = `${items.length} of ${calls.length} records were refused; the first: start_time is not a time`;
  return { status: "partial", code: "day_refused_records", reason, items };
}
