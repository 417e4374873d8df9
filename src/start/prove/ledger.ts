import type { SimulatedCall } from "../../../test/fakes/calls.ts";
import type { DriveFile } from "../../../test/fakes/drive.ts";
import type { RecordingDigest } from "../../../test/fakes/recordings.ts";
import { fileStamp } from "../../day.ts";
import { PROVE_ZONE } from "./plan.ts";
import type { ProveWorld } from "./world.ts";

/** What stands in the table and in Drive, held against what the PBX has. Lists name what is not as it should be. */
export interface Ledger {
  calls: number;
  stored: number;
  recordings: number;
  inDrive: number;
  lost: string[];
  doubled: string[];
  wrong: string[];
  /** Recordings that cannot be brought to Drive, and those of them that a person is shown. */
  hopeless: number;
  hopelessShown: number;
  tooShort: number;
  tooShortShown: number;
  incompleteDays: string[];
  days: number;
  openLogs: string[];
  jobsLeft: string[];
  failedJobs: string[];
}

interface Row {
  uuid: string;
  destination: string | null;
  billSec: number;
  startTime: Date;
  disposition: string;
  url: string | null;
  fileId: string | null;
  isVerified: boolean;
  shown: string[];
}

const ROWS = `
  select r."uuid" as uuid, r."destination" as destination, r."billSec" as "billSec", r."startTime" as "startTime",
         r."disposition" as disposition, r."googleDriveUrl" as url, r."driveFileId" as "fileId", r."driveVerifiedAt" is not null as "isVerified",
         array(select a.kind from callcenter.attention a where a.subject = r."uuid") as shown
    from "CallCenterRecord" r`;

/** Takes stock. Changes nothing. */
export async function takeStock(world: ProveWorld): Promise<Ledger> {
  const { ask, pbx, drive, calls, plan } = world;
  const rows = await ask<Row>(ROWS);
  const ledger: Ledger = { ...emptyLedger(), ...(await countLeft(world)) };
  ledger.doubled = drive
    .twins()
    .map(({ kind, value, ids }) => `${ids.length} files of the ${kind} ${value}: ${ids.join(", ")}`);
  const byUuid = new Map<string, Row>();
  for (const row of rows) {
    if (byUuid.has(row.uuid)) ledger.doubled.push(`call ${row.uuid}`);
    byUuid.set(row.uuid, row);
  }
  const files = new Map(drive.files.map((file) => [file.id, file]));
  for (const call of pbx.calls) {
    const row = byUuid.get(call.uuid);
    ledger.calls++;
    if (row) ledger.stored++;
    else ledger.lost.push(`call ${call.uuid}`);
    if (row) ledger.wrong.push(...differences(call, row));
    if (call.recording) lookFor(call, row, files, pbx.expectedRecording(call.uuid)!, calls, ledger);
  }
  ledger.days = plan.days.length;
  return ledger;
}

function lookFor(
  call: SimulatedCall,
  row: Row | undefined,
  files: Map<string, DriveFile>,
  whole: RecordingDigest,
  { hopeless, tooShort }: ProveWorld["calls"],
  ledger: Ledger,
): void {
  const isShown = (kind: string) => (row?.shown.includes(kind) ? 1 : 0);
  if (hopeless.has(call.uuid)) {
    ledger.hopeless++;
    ledger.hopelessShown += isShown("recording_given_up");
    if (row?.url) ledger.wrong.push(`recording ${call.uuid} is hopeless, yet has a link`);
    return;
  }
  ledger.recordings++;
  const expected = tooShort.get(call.uuid) ?? whole;
  if (tooShort.has(call.uuid)) {
    ledger.tooShort++;
    ledger.tooShortShown += isShown("recording_too_short");
  }
  const file = row?.url && row.fileId ? files.get(row.fileId) : undefined;
  if (!row?.url || !file || file.trashed)
    return void ledger.lost.push(`recording ${call.uuid}${row?.url ? " (linked)" : ""}`);
  const faults = faultsOf(file, call, row, expected);
  ledger.wrong.push(...faults);
  if (faults.length === 0) ledger.inDrive++;
}

/** What is wrong with a file, its name, its link. */
function faultsOf(file: DriveFile, call: SimulatedCall, row: Row, { sizeBytes, md5 }: RecordingDigest): string[] {
  const wrong: string[] = [];
  const name = `${call.uuid}_${fileStamp(new Date(call.startMs), PROVE_ZONE)}.${call.recording?.format}`;
  if (file.size !== sizeBytes || file.md5 !== md5) {
    wrong.push(
      `recording ${call.uuid}: ${file.size} bytes, MD5 ${file.md5} in Drive; ${sizeBytes} bytes, MD5 ${md5} at the PBX`,
    );
  }
  if (file.name !== name) wrong.push(`recording ${call.uuid}: the file is called ${file.name}, not ${name}`);
  if (file.appProperties.uuid !== call.uuid) wrong.push(`recording ${call.uuid}: the link leads to another one's file`);
  if (!row.url?.includes(file.id))
    wrong.push(`recording ${call.uuid}: the link ${row.url} does not lead to file ${file.id}`);
  if (!row.isVerified) wrong.push(`recording ${call.uuid}: its file was not verified`);
  return wrong;
}

/** A call that is not stored as the PBX has it now. */
function differences(call: SimulatedCall, row: Row): string[] {
  const billSec = call.answerMs === null ? 0 : (call.endMs - call.answerMs) / 1_000;
  const pairs = [
    ["destination", call.destination, row.destination],
    ["billSec", billSec, row.billSec],
    ["startTime", call.startMs, row.startTime.getTime()],
    ["disposition", call.disposition, row.disposition],
  ] as const;
  return pairs
    .filter(([, atPbx, stored]) => atPbx !== stored)
    .map(([name, atPbx, stored]) => `call ${call.uuid}: ${name} is ${stored}, at the PBX ${atPbx}`);
}

async function countLeft({ ask, plan }: ProveWorld) {
  const [left] = await ask<Pick<Ledger, "incompleteDays" | "openLogs" | "jobsLeft" | "failedJobs">>(
    `select
       array(select wanted::text from unnest($1::date[]) wanted
              where not exists (select from callcenter.days d where d.day = wanted and d.complete)) as "incompleteDays",
       array(select format('log %s of %s: %s', "id", callcenter.local_day("dateFrom"), "status") from "CallCenterSyncLog"
              where "status" in ('running', 'retrying')) as "openLogs",
       array(select format('%s %s: attempt %s of %s, due %s, locked by %s, %s', task_identifier, coalesce(key, id::text), attempts, max_attempts,
                           run_at, coalesce(locked_by, 'nobody'), coalesce(last_error, 'no error')) from graphile_worker.jobs
              where locked_at is not null or attempts < max_attempts) as "jobsLeft",
       array(select format('%s %s: %s', task_identifier, coalesce(key, id::text), last_error) from graphile_worker.jobs
              where locked_at is null and attempts >= max_attempts and last_error not like 'Bad payload%') as "failedJobs"`,
    [plan.days],
  );
  return left!;
}

function emptyLedger(): Ledger {
  return {
    calls: 0,
    stored: 0,
    recordings: 0,
    inDrive: 0,
    lost: [],
    doubled: [],
    wrong: [],
    hopeless: 0,
    hopelessShown: 0,
    tooShort: 0,
    tooShortShown: 0,
    incompleteDays: [],
    days: 0,
    openLogs: [],
    jobsLeft: [],
    failedJobs: [],
  };
}
