import type { Drive } from "../src/drive/drive.ts";
import type { DriveFile } from "../src/drive/file.ts";
import {
  confirmSeen,
  type Discrepancy,
  findDiscrepancies,
  flagTwins,
  flagUnseen,
  noteSeenFiles,
  type SeenFile,
  uploadAgain,
} from "../src/store/drive_files.ts";
import { defineTask } from "../src/worker/define_task.ts";

const PAGE = 1_000;

/** What lies in Drive against the table: what was deleted, trashed or altered there is flagged, and uploaded again while the PBX has it. */
export default defineTask("verify_drive", async (_payload, { sql, drive, now, signal }) => {
  if (!drive) return { done: "Nothing to verify: Google Drive is disabled" };
  const at = now();
  let page: SeenFile[] = [];
  let files = 0;
  for await (const file of drive.list({ signal })) {
    const uuid = file.appProperties.uuid ?? /^(.+)_\d{8}_\d{6}\.\w+$/.exec(file.name)?.[1] ?? null;
    const { id, name, sizeBytes, md5, webViewLink, trashed } = file;
    page.push({ id, uuid, name, sizeBytes, md5, url: webViewLink, trashed });
    files++;
    if (page.length === PAGE) {
      await noteSeenFiles(sql, page, at);
      page = [];
    }
  }
  if (page.length > 0) await noteSeenFiles(sql, page, at);

  const verified = await confirmSeen(sql, at);
  const found = await confirm(drive, await findDiscrepancies(sql, at));
  const ours = found.filter(({ isAdopted }) => !isAdopted);
  await uploadAgain(sql, ours);
  await flagUnseen(
    sql,
    found.filter(({ isAdopted }) => isAdopted).map(({ uuid }) => uuid),
  );
  const twins = await flagTwins(sql, at);
  const level = found.length + twins > 0 ? "warn" : "info";
  return {
    done: "Drive verified",
    level,
    context: { files, verified, lost: ours.length, unseen: found.length - ours.length, twins },
  };
});

/** A list may lag or leave out a folder: what it says is missing or changed is asked for by its id before it counts. */
async function confirm(drive: Drive, found: Discrepancy[]): Promise<Discrepancy[]> {
  const confirmed: Discrepancy[] = [];
  for (const discrepancy of found) {
    const what = flawOf(discrepancy, discrepancy.fileId ? await drive.get(discrepancy.fileId) : null);
    if (what) confirmed.push({ ...discrepancy, what });
  }
  return confirmed;
}

function flawOf({ isAdopted, md5, sizeBytes }: Discrepancy, file: DriveFile | null): Discrepancy["what"] | null {
  if (!file) return isAdopted ? "unseen" : "deleted";
  if (file.trashed) return "trashed";
  const isAsUploaded = isAdopted || (file.md5 === md5 && file.sizeBytes === sizeBytes);
  return isAsUploaded && file.sizeBytes !== 0 ? null : "altered";
}
