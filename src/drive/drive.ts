import type { Log } from "../log.ts";
import { type DriveReport, examine } from "./examine.ts";
import { createFiles, type Files } from "./files.ts";
import { connectGoogle } from "./google.ts";
import { createIdStore } from "./ids.ts";
import { createPacer } from "./pacer.ts";
import { GRANULE_BYTES } from "./parts.ts";
import { createTransport } from "./transport.ts";
import { type UploadedFile, upload } from "./upload.ts";
import type { UploadRequest } from "./upload_request.ts";

export type { DriveReport } from "./examine.ts";
export type { DriveFile } from "./file.ts";
export type { UploadedFile } from "./upload.ts";
export type { UploadRequest } from "./upload_request.ts";

export interface DriveConfig {
  /** A service account's key or an authorized user, parsed; or why there are none (`{ missing: "…" }`). */
  credentials: unknown;
  /** The user for whom a service account acts. */
  subject?: string | undefined;
  /** `root` is My Drive. */
  folderId: string;
  rootUrl: URL;
  /** Instead of the credentials' own `token_uri`. */
  tokenUrl?: URL | undefined;
  timeouts?: { answerMs?: number; stallMs?: number };
  /** Bytes of a large recording that are sent at once, and kept in memory until Drive has them. */
  chunkBytes?: number;
  /** Waits before further tries at once. */
  retryDelaysMs?: readonly number[];
  now?: () => Date;
}

/** Google Drive, as far as recordings are concerned. Every failure is a SyncError, its code Google's reason understood. */
export interface Drive extends Files {
  /** An id to make a file or a folder with; never the same twice. */
  reserveId(): Promise<string>;
  /** See `upload.ts`: exactly once, verified, safe to repeat. */
  upload(request: UploadRequest): Promise<UploadedFile>;
  /** What `doctor` wants to know. Makes a small file in the folder, and removes it. */
  examine(): Promise<DriveReport>;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
const TIMEOUTS = { answerMs: 60_000, stallMs: 30_000 };
const GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token";

/** Sends nothing before it is asked for something: bad credentials show then. */
export function createDrive(config: DriveConfig, log: Log): Drive {
  const { credentials, subject, folderId, now = () => new Date() } = config;
  const rootUrl = new URL(config.rootUrl.href.replace(/\/*$/, "/"));
  const chunkBytes = Math.max(GRANULE_BYTES, config.chunkBytes ?? CHUNK_BYTES);
  const tokenUrl = config.tokenUrl ?? tokenUrlOf(credentials);
  const transport = createTransport({ tokenUrl, ...TIMEOUTS, ...config.timeouts, now });
  const driveLog = log.named("callcenter.drive");
  const pacer = createPacer(driveLog, config.retryDelaysMs);
  const google = connectGoogle({ credentials, subject, rootUrl, transport, pacer, now });
  const files = createFiles(google, folderId);
  const reserveId = createIdStore(google);
  const uploadOne = (request: UploadRequest) => upload(request, { google, files, rootUrl, chunkBytes, log: driveLog });
  const { clockSkewMs } = transport;
  return {
    ...files,
    reserveId,
    upload: uploadOne,
    examine: () =>
      examine({ google, files, credentials, subject, folderId, clockSkewMs, reserveId, upload: uploadOne }),
  };
}

/** Where the credentials say that tokens are to be had. */
function tokenUrlOf(credentials: unknown): URL {
  const named = (credentials as { token_uri?: unknown } | null)?.token_uri;
  return (typeof named === "string" ? URL.parse(named) : null) ?? new URL(GOOGLE_TOKEN_URL);
}
