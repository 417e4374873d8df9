import type { drive_v3 } from "@googleapis/drive";
import { everywhere, type Google } from "./google.ts";

/** A file as Drive has it. */
export interface DriveFile {
  id: string;
  name: string;
  /** Null for what has no bytes of its own (folders, Google's own documents). */
  sizeBytes: number | null;
  md5: string | null;
  mimeType: string;
  webViewLink: string;
  appProperties: Record<string, string>;
  /** In the trash, or in a folder that is. */
  trashed: boolean;
  parents: string[];
  createdTime: Date;
}

export const FOLDER_TYPE = "application/vnd.google-apps.folder";

/** What we ask Drive to tell of a file. */
export const FILE_FIELDS =
  "id,name,size,md5Checksum,mimeType,webViewLink,appProperties,trashed,parents,createdTime" as const;

/** Reads a file out of Google's answer; null where it is none. */
export function readFile(answer: unknown): DriveFile | null {
  if (typeof answer !== "object" || answer === null) return null;
  const file = answer as drive_v3.Schema$File;
  if (!file.id) return null;
  return {
    id: file.id,
    name: file.name ?? "",
    sizeBytes: file.size == null ? null : Number(file.size),
    md5: file.md5Checksum ?? null,
    mimeType: file.mimeType ?? "",
    webViewLink: file.webViewLink ?? `https://drive.google.com/file/d/${file.id}/view`,
    appProperties: file.appProperties ?? {},
    trashed: file.trashed ?? false,
    parents: file.parents ?? [],
    createdTime: new Date(file.createdTime ?? 0),
  };
}

/** The file; null where there is none that we may see. */
export async function getFile(google: Google, fileId: string, signal?: AbortSignal): Promise<DriveFile | null> {
  const { status, body } = await google.call(
    `look up file ${fileId} in Google Drive`,
    (api, options) => api.files.get({ fileId, fields: FILE_FIELDS, ...everywhere }, options),
    { expected: [404], signal, ofOneFile: true },
  );
  return status === 404 ? null : readFile(body);
}
