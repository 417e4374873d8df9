import { fileStamp } from "../src/day.ts";
import type { Drive } from "../src/drive/drive.ts";
import { ensureFolders, folderNames, forgetLostFolder } from "../src/drive/layout.ts";
import { SyncError } from "../src/errors.ts";
import { ATTEMPTS_PER_ROUND } from "../src/jobs.ts";
import { openAudio } from "../src/pbx/audio.ts";
import { ageMsOf, audioTypes, mayStillCome, patienceMs, startOf, tooShort } from "../src/recording.ts";
import { claimProbes, giveProbesBack, reportFailure, reportSuccess } from "../src/store/circuits.ts";
import { checkCalls, noteSeenFiles } from "../src/store/drive_files.ts";
import { folderMemory } from "../src/store/folders.ts";
import {
  doAllBreakOff,
  failUpload,
  findRecording,
  finishUpload,
  forgetFileId,
  type Recording,
  reserveFileId,
  saveSession,
} from "../src/store/recordings.ts";
import { defineTask, type JobContext, type Outcome } from "../src/worker/define_task.ts";

type Job = JobContext & { drive: Drive };

const HOUR_MS = 3_600_000;

const waitsFor = ["pbx_recordings", "drive"] as const;
const WAITS = "The upload waits for the PBX or Drive";

/** One recording, from the PBX to Drive: one file whatever happens, its link only when Drive's size and MD5 agree with what the PBX sent. */
export default defineTask("upload_recording", async ({ uuid }, context) => {
  const { sql, drive, now } = context;
  if (!drive) return { done: "Nothing to upload: Google Drive is disabled", level: "warn", context: { uuid } };
  const recording = await findRecording(sql, uuid);
  if (!recording?.path) return { done: "Nothing to upload: no such recording", level: "warn", context: { uuid } };
  if (recording.url && !recording.isReplaced) return { done: "Nothing to upload: it is in Drive", context: { uuid } };
  const { until, claims } = await claimProbes(sql, waitsFor);
  if (until) return { later: rested(until), waitsFor, why: WAITS, level: "debug", context: { uuid } };
  const job = { ...context, drive };
  const startedAt = now();
  try {
    if (await isFoundAgain(recording, job)) return { done: "Recording found again in Drive", context: { uuid } };
    return await upload({ ...recording, path: recording.path }, job);
  } catch (error) {
    if (!(error instanceof SyncError) || context.signal.aborted) throw error;
    return await failed(recording, await understood(error, recording, job), startedAt, job);
  } finally {
    await giveProbesBack(sql, claims);
  }
});

/** True where the file that a look into Drive took for lost is there as it was uploaded: its link is back, and the PBX need not be asked. */
async function isFoundAgain({ uuid, url, fileId, md5 }: Recording, { sql, drive, signal, now }: Job): Promise<boolean> {
  if (url || !fileId || !md5) return false;
  const startedAt = now();
  const file = await drive.get(fileId, signal);
  if (!file) return false;
  const at = now();
  await noteSeenFiles(sql, [{ ...file, uuid, url: file.webViewLink }], at);
  const { restored } = await checkCalls(sql, at, { uuid });
  if (restored > 0) await reportSuccess(sql, ["drive"], now().getTime() - startedAt.getTime());
  return restored > 0;
}

async function upload(recording: Recording & { path: string }, job: Job): Promise<Outcome> {
  const { sql, drive, pbx, zone, signal, now } = job;
  const { uuid, path } = recording;
  const startedAt = now();
  await using source = await openAudio(pbx, path, signal);
  const start = startOf(recording);
  const fileId = recording.fileId ?? (await reserveFileId(sql, uuid, await drive.reserveId()));
  const type = audioTypes[source.kind];
  const file = await drive.upload({
    fileId,
    name: `${uuid}_${fileStamp(start, zone)}.${type.ext}`,
    mimeType: type.mimeType,
    parentId: await ensureFolders(drive, ...foldersOf(recording, job)),
    appProperties: { uuid, startTime: start.toISOString() },
    exists: recording.fileId !== null,
    open: source.open,
    onChunk: source.meter.add,
    session: recording.sessionUri,
    saveSession: (uri) => saveSession(sql, uuid, uri),
    signal,
  });
  const seconds = (now().getTime() - startedAt.getTime()) / 1_000;
  const recordingSeconds = source.meter.seconds();
  const { isReplaced } = await finishUpload(sql, uuid, {
    path,
    fileId: file.id,
    url: file.webViewLink,
    sizeBytes: file.sizeBytes,
    md5: file.md5,
    mimeType: type.mimeType,
    seconds,
    recordingSeconds,
    flag: tooShort(source.meter, recording.billSeconds),
  });
  await reportSuccess(sql, ["pbx_recordings", "drive"], seconds * 1_000);
  const context = { uuid, size_bytes: file.sizeBytes, duration_seconds: seconds };
  // Whoever noted the other recording found this job running, and queued none.
  return isReplaced
    ? { later: 0, why: "Recording uploaded, and replaced meanwhile", logger: "callcenter.upload", context }
    : { done: "Recording uploaded", logger: "callcenter.upload", context };
}

/** The folder to begin at, the names of those below it, and where their ids are kept. */
function foldersOf(recording: Recording, { config, zone, sql }: Job) {
  const startedAt = startOf(recording);
  const names = folderNames(config.GOOGLE_DRIVE_FOLDER_LAYOUT, { ...recording, startedAt }, zone);
  return [config.GOOGLE_DRIVE_FOLDER_ID ?? "root", names, folderMemory(sql)] as const;
}

/**
 * What is absent or holds no sound may only be late. A refusal is the recording's own where others were served since its last; a break in
 * mid-download is not where all others break off too, as behind a proxy that dies. A file that Drive does not show is deleted where it was seen
 * before; else Drive may only be late to show what it was sent a moment ago, and whoever takes it for deleted makes a second one.
 */
async function understood(error: SyncError, recording: Recording, { sql }: Job): Promise<SyncError> {
  const { code, message } = error;
  if (code === "recordings_key_refused" && recording.isRefusedAlone) {
    return new SyncError("recording_refused", message, { cause: error });
  }
  if (code === "recording_cut_short" && (await doAllBreakOff(sql, recording.uuid))) {
    return new SyncError("recordings_unreachable", message, { cause: error });
  }
  if (code === "drive_file_unseen" && (recording.md5 || !mayStillCome(unseenMs(recording)))) {
    return new SyncError("drive_file_lost", message, { cause: error });
  }
  const isAbsent = code === "recording_gone" || code === "recording_empty";
  return isAbsent && mayStillCome(ageMsOf(recording, recording.readAt))
    ? new SyncError("recording_not_ready", message, { cause: error })
    : error;
}

const unseenMs = ({ readAt, unseenSince }: Recording) => readAt.getTime() - (unseenSince ?? readAt).getTime();

/**
 * What only waits rests for an hour or two beyond the next probe, spread out: a few are called for each probe, and the end of an outage wakes
 * all.
 */
const rested = (probeAt: Date) => new Date(probeAt.getTime() + (1 + Math.random()) * HOUR_MS);

/** Behind those that are called for the probe: one recording that fails whenever it is tried shall not be every probe. */
const behindOthers = (probeAt: Date) => new Date(probeAt.getTime() + (1 + Math.random()) * 2_000);

/** Nobody was asked; or whoever was asked refused, or broke off. */
const SAY_NOTHING_OF_THE_PBX = ["recording_foreign_address", "recording_refused", "recording_cut_short"];

/** Whose fault? A neighbour's: the recording waits with all others. Its own: it backs off, and at the end of the round counts an attempt. */
async function failed(recording: Recording, error: SyncError, startedAt: Date, context: Job): Promise<Outcome> {
  const { sql, drive, job, redact, now } = context;
  const { code, meaning } = error;
  const { uuid } = recording;
  const note = (end: { round: boolean; counts: boolean; giveUp?: boolean }) =>
    failUpload(sql, uuid, { code, message: redact(error.message), giveUp: false, ...end });
  const until = await reportFailure(sql, error, redact);
  if (!meaning.circuit && code.startsWith("recording_") && !SAY_NOTHING_OF_THE_PBX.includes(code))
    await reportSuccess(sql, ["pbx_recordings"], now().getTime() - startedAt.getTime());
  // A remembered sub-folder may be what is missing: the next probe looks for it, or makes it anew.
  if (code === "drive_folder_missing") {
    await forgetLostFolder(drive, ...foldersOf(recording, context));
  }
  if (code === "drive_file_lost" && recording.fileId) await forgetFileId(sql, uuid, recording.fileId);
  const facts = { uuid, code, reason: error.message };
  if (until) {
    await note({ round: false, counts: false });
    return { later: behindOthers(until), waitsFor, why: WAITS, context: facts };
  }
  if (code === "recording_not_ready" || code === "drive_file_unseen") {
    await note({ round: false, counts: false });
    const isNotReady = code === "recording_not_ready";
    const waitedMs = isNotReady ? recording.readAt.getTime() - recording.firstSeenAt.getTime() : unseenMs(recording);
    const why = isNotReady ? "The recording is not ready" : "Drive does not show the file yet";
    return { later: patienceMs(waitedMs), why, context: facts };
  }
  const isRoundOver = meaning.retry === "never" || meaning.retry === "round" || job.attempt >= ATTEMPTS_PER_ROUND;
  await note({ round: isRoundOver, counts: meaning.counts, giveUp: meaning.retry === "never" });
  if (!isRoundOver) throw error;
  return { done: "Recording not uploaded", level: "error", logger: "callcenter.upload", context: facts };
}
