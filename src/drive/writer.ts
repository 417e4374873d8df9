import { SyncError } from "../errors.ts";
import { isSameOrigin } from "../origin.ts";
import { type DriveFile, FILE_FIELDS, readFile } from "./file.ts";
import type { Google } from "./google.ts";
import { Parts } from "./parts.ts";
import { feedSession } from "./session.ts";
import type { Source } from "./source.ts";
import type { UploadRequest } from "./upload_request.ts";

export interface WriterOptions {
  google: Google;
  request: UploadRequest;
  rootUrl: URL;
}

/** Sessions begun for one upload before it is left to a later attempt. */
const MOST_SESSIONS = 3;

const MOST_PROPERTY_BYTES = 124;

/** Sends a recording's bytes: once to create the file, again under the same id where Drive holds others. */
export interface Writer {
  /** Null: there is a file of that id already (creating), or none any more (replacing). */
  create(first: FirstPart): Promise<DriveFile | null>;
  replace(first: FirstPart): Promise<DriveFile | null>;
}

/** The beginning of a recording, or all of it. */
export interface FirstPart {
  /** As large as a part. */
  buffer: Uint8Array<ArrayBuffer>;
  /** How much of it is filled. */
  length: number;
  isWhole: boolean;
}

interface Target {
  doing: string;
  method: "POST" | "PATCH";
  path: string;
  metadata: object;
}

export function createWriter({ google, request, rootUrl }: WriterOptions, source: Source): Writer {
  const { fileId, name, mimeType, parentId, appProperties, signal } = request;
  let savedSession = addressOf(request.session, rootUrl);

  const write = (target: Target, first: FirstPart) =>
    first.isWhole ? sendWhole(target, first) : sendParts(target, first);

  /** A small recording goes in one request, metadata and bytes (RFC 2387). */
  async function sendWhole(target: Target, { buffer, length }: FirstPart): Promise<DriveFile | null> {
    await forgetSession();
    const boundary = `callcenter-${crypto.randomUUID()}`;
    const head = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(target.metadata)}\r\n`;
    const media = `--${boundary}\r\nContent-Type: ${mimeType}\r\n\r\n`;
    const body = [head + media, buffer.subarray(0, length), `\r\n--${boundary}--\r\n`];
    const headers = { "content-type": `multipart/related; boundary=${boundary}` };
    const { method, doing } = target;
    const upload = { method, url: urlOf(target, "multipart"), headers, body };
    const answer = await google.send(doing, upload, { ...expecting(target), signal });
    return answer.status === missing(target) ? null : fileOf(doing, answer.body);
  }

  /** A session for a recording that has become small. */
  async function forgetSession(): Promise<void> {
    if (savedSession) await request.saveSession(null);
    savedSession = null;
  }

  /** A large one goes in parts, in a session that outlives this process. */
  async function sendParts(target: Target, first: FirstPart): Promise<DriveFile | null> {
    let resumed = savedSession;
    savedSession = null;
    const parts = new Parts(source, first.buffer, first.length);
    for (let sessions = 0; sessions < MOST_SESSIONS; sessions++) {
      const address = resumed ?? (await startSession(target));
      if (!address) return null;
      const session = { doing: target.doing, address, isResumed: resumed !== null, signal };
      const standing = await feedSession(google, session, parts);
      await request.saveSession(null);
      if (standing === "taken") return null;
      if (typeof standing === "object" && "file" in standing) return standing.file;
      resumed = null;
    }
    throw new SyncError(
      "drive_session_lost",
      `Cannot ${target.doing}: Google lost its upload session ${MOST_SESSIONS} times`,
    );
  }

  async function startSession(target: Target): Promise<URL | null> {
    const { doing, method } = target;
    const headers = {
      "content-type": "application/json; charset=UTF-8",
      "x-upload-content-type": mimeType,
      ...(source.sizeBytes !== null && { "x-upload-content-length": String(source.sizeBytes) }),
    };
    const start = { method, url: urlOf(target, "resumable"), headers, body: [JSON.stringify(target.metadata)] };
    const answer = await google.send(doing, start, { ...expecting(target), signal });
    if (answer.status === missing(target)) return null;
    const address = addressOf(answer.headers.get("location"), rootUrl);
    if (!address) throw new SyncError("drive_bad_answer", `Cannot ${doing}: Google named no session of its own`);
    await request.saveSession(address.href);
    return address;
  }

  function urlOf({ path }: Target, uploadType: string): URL {
    const query = new URLSearchParams({ uploadType, supportsAllDrives: "true", fields: FILE_FIELDS });
    return new URL(`upload/drive/v3/files${path}?${query}`, rootUrl);
  }

  const doing = `upload "${name}" to Google Drive`;
  const metadata = { name, mimeType, appProperties: fitting(appProperties) };
  const creation = { ...metadata, id: fileId, parents: [parentId] };
  const replacement = { ...metadata, trashed: false };
  return {
    create: (first) => write({ doing, method: "POST", path: "", metadata: creation }, first),
    replace: (first) => write({ doing, method: "PATCH", path: `/${fileId}`, metadata: replacement }, first),
  };
}

/** The status that says: create what exists, or replace what does not. */
const missing = ({ method }: Target) => (method === "POST" ? 409 : 404);

const expecting = (target: Target) => ({ expected: [missing(target)], ofOneFile: target.method === "PATCH" });

/** Drive refuses the whole file for one property of more than 124 bytes, key and value. */
function fitting(appProperties: Record<string, string>): Record<string, string> {
  const fits = ([key, value]: [string, string]) => Buffer.byteLength(key + value) <= MOST_PROPERTY_BYTES;
  return Object.fromEntries(Object.entries(appProperties).filter(fits));
}

function fileOf(doing: string, body: unknown): DriveFile {
  const file = readFile(body);
  if (file) return file;
  throw new SyncError("drive_server_error", `Cannot ${doing}: Google answered without a file`);
}

/** A session's address, null unless it is Google's: bytes and token go nowhere else. */
function addressOf(text: string | null, rootUrl: URL): URL | null {
  const url = text === null ? null : URL.parse(text, rootUrl);
  if (!url) return null;
  const isGoogles = url.protocol === "https:" && /(^|\.)googleapis\.com$/.test(url.hostname);
  return isGoogles || isSameOrigin(url, rootUrl) ? url : null;
}
