import { SyncError } from "../errors.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { FOLDER_TYPE, readFile } from "./file.ts";
import type { Files } from "./files.ts";
import { everywhere, type Google } from "./google.ts";
import type { UploadRequest } from "./upload_request.ts";

/** What `doctor` says of Drive. What could not be found out, since something before it failed, is null. */
export interface DriveReport {
  credentials: Credentials["type"] | null;
  /** Whose eyes look: the subject, the service account, or the user. */
  account: string | null;
  /** The user for whom a service account acts. */
  subject: string | null;
  /** Google gave a token and took it. */
  tokenWorks: boolean | null;
  folder: FolderReport | null;
  /** True where every upload will be refused: a service account owns no storage, and the folder is in somebody's My Drive. */
  ownsNoStorage: boolean | null;
  /** A file was made in the folder, and removed. */
  writable: boolean | null;
  /** The name of the test file where it could be made but not removed (role 'Contributor' of a Shared Drive). */
  leftBehind: string | null;
  /** Null too where there is no limit, and in Shared Drives. */
  freeBytes: number | null;
  /** How far Google's clock is ahead of ours. Minutes break every service account. */
  clockSkewMs: number | null;
  /** The first thing that failed. */
  problem: SyncError | null;
}

export interface FolderReport {
  id: string;
  name: string;
  isInSharedDrive: boolean;
  canAddChildren: boolean;
}

export interface Examination {
  google: Google;
  files: Files;
  credentials: unknown;
  subject: string | undefined;
  folderId: string;
  clockSkewMs: () => number | null;
  reserveId: () => Promise<string>;
  upload: (request: UploadRequest) => Promise<{ id: string }>;
}

const NOTHING_KNOWN: DriveReport = {
  credentials: null,
  account: null,
  subject: null,
  tokenWorks: null,
  folder: null,
  ownsNoStorage: null,
  writable: null,
  leftBehind: null,
  freeBytes: null,
  clockSkewMs: null,
  problem: null,
};

/** Tries everything that an upload needs, one after the other, up to the first thing that fails. Throws no SyncError. */
export async function examine(options: Examination): Promise<DriveReport> {
  const report: DriveReport = { ...NOTHING_KNOWN };
  try {
    readAccount(report, options);
    await tryToken(report, options);
    await tryFolder(report, options);
    await tryWriting(report, options);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    report.problem = error;
  }
  report.clockSkewMs = options.clockSkewMs();
  return report;
}

function readAccount(report: DriveReport, options: Examination): void {
  const credentials = readCredentials(options.credentials);
  report.credentials = credentials.type;
  if (credentials.type !== "service_account") return;
  report.subject = options.subject ?? null;
  report.account = options.subject ?? credentials.client_email;
}

async function tryToken(report: DriveReport, { google }: Examination): Promise<void> {
  report.tokenWorks = false;
  const fields = "user(emailAddress),storageQuota(limit,usage)";
  const { body } = await google.call("sign in to Google Drive", (api, options) => api.about.get({ fields }, options));
  report.tokenWorks = true;
  const { user, storageQuota } = body as { user?: { emailAddress?: string }; storageQuota?: Record<string, string> };
  report.account = user?.emailAddress ?? report.account;
  const { limit, usage } = storageQuota ?? {};
  if (limit !== undefined) report.freeBytes = Math.max(0, Number(limit) - Number(usage ?? 0));
}

async function tryFolder(report: DriveReport, { google, folderId }: Examination): Promise<void> {
  const doing = `see folder ${folderId} in Google Drive`;
  const fields = "id,name,mimeType,trashed,driveId,capabilities(canAddChildren)";
  const { body } = await google.call(doing, (api, options) =>
    api.files.get({ fileId: folderId, fields, ...everywhere }, options),
  );
  const file = readFile(body);
  if (!file || file.trashed || file.mimeType !== FOLDER_TYPE) {
    const why = file?.trashed ? "it lies in the trash" : `it is no folder but ${file?.mimeType || "nothing"}`;
    throw new SyncError("drive_folder_missing", `Cannot ${doing}: ${why}`);
  }
  const { driveId, capabilities } = body as { driveId?: string; capabilities?: { canAddChildren?: boolean } };
  const isInSharedDrive = driveId !== undefined;
  report.folder = {
    id: file.id,
    name: file.name,
    isInSharedDrive,
    canAddChildren: capabilities?.canAddChildren ?? false,
  };
  report.ownsNoStorage = report.credentials === "service_account" && report.subject === null && !isInSharedDrive;
  if (isInSharedDrive) report.freeBytes = null;
}

async function tryWriting(report: DriveReport, { files, folderId, reserveId, upload }: Examination): Promise<void> {
  report.writable = false;
  const name = "callcenter-sync doctor.txt";
  const bytes = new TextEncoder().encode(
    "Made by callcenter-sync to see whether it may write here. It can be deleted.\n",
  );
  const file = await upload({
    fileId: await reserveId(),
    name,
    mimeType: "text/plain",
    parentId: folderId,
    appProperties: {},
    exists: false,
    open: async () => ({ body: new Blob([bytes]).stream(), sizeBytes: bytes.length }),
    session: null,
    saveSession: async () => {},
  });
  report.writable = true;
  report.leftBehind = name;
  await files.remove(file.id);
  report.leftBehind = null;
}
