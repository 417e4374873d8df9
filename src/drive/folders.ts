import { SyncError } from "../errors.ts";
import { type DriveFile, FOLDER_TYPE, getFile } from "./file.ts";
import { everywhere, type Google } from "./google.ts";
import { quoted, search } from "./listing.ts";

/** A folder to be made, under a reserved id. */
export interface NewFolder {
  id: string;
  name: string;
  parentId: string;
}

/** The oldest of that name: everybody finds the same one of twins. */
export async function findFolder(google: Google, name: string, parentId: string): Promise<string | null> {
  const q = `name = ${quoted(name)} and ${quoted(parentId)} in parents and mimeType = '${FOLDER_TYPE}' and trashed = false`;
  let oldest: DriveFile | null = null;
  for await (const folder of search(google, q)) {
    if (!oldest || ageOrder(folder) < ageOrder(oldest)) oldest = folder;
  }
  return oldest?.id ?? null;
}

/** A second creation under the same id is refused, and made nothing twice. */
export async function createFolder(google: Google, { id, name, parentId }: NewFolder): Promise<void> {
  const requestBody = { id, name, mimeType: FOLDER_TYPE, parents: [parentId] };
  await google.call(
    `make folder "${name}" in Google Drive`,
    (api, options) => api.files.create({ requestBody, fields: "id", ...everywhere }, options),
    { expected: [409] },
  );
}

/** Whether a folder is absent, though its parent is to be seen, or in the trash. */
export async function isFolderGone(google: Google, id: string, parentId: string): Promise<boolean> {
  const look = async () => {
    const folder = await getFile(google, id);
    if (folder) return folder.trashed;
    const code = (await getFile(google, parentId)) ? "drive_file_lost" : "drive_folder_missing";
    throw new SyncError(code, `Cannot see folder ${id} in Google Drive`);
  };
  return google.pacer.run(look).catch((error: unknown) => {
    if (error instanceof SyncError) return error.code === "drive_file_lost";
    throw error;
  });
}

const ageOrder = ({ createdTime, id }: DriveFile) => `${createdTime.toISOString()} ${id}`;
