import type { Drive } from "../src/drive/drive.ts";
import type { DriveFile } from "../src/drive/file.ts";
import {
  endLook,
  type LookCounts,
  noteChecked,
  noteFilesSeen,
  noteListed,
  openLook,
} from "../src/store/drive_check.ts";
import {
  checkCalls,
  type Doubt,
  flagTwins,
  flagUnseen,
  noteSeenFiles,
  type SeenFile,
  uploadAgain,
} from "../src/store/drive_files.ts";
import type { Sql } from "../src/store/open.ts";
import { defineTask } from "../src/worker/define_task.ts";

/** Files noted, and calls checked, in one statement. */
const PAGE = 1_000;
/** Files asked for by their ids before the calls are checked again. */
const ASKED = 100;
/** So many files found one by one in a folder, and it is listed. */
const WORTH_LISTING = 10;

interface Look {
  sql: Sql;
  drive: Drive;
  signal: AbortSignal;
  jobId: string;
  at: Date;
  /** How many files the list left out that are as they should be, by their folder: one that was used before, or by another system. */
  elsewhere: Map<string, number>;
}

/** What lies in Drive against the table: what was deleted, trashed or altered there is flagged, and uploaded again while the PBX has it. */
export default defineTask("verify_drive", async (_payload, { sql, drive, now, signal, job }) => {
  if (!drive) return { done: "Nothing to verify: Google Drive is disabled" };
  const { at, isListed, checkedTo } = await openLook(sql, job.id, now());
  const look = { sql, drive, signal, jobId: job.id, at, elsewhere: new Map<string, number>() };
  if (!isListed) {
    await noteFiles(look, drive.list({ signal }));
    await noteListed(sql, job.id);
  }
  for (let after: string | null = checkedTo; after !== null; ) {
    signal.throwIfAborted();
    const { last, ...counts }: CheckedPage = await checkPage(look, after);
    if (last !== null) await noteChecked(sql, job.id, { last, ...counts });
    after = last;
  }
  const twins = await flagTwins(sql, at);
  const counts = await endLook(sql, job.id);
  const level = counts.lost + counts.unseen + twins > 0 ? "warn" : "info";
  return { done: "Drive verified", level, context: { ...counts, twins } };
});

/** Notes files as the look sees them, page by page. */
async function noteFiles({ sql, jobId, at }: Look, files: AsyncIterable<DriveFile>): Promise<void> {
  let page: SeenFile[] = [];
  const flush = async () => {
    await noteSeenFiles(sql, page, at);
    await noteFilesSeen(sql, jobId, page.length);
    page = [];
  };
  for await (const file of files) {
    page.push(seen(file));
    if (page.length === PAGE) await flush();
  }
  await flush();
}

function seen({ id, name, sizeBytes, md5, webViewLink: url, trashed, appProperties }: DriveFile): SeenFile {
  const uuid = appProperties.uuid ?? /^(.+)_\d{8}_\d{6}\.\w+$/.exec(name)?.[1] ?? null;
  return { id, uuid, name, sizeBytes, md5, url, trashed };
}

interface CheckedPage extends LookCounts {
  last: string | null;
}

/** A page of calls. A list may lag or leave out a folder: what it says is missing or changed is asked for by its id before it counts. */
async function checkPage(look: Look, after: string): Promise<CheckedPage> {
  const { sql, drive, at, signal } = look;
  const asked = new Set<string>();
  const found: Finding[] = [];
  for (let restored = 0; ; ) {
    const { last, verified, ...page } = await checkCalls(sql, at, { after, limit: PAGE });
    restored += page.restored;
    const doubts = page.doubts.filter(({ uuid }) => !asked.has(uuid)).slice(0, ASKED);
    if (doubts.length === 0) return { last, verified, restored, ...(await note(look, found)) };
    const files = await drive.find(
      doubts.flatMap(({ fileId }) => fileId || []),
      signal,
    );
    await noteSeenFiles(sql, [...files.values()].map(seen), at);
    const sound: DriveFile[] = [];
    for (const doubt of doubts) {
      asked.add(doubt.uuid);
      const file = files.get(doubt.fileId);
      const what = flawOf(doubt, file);
      if (what) found.push({ uuid: doubt.uuid, what });
      else if (file) sound.push(file);
    }
    for (const folderId of oftenFoundIn(look.elsewhere, sound)) {
      await noteFiles(look, drive.listFolder(folderId, signal));
    }
  }
}

/** Counts files to the folders that they lie in. Returns the folders that became worth a list of their own. */
function oftenFoundIn(elsewhere: Map<string, number>, files: readonly DriveFile[]): string[] {
  const worthy: string[] = [];
  for (const { parents } of files) {
    for (const id of parents) {
      const count = (elsewhere.get(id) ?? 0) + 1;
      elsewhere.set(id, count);
      if (count === WORTH_LISTING) worthy.push(id);
    }
  }
  return worthy;
}

interface Finding {
  uuid: string;
  what: "deleted" | "trashed" | "altered" | "unseen";
}

/** What a file that was asked for says against its recording; null where it is as it should be. A link of the old system is never taken away. */
function flawOf({ isAdopted, md5, sizeBytes }: Doubt, file: DriveFile | undefined): Finding["what"] | null {
  if (isAdopted) return !file || file.trashed || file.sizeBytes === 0 ? "unseen" : null;
  if (!file) return "deleted";
  if (file.trashed) return "trashed";
  return file.md5 === md5 && file.sizeBytes === sizeBytes ? null : "altered";
}

async function note({ sql, at }: Look, found: Finding[]) {
  const lost = found.flatMap(({ uuid, what }) => (what === "unseen" ? [] : { uuid, what }));
  const unseen = found.flatMap(({ uuid, what }) => (what === "unseen" ? uuid : []));
  if (lost.length > 0) await uploadAgain(sql, lost, at);
  if (unseen.length > 0) await flagUnseen(sql, unseen);
  return { lost: lost.length, unseen: unseen.length };
}
