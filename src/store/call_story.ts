import type { Neighbour } from "../errors.ts";
import { type ListedCall, listedColumns } from "./call_list.ts";
import type { Sql } from "./open.ts";

/** A call as its own page shows it. What leads into Drive without a login (the session) is not in it. */
export interface StoredCall extends ListedCall {
  /** The local day it belongs to. */
  day: string | null;
  driveFileId: string | null;
  driveSizeBytes: number | null;
  driveMd5: string | null;
  driveMimeType: string | null;
  driveVerifiedAt: Date | null;
  uploadedPath: string | null;
  uploadSeconds: number | null;
  uploadTriedAt: Date | null;
  recordingSeconds: number | null;
  recordingFlagNote: string | null;
  recordingFlaggedAt: Date | null;
  /** True where the old system stored it. */
  adopted: boolean;
  /** What the PBX said, as it came. */
  rawData: unknown;
}

export interface CallEvent {
  at: Date;
  event: string;
  code: string | null;
  message: string | null;
}

export interface Acceptance {
  who: string;
  why: string;
  at: Date;
}

/** An upload in the queue. */
export interface UploadJob {
  state: "ready" | "scheduled" | "running" | "failed";
  runAt: Date;
  attempts: number;
  maxAttempts: number;
  lastError: string | null;
}

/** Everything that is known of one call. */
export interface CallStory {
  call: StoredCall;
  events: CallEvent[];
  acceptance: Acceptance | null;
  job: UploadJob | null;
  /** The neighbours that its upload waits for. */
  waitsFor: { neighbour: Neighbour; code: string; since: Date; nextProbeAt: Date | null }[];
}

const MAX_EVENTS = 500;

/** The story of one call; undefined where there is no such call. */
export async function findCallStory(sql: Sql, uuid: string): Promise<CallStory | undefined> {
  const [[call], events, [acceptance], job, waitsFor] = await Promise.all([
    sql<StoredCall[]>`
      select ${listedColumns(sql)}, callcenter.local_day(r."startTime")::text as day, r."driveFileId",
             r."driveSizeBytes"::float8 as "driveSizeBytes", r."driveMd5", r."driveMimeType", r."driveVerifiedAt", r."uploadedPath",
             r."uploadSeconds", r."uploadTriedAt", r."recordingSeconds", r."recordingFlagNote", r."recordingFlaggedAt", r."adopted",
             r."rawData"
        from "CallCenterRecord" r where r."uuid" = ${uuid}`,
    sql<CallEvent[]>`
      select at, event, code, message from callcenter.call_events where uuid = ${uuid} order by at desc, id desc limit ${MAX_EVENTS}`,
    sql<Acceptance[]>`select who, why, at from callcenter.acceptances where kind = 'recording' and uuid = ${uuid}`,
    findUploadJob(sql, uuid),
    sql<CallStory["waitsFor"]>`
      select neighbour, code, since, next_probe_at as "nextProbeAt" from callcenter.circuits
       where state = 'open' and neighbour in ('pbx_recordings', 'drive') order by neighbour`,
  ]);
  if (!call) return undefined;
  const isWaiting = call.upload === "pending" && call.recordingPath !== null;
  return { call, events, acceptance: acceptance ?? null, job, waitsFor: isWaiting ? waitsFor : [] };
}

/** A call's upload in the queue; null where it has none, or where no worker has ever started. */
async function findUploadJob(sql: Sql, uuid: string): Promise<UploadJob | null> {
  try {
    const [job] = await sql<UploadJob[]>`
      select case when locked_at is not null then 'running' when attempts >= max_attempts then 'failed'
                  when run_at > now() then 'scheduled' else 'ready' end as state,
             run_at as "runAt", attempts::int as attempts, max_attempts::int as "maxAttempts", last_error as "lastError"
        from graphile_worker.jobs where key = ${`upload_recording:${uuid}`}`;
    return job ?? null;
  } catch (error) {
    if (/^(3F000|42P01)$/.test(String((error as { code?: unknown }).code))) return null;
    throw error;
  }
}
