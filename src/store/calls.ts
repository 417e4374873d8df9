import type { Call, RefusedRecord } from "../call.ts";
import type { Sql } from "./open.ts";

/** What became of a page of calls. */
export interface SavedCalls {
  inserted: number;
  /** Calls that differed from what was stored. */
  updated: number;
  /** Uploads that were not queued before. */
  queued: number;
  /** What the database itself refused. */
  refused: RefusedRecord[];
}

/** A call as `savePage` reads it: values in the order of its columns, times in ISO 8601. Names beside them would be a fifth of the page. */
const rowOf = (call: Call) => [
  call.uuid,
  call.callerId,
  call.callerName,
  call.destination,
  call.direction,
  call.durationSeconds,
  call.billSeconds,
  call.startedAt,
  call.answeredAt,
  call.endedAt,
  call.disposition,
  call.recordingPath,
  call.raw,
];

/**
 * Stores a page of calls and queues the upload of each recording that is not in Drive, in ONE statement: both or neither. Safe twice:
 * an unchanged call is not touched, a changed one is updated, an upload that is queued is not queued again. A recording path that the PBX
 * has forgotten is kept; another path than the uploaded one is uploaded under the same file id, but for what the old system uploaded: that
 * keeps its link. Calls must have distinct uuids.
 *
 * Where the database refuses the page it is split until the bad row is alone, in `refused`.
 */
export async function saveCalls(
  sql: Sql,
  calls: readonly Call[],
  options: { uploads: boolean; uploadPriority?: number },
): Promise<SavedCalls> {
  if (calls.length === 0) return { inserted: 0, updated: 0, queued: 0, refused: [] };
  try {
    return { ...(await savePage(sql, calls, options)), refused: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [only] = calls;
    if (calls.length === 1 && only) {
      const reason = `database_refused: ${(error as Error).message}`;
      return { inserted: 0, updated: 0, queued: 0, refused: [{ uuid: only.uuid, reason, record: only.raw }] };
    }
    const half = Math.ceil(calls.length / 2);
    const first = await saveCalls(sql, calls.slice(0, half), options);
    const second = await saveCalls(sql, calls.slice(half), options);
    return {
      inserted: first.inserted + second.inserted,
      updated: first.updated + second.updated,
      queued: first.queued + second.queued,
      refused: [...first.refused, ...second.refused],
    };
  }
}

/** Bad data (22), a constraint (23), too large (54): the row's fault, not the database's. */
const isRefusal = (error: unknown) => /^(22|23|54)/.test(String((error as { code?: unknown })?.code ?? ""));

async function savePage(sql: Sql, calls: readonly Call[], options: { uploads: boolean; uploadPriority?: number }) {
  const rows = calls.map(rowOf) as unknown as Parameters<Sql["json"]>[0];
  // The old system wrote paths in ways of its own: that one reads otherwise today says nothing of its file.
  const isAnother = sql`excluded."recordingPath" <> t."recordingPath"
    and not (t."adopted" and t."googleDriveUrl" is not null and t."driveFileId" is null)`;
  const [counts] = await sql<{ inserted: number; updated: number; queued: number }[]>`
    with incoming as (
      select c ->> 0 as "uuid", c ->> 1 as "callerId", c ->> 2 as "callerName", c ->> 3 as "destination", c ->> 4 as "direction",
             (c ->> 5)::int as "duration", (c ->> 6)::int as "billSec", (c ->> 7)::timestamptz(3) as "startTime",
             (c ->> 8)::timestamptz(3) as "answerTime", (c ->> 9)::timestamptz(3) as "endTime", c ->> 10 as "disposition",
             c ->> 11 as "recordingPath", c -> 12 as "rawData"
        from jsonb_array_elements(${sql.json(rows)}) as c
    ), saved as (
      insert into "CallCenterRecord" as t (
        "uuid", "callerId", "callerName", "destination", "direction", "duration", "billSec",
        "startTime", "answerTime", "endTime", "disposition", "recordingPath", "rawData")
      select "uuid", "callerId", "callerName", "destination", "direction", "duration", "billSec",
             "startTime", "answerTime", "endTime", "disposition", "recordingPath", "rawData" from incoming
       order by "uuid" -- whoever writes the same calls at the same time takes them in the same order
      on conflict ("uuid") do update set
        "callerId" = excluded."callerId", "callerName" = excluded."callerName", "destination" = excluded."destination",
        "direction" = excluded."direction", "duration" = excluded."duration", "billSec" = excluded."billSec",
        "startTime" = excluded."startTime", "answerTime" = excluded."answerTime", "endTime" = excluded."endTime",
        "disposition" = excluded."disposition", "rawData" = excluded."rawData", "updatedAt" = now(),
        "recordingPath" = coalesce(excluded."recordingPath", t."recordingPath"),
        -- Another recording than the one that lies in Drive is a new one: it is uploaded under the same id, its attempts begin again.
        -- One that was uploaded before is asked for once more (''): another upload may have written over its file meanwhile.
        "uploadedPath" = case when (${isAnother} and t."googleDriveUrl" is not null) is not true then t."uploadedPath"
                              when t."uploadedPath" = excluded."recordingPath" then ''
                              else coalesce(nullif(t."uploadedPath", ''), t."recordingPath") end,
        "driveVerifiedAt" = case when ${isAnother} then null else t."driveVerifiedAt" end,
        "uploadRetryCount" = case when ${isAnother} then 0 else t."uploadRetryCount" end
      where (t."callerId", t."callerName", t."destination", t."direction", t."duration", t."billSec",
             t."startTime", t."answerTime", t."endTime", t."disposition", t."recordingPath", t."rawData")
        is distinct from
            (excluded."callerId", excluded."callerName", excluded."destination", excluded."direction", excluded."duration",
             excluded."billSec", excluded."startTime", excluded."answerTime", excluded."endTime", excluded."disposition",
             coalesce(excluded."recordingPath", t."recordingPath"), excluded."rawData")
      returning "uuid", xmax = 0 as inserted,
        "recordingPath" is not null and "uploadRetryCount" < 3
          and ("googleDriveUrl" is null or "uploadedPath" <> "recordingPath") as needs_upload
    ), queued as (
      select callcenter.queue_uploads(
        array(select "uuid" from saved where needs_upload and ${options.uploads}), ${options.uploadPriority ?? 0}) as jobs
    ), changed as (
      insert into callcenter.call_events (uuid, event) select "uuid", 'changed' from saved where not inserted
    )
    select count(*) filter (where inserted)::int as inserted, count(*) filter (where not inserted)::int as updated,
           (select jobs from queued)::int as queued
      from saved`;
  return counts ?? { inserted: 0, updated: 0, queued: 0 };
}
