import type { Drive } from "../src/drive/drive.ts";
import type { DriveFile } from "../src/drive/file.ts";
import {
  checkCalls,
  type Doubt,
  flagTwins,
  flagUnseen,
  noteSeenFiles,
  type SeenFile,
  uploadAgain,
} from "../src/store/drive_files.ts";
import { defineTask, type JobContext } from "../src/worker/define_task.ts";

/** Files noted, and calls checked, in one statement. */
const PAGE = 1_000;
/** Files asked for by their ids before the calls are checked again. */
const ASKED = 200;

type Look = Pick<JobContext, "sql" | "signal"> & { drive: Drive; at: Date };

/** What lies in Drive against the table: what was deleted, trashed or altered there is flagged, and uploaded again while the PBX has it. */
export default defineTask("verify_drive", async (_payload, { sql, drive, now, signal }) => {
  if (!drive) return { done: "Nothing to verify: Google Drive is disabled" };
  const look = { sql, drive, signal, at: now() };
  const files = await noteFiles(look);
  const found = { verified: 0, restored: 0, lost: 0, unseen: 0 };
  for (let after: string | null = ""; after !== null; ) {
    signal.throwIfAborted();
    const page = await checkPage(look, after);
    found.verified += page.verified;
    found.restored += page.restored;
    found.lost += page.lost;
    found.unseen += page.unseen;
    after = page.last;
  }
  const twins = await flagTwins(sql, look.at);
  const level = found.lost + found.unseen + twins > 0 ? "warn" : "info";
  return { done: "Drive verified", level, context: { files, ...found, twins } };
});

/** Notes every file of the folder. Returns how many there are. */
async function noteFiles({ sql, drive, at, signal }: Look): Promise<number> {
  let page: SeenFile[] = [];
  let files = 0;
  for await (const file of drive.list({ signal })) {
    page.push(seen(file));
    files++;
    if (page.length === PAGE) {
      await noteSeenFiles(sql, page, at);
      page = [];
    }
  }
  if (page.length > 0) await noteSeenFiles(sql, page, at);
  return files;
}

function seen({ id, name, sizeBytes, md5, webViewLink: url, trashed, appProperties }: DriveFile): SeenFile {
  const uuid = appProperties.uuid ?? /^(.+)_\d{8}_\d{6}\.\w+$/.exec(name)?.[1] ?? null;
  return { id, uuid, name, sizeBytes, md5, url, trashed };
}

/** A page of calls. A list may lag or leave out a folder: what it says is missing or changed is asked for by its id before it counts. */
async function checkPage(look: Look, after: string) {
  const { sql, drive, at, signal } = look;
  const asked = new Set<string>();
  const found: Finding[] = [];
  for (let restored = 0; ; ) {
    const page = await checkCalls(sql, at, { after, limit: PAGE });
    restored += page.restored;
    const doubts = page.doubts.filter(({ uuid }) => !asked.has(uuid)).slice(0, ASKED);
    if (doubts.length === 0) return { ...page, restored, ...(await note(look, found)) };
    const files = await drive.find(
      doubts.flatMap(({ fileId }) => fileId || []),
      signal,
    );
    await noteSeenFiles(sql, [...files.values()].map(seen), at);
    for (const doubt of doubts) {
      asked.add(doubt.uuid);
      const what = flawOf(doubt, files.get(doubt.fileId));
      if (what) found.push({ uuid: doubt.uuid, what });
    }
  }
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
