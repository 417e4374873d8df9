import { normalPhone } from "../call.ts";
import type { Day } from "../day.ts";
import type { Piece, Sql } from "./open.ts";

/** Where a call's recording stands: `failed` waits for a person, `accepted` is what a person said may stay missing. */
export const uploadStates = ["none", "pending", "uploaded", "failed", "accepted"] as const;
export type UploadState = (typeof uploadStates)[number];

export interface CallFilter {
  day?: Day | undefined;
  /** A phone number in any spelling; caller or destination. */
  phone?: string | undefined;
  disposition?: string | undefined;
  upload?: UploadState | undefined;
}

/** Where a list goes on: behind this row. `at` null: among the rows without a time, which come last. */
export interface Place {
  at: Date | null;
  id: string;
}

/** A call as lists show it, in the table's own words. */
export interface ListedCall {
  id: string;
  uuid: string;
  callerId: string | null;
  callerName: string | null;
  destination: string | null;
  direction: string | null;
  duration: number;
  billSec: number;
  startTime: Date | null;
  answerTime: Date | null;
  endTime: Date | null;
  disposition: string | null;
  recordingPath: string | null;
  googleDriveUrl: string | null;
  uploadRetryCount: number;
  upload: UploadState;
  uploadErrorCode: string | null;
  uploadError: string | null;
  recordingFlag: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns of a ListedCall, of the table as `r`. */
export const listedColumns = (sql: Sql) => sql`
  r."id", r."uuid", r."callerId", r."callerName", r."destination", r."direction", r."duration", r."billSec",
  r."startTime", r."answerTime", r."endTime", r."disposition", r."recordingPath", r."googleDriveUrl", r."uploadRetryCount",
  case when ${isAccepted(sql)} then 'accepted' else ${uploadState(sql)} end as upload,
  r."uploadErrorCode", r."uploadError", r."recordingFlag", r."createdAt", r."updatedAt"`;

const uploadState = (sql: Sql) =>
  sql`callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadedPath", r."uploadRetryCount")`;

const isAccepted = (sql: Sql) => sql`
  (${uploadState(sql)} in ('pending', 'failed')
   and exists (select from callcenter.acceptances a where a.kind = 'recording' and a.uuid = r."uuid"))`;

/**
 * Calls, newest first, those without a time last; at most `limit` of them behind `after`. Each filter has its index, and the order is the
 * index's: how many calls there are does not matter.
 */
export async function listCalls(
  sql: Sql,
  filter: CallFilter,
  page: { limit: number; after?: Place | undefined },
): Promise<ListedCall[]> {
  const { limit, after } = page;
  const timed = after?.at === null ? [] : await listPart(sql, filter, "timed", { limit, after });
  if (timed.length === limit || filter.day) return timed;
  const untimed = await listPart(sql, filter, "untimed", {
    limit: limit - timed.length,
    after: after?.at === null ? after : undefined,
  });
  return [...timed, ...untimed];
}

type Part = "timed" | "untimed";
async function listPart(
  sql: Sql,
  filter: CallFilter,
  part: Part,
  { limit, after }: { limit: number; after: Place | undefined },
): Promise<ListedCall[]> {
  const order = part === "timed" ? sql`order by r."startTime" desc, r."id" desc` : sql`order by r."id" desc`;
  const newest = (condition: Piece, how: TimeWriting) => {
    const wanted = sql`${startsIn(sql, part, after, how)} ${startsOn(sql, filter, how)}`;
    const inOrder = part === "timed" ? sql`order by ${how.start} desc, r."id" desc` : order;
    return sql`select r.* from "CallCenterRecord" r where ${condition} and ${wanted} ${inOrder} limit ${limit}`;
  };
  return sql<ListedCall[]>`
    select ${listedColumns(sql)} from (${candidates(sql, filter, newest)}) r ${order} limit ${limit}`;
}

/** How an index writes the time of a call, and so how it must be asked for it. */
interface TimeWriting {
  start: Piece;
  bound(instant: Piece): Piece;
}

/** The newest calls of each kind that the filter asks for, each kind in the order of its index; the newest of all are among them. */
function candidates(sql: Sql, filter: CallFilter, newest: (condition: Piece, how: TimeWriting) => Piece): Piece {
  const { disposition, upload } = filter;
  const plain: TimeWriting = { start: sql`r."startTime"`, bound: (instant) => instant };
  if (upload === "accepted") return newest(sql`${isAccepted(sql)} and ${meets(sql, filter)}`, plain);
  if (!filter.phone && !disposition && !upload) return newest(sql`true`, plain);

  const inUtc: TimeWriting = {
    start: sql`(r."startTime" at time zone 'UTC')`,
    bound: (instant) => sql`((${instant})::timestamptz at time zone 'UTC')`,
  };
  const ofEachOutcome = (condition: Piece) => sql`
    select r.*
      from callcenter.outcomes() o
     cross join lateral (
       ${newest(sql`${condition} and ${uploadState(sql)} = o.state and coalesce(r."disposition", '') = o.disposition`, inUtc)}) r
     where ${upload ? sql`o.state = ${upload}` : sql`true`} and ${disposition ? sql`upper(o.disposition) = upper(${disposition})` : sql`true`}`;
  const stands = upload === "pending" || upload === "failed" ? sql`not ${isAccepted(sql)}` : sql`true`;
  if (!filter.phone) return ofEachOutcome(stands);
  const phone = normalPhone(filter.phone);
  const caller = sql`callcenter.normal_phone(r."callerId")`;
  const called = sql`callcenter.normal_phone(r."destination") = ${phone} and r."destination" is not null`;
  return sql`
    (${ofEachOutcome(sql`${caller} = ${phone} and r."callerId" is not null and ${stands}`)}) union all
    (${ofEachOutcome(sql`${called} and ${caller} is distinct from ${phone} and ${stands}`)})`;
}

const startsIn = (sql: Sql, part: Part, after: Place | undefined, { start, bound }: TimeWriting) => {
  if (part === "untimed") return sql`${start} is null ${after ? sql`and r."id" < ${after.id}` : sql``}`;
  const behind = after?.at ? sql`and (${start}, r."id") < (${bound(sql`${after.at}`)}, ${after.id})` : sql``;
  return sql`${start} is not null ${behind}`;
};

const startsOn = (sql: Sql, { day }: CallFilter, { start, bound }: TimeWriting) => {
  if (!day) return sql``;
  const [from, to] = [bound(sql`callcenter.day_start(${day})`), bound(sql`callcenter.day_start(${day}::date + 1)`)];
  return sql`and ${start} >= ${from} and ${start} < ${to}`;
};

/** For what few calls are: no index is needed. */
const meets = (sql: Sql, { phone, disposition }: CallFilter) => sql`
  ${disposition ? sql`upper(r."disposition") = upper(${disposition})` : sql`true`}
  and ${phone ? sql`${normalPhone(phone)} in (callcenter.normal_phone(r."callerId"), callcenter.normal_phone(r."destination"))` : sql`true`}`;
