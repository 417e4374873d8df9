import { SyncError } from "../errors.ts";
import { type DriveFile, FILE_FIELDS, getFile, readFile } from "./file.ts";
import { createFolder, findFolder, isFolderGone, type NewFolder } from "./folders.ts";
import { type Ask, everywhere, type Google } from "./google.ts";
import { listDeep, listFolder } from "./listing.ts";

/** What Drive is asked and told about files, apart from their bytes. */
export interface Files {
  /** The file; null where there is none that we may see. */
  get(id: string, signal?: AbortSignal): Promise<DriveFile | null>;
  /**
   * Those of these files that there are, by their ids, a few asked for at a time. What is not there is asked for again, with patience: now and
   * then, and right after it was made, Drive answers 404 for what is there.
   */
  find(ids: readonly string[], signal?: AbortSignal): Promise<Map<string, DriveFile>>;
  /** Takes a file out of the trash; where it lies there with its folder, by moving it to this one. */
  restore(file: DriveFile, folderId: string): Promise<DriveFile>;
  /** Deletes for good, past the trash; a file that is not there is no error. */
  remove(id: string): Promise<void>;
  /**
   * Every file in the configured folder and the folders in it, at any depth, those in the trash too, page by page. Drive's
   * search lags: what was just uploaded may be absent, so ask `get` before saying that something is missing.
   */
  list(options?: { signal?: AbortSignal }): AsyncGenerator<DriveFile>;
  /** Every file that lies in a folder itself, also one that is not in the configured one; of a folder that is hidden from us, none. */
  listFolder(folderId: string, signal?: AbortSignal): AsyncGenerator<DriveFile>;
  /** The id of the oldest folder of that name, so that everybody finds the same one of twins; null where there is none. */
  findFolder(name: string, parentId: string): Promise<string | null>;
  /** True where a folder is gone, or in the trash, though the folder that it was in is to be seen. Asks with patience, as `find` does. */
  isGone(folderId: string, parentId: string): Promise<boolean>;
  /** Makes a folder under a reserved id. Safe twice. */
  createFolder(folder: NewFolder): Promise<void>;
}

/** Files asked for at a time. */
const FILES_AT_ONCE = 8;

/** All of it, of the configured folder. */
export function createFiles(google: Google, folderId: string): Files {
  return {
    get: (id, signal) => getFile(google, id, signal),
    find: (ids, signal) => findFiles(google, ids, signal),
    restore: (file, toFolderId) => restoreFile(google, file, toFolderId),
    remove: (id) => removeFile(google, id),
    list: ({ signal } = {}) => listDeep(google, folderId, signal),
    listFolder: (id, signal) => listFolder(google, id, signal),
    findFolder: (name, parentId) => findFolder(google, name, parentId),
    isGone: (id, parentId) => isFolderGone(google, id, parentId),
    createFolder: (folder) => createFolder(google, folder),
  };
}

async function findFiles(
  google: Google,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, DriveFile>> {
  const found = new Map<string, DriveFile>();
  const look = async () => {
    // One iterator for all who ask: where one fails it ends for the others too.
    const absent = (function* () {
      for (const id of new Set(ids)) if (!found.has(id)) yield id;
    })();
    const ask = async () => {
      for (const id of absent) {
        const file = await getFile(google, id, signal);
        if (file) found.set(id, file);
      }
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, ask));
    if (ids.some((id) => !found.has(id))) throw new SyncError("drive_file_lost", "Cannot see files in Google Drive");
  };
  await google.pacer.run(look, signal).catch((error: unknown) => {
    if (!(error instanceof SyncError && error.code === "drive_file_lost")) throw error;
  });
  return found;
}

async function restoreFile(google: Google, { id, parents }: DriveFile, toFolderId: string): Promise<DriveFile> {
  const doing = `take file ${id} out of Google Drive's trash`;
  const asked = { fileId: id, requestBody: { trashed: false }, fields: FILE_FIELDS, ...everywhere };
  const update = async (move: { addParents?: string; removeParents?: string } = {}) => {
    const ask: Ask = (api, options) => api.files.update({ ...asked, ...move }, options);
    return readFile((await google.call(doing, ask, { ofOneFile: true })).body);
  };
  let file = await update();
  if (file?.trashed && !parents.includes(toFolderId)) {
    file = await update({ addParents: toFolderId, removeParents: parents.join(",") });
  }
  if (file && !file.trashed) return file;
  throw new SyncError("drive_folder_missing", `Cannot ${doing}: its folder lies in the trash`);
}

async function removeFile(google: Google, fileId: string): Promise<void> {
  await google.call(
    `delete file ${fileId} from Google Drive`,
    (api, options) => api.files.delete({ fileId, ...everywhere }, options),
    { expected: [404] },
  );
}
