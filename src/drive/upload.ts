import { SyncError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { DriveFile } from "./file.ts";
import type { Files } from "./files.ts";
import type { Google } from "./google.ts";
import { type Digest, Source } from "./source.ts";
import type { UploadRequest } from "./upload_request.ts";
import { type FirstPart, Writer } from "./writer.ts";

/** A file whose bytes were compared with the recording's. */
export interface UploadedFile extends DriveFile {
  sizeBytes: number;
  md5: string;
}

export interface UploadOptions {
  google: Google;
  files: Files;
  rootUrl: URL;
  chunkBytes: number;
  log: Log;
}

/** Up to here a recording is sent in one request. */
const SMALL_BYTES = 4 * 1024 * 1024;

/** How often one attempt writes a file whose MD5 turns out wrong. */
const MOST_WRITES = 3;

/**
 * Brings a recording to Drive, exactly once: the file has the reserved id, whatever was interrupted or whose answer was
 * lost; it is returned only when its size and MD5 in Drive are those of the bytes that the PBX sent. Safe to repeat, also
 * while another attempt still runs. Throws SyncError (`drive_…`, and whatever `open` throws).
 */
export async function upload(request: UploadRequest, options: UploadOptions): Promise<UploadedFile> {
  const source = new Source(request.open, request.onChunk?.bind(request), request.signal);
  try {
    const writer = new Writer({ ...options, request }, source);
    return await uploadFrom(source, writer, request, options);
  } finally {
    source.close();
  }
}

async function uploadFrom(source: Source, writer: Writer, request: UploadRequest, options: UploadOptions) {
  const { fileId, exists, session, signal } = request;
  const { files, chunkBytes, log } = options;
  let first = await readFirst(source, chunkBytes);
  let file = exists && session === null ? await files.get(fileId, signal) : null;

  for (let writes = 0; ; writes++) {
    if (file) {
      const digest = await source.digest();
      file = await completed(file, files, signal);
      if (file && agrees(file, digest)) return await untrashed(file, request, files);
      if (writes === MOST_WRITES) throw mismatch(request, file, digest);
      log.warn("The file in Google Drive is not the recording and is written again", { file_id: fileId, writes });
    }
    if (writes === MOST_WRITES) throw unseen(request);
    if (!first.isWhole && source.position !== first.length) {
      await source.seek(0);
      first = await readFirst(source, chunkBytes);
    }
    file = file ? await writer.replace(first) : ((await writer.create(first)) ?? (await found(request, options)));
  }
}

async function readFirst(source: Source, chunkBytes: number): Promise<FirstPart> {
  await source.open();
  const smallBytes = Math.min(SMALL_BYTES, chunkBytes);
  const isSmall = source.sizeBytes !== null && source.sizeBytes <= smallBytes;
  const buffer = new Uint8Array(isSmall ? (source.sizeBytes ?? 0) : chunkBytes);
  const length = await source.fill(buffer.subarray(0, smallBytes));
  return { buffer, length, isWhole: await source.atEnd() };
}

/**
 * The file that has the id already: an earlier attempt made it, and its answer was lost. It is looked for with patience,
 * since whoever takes it for lost makes a second one.
 */
async function found(request: UploadRequest, { google, files }: UploadOptions): Promise<DriveFile> {
  const { fileId, parentId, signal } = request;
  return google.pacer.run(async () => {
    const file = await files.get(fileId, signal);
    if (file) return file;
    throw (await files.get(parentId, signal)) ? unseen(request) : hidden(request);
  }, signal);
}

/** Drive may answer before it has counted: then it is asked again. */
async function completed(file: DriveFile, files: Files, signal: AbortSignal | undefined): Promise<DriveFile | null> {
  return file.md5 === null || file.sizeBytes === null ? await files.get(file.id, signal) : file;
}

const agrees = (file: DriveFile, { sizeBytes, md5 }: Digest): file is UploadedFile =>
  file.sizeBytes === sizeBytes && file.md5 === md5;

async function untrashed(file: UploadedFile, { parentId }: UploadRequest, files: Files): Promise<UploadedFile> {
  if (file.trashed) await files.restore(file, parentId);
  return { ...file, trashed: false };
}

function mismatch({ fileId }: UploadRequest, file: DriveFile | null, digest: Digest): SyncError {
  const inDrive = `${file?.sizeBytes ?? "no"} bytes, MD5 ${file?.md5 ?? "unknown"}`;
  const sent = `${digest.sizeBytes} bytes, MD5 ${digest.md5}`;
  return new SyncError("drive_checksum", `Cannot upload file ${fileId}: Drive has ${inDrive}; the PBX sent ${sent}`);
}

function unseen({ fileId }: UploadRequest): SyncError {
  const why = "the id is in use, but there is no such file that we may see";
  return new SyncError("drive_file_unseen", `Cannot upload file ${fileId}: ${why}`);
}

function hidden({ fileId, parentId }: UploadRequest): SyncError {
  return new SyncError("drive_folder_missing", `Cannot upload file ${fileId}: folder ${parentId} is not to be seen`);
}
