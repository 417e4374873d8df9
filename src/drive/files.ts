import { SyncError } from "../errors.ts";
import { type DriveFile, FILE_FIELDS, FOLDER_TYPE, readFile } from "./file.ts";
import type { Ask, Google } from "./google.ts";

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
  createFolder(folder: { id: string; name: string; parentId: string }): Promise<void>;
}

/** Shared Drives answer 404 to whoever does not say this. */
const everywhere = { supportsAllDrives: true } as const;
const PAGE = 1000;
/** Folders asked about in one question. */
const FOLDERS_AT_ONCE = 20;
/** Files asked for at a time. */
const FILES_AT_ONCE = 8;

export function createFiles(google: Google, folderId: string): Files {
  async function get(fileId: string, signal?: AbortSignal): Promise<DriveFile | null> {
    const { status, body } = await google.call(
      `look up file ${fileId} in Google Drive`,
      (api, options) => api.files.get({ fileId, fields: FILE_FIELDS, ...everywhere }, options),
      { expected: [404], signal, ofOneFile: true },
    );
    return status === 404 ? null : readFile(body);
  }

  async function find(ids: readonly string[], signal?: AbortSignal): Promise<Map<string, DriveFile>> {
    const found = new Map<string, DriveFile>();
    const look = async () => {
      // One iterator for all who ask: where one fails it ends for the others too.
      const absent = (function* () {
        for (const id of new Set(ids)) if (!found.has(id)) yield id;
      })();
      const ask = async () => {
        for (const id of absent) {
          const file = await get(id, signal);
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

  async function restore({ id, parents }: DriveFile, toFolderId: string): Promise<DriveFile> {
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

  async function remove(fileId: string): Promise<void> {
    await google.call(
      `delete file ${fileId} from Google Drive`,
      (api, options) => api.files.delete({ fileId, ...everywhere }, options),
      { expected: [404] },
    );
  }

  async function* search(q: string, signal?: AbortSignal): AsyncGenerator<DriveFile> {
    const fields = `nextPageToken,files(${FILE_FIELDS})`;
    const asked = { q, fields, pageSize: PAGE, includeItemsFromAllDrives: true, ...everywhere };
    let pageToken: string | undefined;
    do {
      const { body } = await google.call(
        "list files in Google Drive",
        (api, options) => api.files.list({ ...asked, ...(pageToken && { pageToken }) }, options),
        { signal },
      );
      const page = readPage(body);
      yield* page.files;
      pageToken = page.nextPageToken;
    } while (pageToken);
  }

  async function* list({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<DriveFile> {
    const folders = [folderId];
    while (folders.length > 0) {
      const parents = folders.splice(0, FOLDERS_AT_ONCE).map((id) => `${quoted(id)} in parents`);
      for await (const file of search(parents.join(" or "), signal)) {
        if (file.mimeType === FOLDER_TYPE) folders.push(file.id);
        else yield file;
      }
    }
  }

  async function* listFolder(id: string, signal?: AbortSignal): AsyncGenerator<DriveFile> {
    try {
      for await (const file of search(`${quoted(id)} in parents`, signal))
        if (file.mimeType !== FOLDER_TYPE) yield file;
    } catch (error) {
      if (!(error instanceof SyncError && error.code === "drive_folder_missing")) throw error;
    }
  }

  async function findFolder(name: string, parentId: string): Promise<string | null> {
    const q = `name = ${quoted(name)} and ${quoted(parentId)} in parents and mimeType = '${FOLDER_TYPE}' and trashed = false`;
    let oldest: DriveFile | null = null;
    for await (const folder of search(q)) {
      if (!oldest || ageOrder(folder) < ageOrder(oldest)) oldest = folder;
    }
    return oldest?.id ?? null;
  }

  async function createFolder({ id, name, parentId }: { id: string; name: string; parentId: string }): Promise<void> {
    const requestBody = { id, name, mimeType: FOLDER_TYPE, parents: [parentId] };
    await google.call(
      `make folder "${name}" in Google Drive`,
      (api, options) => api.files.create({ requestBody, fields: "id", ...everywhere }, options),
      { expected: [409] },
    );
  }

  async function isGone(id: string, parentId: string): Promise<boolean> {
    const look = async () => {
      const file = await get(id);
      if (file) return file.trashed;
      const code = (await get(parentId)) ? "drive_file_lost" : "drive_folder_missing";
      throw new SyncError(code, `Cannot see folder ${id} in Google Drive`);
    };
    return google.pacer.run(look).catch((error: unknown) => {
      if (error instanceof SyncError) return error.code === "drive_file_lost";
      throw error;
    });
  }

  return { get, find, restore, remove, list, listFolder, findFolder, isGone, createFolder };
}

function readPage(body: unknown): { files: DriveFile[]; nextPageToken: string | undefined } {
  const { files, nextPageToken } = (body ?? {}) as { files?: unknown; nextPageToken?: string };
  if (!Array.isArray(files)) {
    throw new SyncError("drive_bad_answer", "Cannot list files in Google Drive: Google's answer has no list");
  }
  return { files: files.flatMap((file) => readFile(file) ?? []), nextPageToken };
}

const ageOrder = ({ createdTime, id }: DriveFile) => `${createdTime.toISOString()} ${id}`;

/** A string of Drive's query language. */
const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
