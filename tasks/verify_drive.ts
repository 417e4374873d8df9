import type { Drive } from "../src/drive/drive.ts";
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

/** A list may lag or leave out a folder: what it lacks is asked for by its id before it counts as deleted. */
async function confirm(drive: Drive, found: Discrepancy[]): Promise<Discrepancy[]> {
  const confirmed: Discrepancy[] = [];
  for (const discrepancy of found) {
    const isAbsent = discrepancy.what === "deleted" || discrepancy.what === "unseen";
    const file = isAbsent && discrepancy.fileId ? await drive.get(discrepancy.fileId) : null;
    if (!file) confirmed.push(discrepancy);
    else if (file.trashed) confirmed.push({ ...discrepancy, what: "trashed" });
  }
  return confirmed;
}
