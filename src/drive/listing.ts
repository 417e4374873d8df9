import { SyncError } from "../errors.ts";
import { type DriveFile, FILE_FIELDS, FOLDER_TYPE, readFile } from "./file.ts";
import { everywhere, type Google } from "./google.ts";

const PAGE = 1000;
/** Folders asked about in one question. */
const FOLDERS_AT_ONCE = 20;

/** All that a query finds, page by page (developers.google.com/workspace/drive/api/guides/search-files). */
export async function* search(google: Google, q: string, signal?: AbortSignal): AsyncGenerator<DriveFile> {
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

/** The files in a folder and in the folders in it, at any depth. */
export async function* listDeep(google: Google, folderId: string, signal?: AbortSignal): AsyncGenerator<DriveFile> {
  const folders = [folderId];
  while (folders.length > 0) {
    const parents = folders.splice(0, FOLDERS_AT_ONCE).map((id) => `${quoted(id)} in parents`);
    for await (const file of search(google, parents.join(" or "), signal)) {
      if (file.mimeType === FOLDER_TYPE) folders.push(file.id);
      else yield file;
    }
  }
}

/** The files in a folder itself; none where it is hidden from us. */
export async function* listFolder(google: Google, folderId: string, signal?: AbortSignal): AsyncGenerator<DriveFile> {
  try {
    for await (const file of search(google, `${quoted(folderId)} in parents`, signal))
      if (file.mimeType !== FOLDER_TYPE) yield file;
  } catch (error) {
    if (!(error instanceof SyncError && error.code === "drive_folder_missing")) throw error;
  }
}

/** A string of Drive's query language. */
export const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;

function readPage(body: unknown): { files: DriveFile[]; nextPageToken: string | undefined } {
  const { files, nextPageToken } = (body ?? {}) as { files?: unknown; nextPageToken?: string };
  if (!Array.isArray(files)) {
    throw new SyncError("drive_bad_answer", "Cannot list files in Google Drive: Google's answer has no list");
  }
  return { files: files.flatMap((file) => readFile(file) ?? []), nextPageToken };
}
