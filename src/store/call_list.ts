import { normalPhone } from "../call.ts";
import type { Day } from "../day.ts";
import type { Sql } from "./open.ts";

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
  sql`callcenter.upload_state(r."recordingPath", r."googleDriveUrl", r."uploadRetryCount")`;

const isAccepted = (sql: Sql) => sql`
  (r."recordingPath" is not null and r."googleDriveUrl" is null
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
  page: { limit: number; after: Place | undefined },
): Promise<ListedCall[]> {
  const order = part === "timed" ? sql`order by r."startTime" desc, r."id" desc` : sql`order by r."id" desc`;
  const wanted = sql`${startsIn(sql, part, page.after)} ${conditions(sql, filter)}`;
  if (!filter.phone) {
    return sql<ListedCall[]>`
      select ${listedColumns(sql)} from "CallCenterRecord" r where ${wanted} ${order} limit ${page.limit}`;
  }
  // Caller or destination: each side in its index's order, then the newest of both.
  const phone = normalPhone(filter.phone);
  return sql<ListedCall[]>`
    with found as (
      (select r."id" from "CallCenterRecord" r
        where callcenter.normal_phone(r."callerId") = ${phone} and r."callerId" is not null and ${wanted} ${order} limit ${page.limit})
      union
      (select r."id" from "CallCenterRecord" r
        where callcenter.normal_phone(r."destination") = ${phone} and r."destination" is not null and ${wanted} ${order} limit ${page.limit})
    )
    select ${listedColumns(sql)} from found join "CallCenterRecord" r using ("id") ${order} limit ${page.limit}`;
}

const startsIn = (sql: Sql, part: Part, after: Place | undefined) => {
  if (part === "untimed") return sql`r."startTime" is null ${after ? sql`and r."id" < ${after.id}` : sql``}`;
  const behind = after ? sql`and (r."startTime", r."id") < (${after.at}, ${after.id})` : sql``;
  return sql`r."startTime" is not null ${behind}`;
};

const conditions = (sql: Sql, { day, disposition, upload }: CallFilter) => sql`
  ${day ? sql`and r."startTime" >= callcenter.day_start(${day}) and r."startTime" < callcenter.day_start(${day}::date + 1)` : sql``}
  ${disposition ? sql`and r."disposition" = ${disposition}` : sql``}
  ${upload ? sql`and ${stands(sql, upload)}` : sql``}`;

const stands = (sql: Sql, upload: UploadState) => {
  if (upload === "accepted") return isAccepted(sql);
  if (upload === "none" || upload === "uploaded") return sql`${uploadState(sql)} = ${upload}`;
  return sql`${uploadState(sql)} = ${upload} and not ${isAccepted(sql)}`;
};
