import * as v from "valibot";
import { neighbours } from "../errors.ts";
import { uploadStates } from "../store/call_list.ts";
import { syncStatuses } from "../sync_log.ts";

// What answers look like, for the OpenAPI document and the tests that hold the answers against it.

export const instant = v.pipe(v.string(), v.isoTimestamp());
export const dayText = v.pipe(v.string(), v.isoDate());
const whole = v.pipe(v.number(), v.integer());
const textOrNull = v.nullable(v.string());
const instantOrNull = v.nullable(instant);
const named = <S extends v.GenericSchema>(ref: string, schema: S) => v.pipe(schema, v.metadata({ ref }));

const call = {
  id: v.string(),
  uuid: v.string(),
  callerId: textOrNull,
  callerName: textOrNull,
  destination: textOrNull,
  direction: textOrNull,
  duration: whole,
  billSec: whole,
  startTime: instantOrNull,
  answerTime: instantOrNull,
  endTime: instantOrNull,
  disposition: textOrNull,
  recordingPath: textOrNull,
  googleDriveUrl: textOrNull,
  uploadRetryCount: whole,
  upload: v.pipe(v.picklist(uploadStates), v.description("Where its recording stands.")),
  uploadErrorCode: textOrNull,
  uploadError: textOrNull,
  uploadHint: v.pipe(textOrNull, v.description("What to do about the error.")),
  recordingFlag: textOrNull,
  createdAt: instant,
  updatedAt: instant,
};

export const CallSchema = named("Call", v.strictObject(call));

export const CallStorySchema = named(
  "CallStory",
  v.strictObject({
    ...call,
    day: v.nullable(dayText),
    driveFileId: textOrNull,
    driveSizeBytes: v.nullable(v.number()),
    driveMd5: textOrNull,
    driveMimeType: textOrNull,
    driveVerifiedAt: instantOrNull,
    uploadedPath: textOrNull,
    uploadSeconds: v.nullable(v.number()),
    uploadTriedAt: instantOrNull,
    recordingSeconds: v.nullable(v.number()),
    recordingFlagNote: textOrNull,
    recordingFlaggedAt: instantOrNull,
    adopted: v.boolean(),
    rawData: v.pipe(v.unknown(), v.description("The record as the PBX gave it.")),
    acceptance: v.nullable(v.strictObject({ who: v.string(), why: v.string(), at: instant })),
    job: v.nullable(
      v.strictObject({
        state: v.picklist(["ready", "scheduled", "running", "failed"]),
        runAt: instant,
        attempts: whole,
        maxAttempts: whole,
        lastError: textOrNull,
      }),
    ),
    waitsFor: v.array(
      v.strictObject({
        neighbour: v.picklist(neighbours),
        code: v.string(),
        since: instant,
        nextProbeAt: instantOrNull,
        hint: v.string(),
      }),
    ),
    events: v.array(v.strictObject({ at: instant, event: v.string(), code: textOrNull, message: textOrNull })),
  }),
);

const sync = {
  id: v.string(),
  syncType: v.string(),
  status: v.string(),
  startTime: instant,
  endTime: instantOrNull,
  dateFrom: dayText,
  dateTo: dayText,
  totalRecords: whole,
  successCount: whole,
  failedCount: whole,
  retryCount: whole,
  errorCode: textOrNull,
  errorMessage: textOrNull,
  hint: textOrNull,
  adopted: v.boolean(),
  createdAt: instant,
  updatedAt: instant,
};

export const SyncSchema = named("Sync", v.strictObject(sync));
export const SyncStorySchema = named(
  "SyncStory",
  v.strictObject({ ...sync, failedItems: v.pipe(v.unknown(), v.description("What was refused, and why.")) }),
);

export const DaySchema = named(
  "Day",
  v.strictObject({
    day: dayText,
    complete: v.pipe(v.boolean(), v.description("Every call is stored and every recording is in Drive, or accepted.")),
    pbxTotal: v.pipe(v.nullable(whole), v.description("Calls that the PBX was proved to have.")),
    records: v.pipe(whole, v.description("Calls stored.")),
    missing: v.pipe(whole, v.description("Calls that the PBX has and the table has not.")),
    recordings: whole,
    uploaded: whole,
    pending: whole,
    failed: whole,
    underWay: v.pipe(v.boolean(), v.description("It is queued, or being read.")),
    lastCheckedAt: instantOrNull,
    errorCode: v.pipe(textOrNull, v.description("Why the last reading proved nothing.")),
    errorMessage: textOrNull,
    hint: textOrNull,
  }),
);

export const nextCursor = v.pipe(textOrNull, v.description("Send it as cursor for the next page; null on the last."));

export const BackfillSchema = named(
  "Backfill",
  v.strictObject({
    backfillId: v.string(),
    days: v.pipe(whole, v.description("Days asked for.")),
    jobs: v.pipe(whole, v.description("Of them, those that were not queued already.")),
    url: v.string(),
  }),
);

export const BackfillProgressSchema = named(
  "BackfillProgress",
  v.strictObject({
    backfillId: v.string(),
    status: v.picklist(["queued", "running", "completed", "partial", "failed"]),
    days: v.array(
      v.strictObject({
        day: dayText,
        status: v.picklist(["queued", ...syncStatuses]),
        totalRecords: whole,
        successCount: whole,
        failedCount: whole,
      }),
    ),
    uploads: v.strictObject({ total: whole, done: whole, failed: whole }),
  }),
);

export const AcceptedSchema = named(
  "Accepted",
  v.pipe(
    v.strictObject({ calls: whole, recordings: whole, days: whole, notices: whole }),
    v.description("How many things were newly accepted."),
  ),
);
