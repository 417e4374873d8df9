import { SyncError } from "../errors.ts";
import { isSameOrigin } from "../origin.ts";
import { type DriveFile, FILE_FIELDS, readFile } from "./file.ts";
import type { Bytes, Google } from "./google.ts";
import { Parts } from "./parts.ts";
import type { Answer } from "./reasons.ts";
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

/** The beginning of a recording, or all of it. */
export interface FirstPart {
  /** As large as a part. */
  buffer: Uint8Array<ArrayBuffer>;
  /** How much of it is filled. */
  length: number;
  isWhole: boolean;
}

interface Target {
  method: "POST" | "PATCH";
  path: string;
  metadata: object;
}

/** Sends a recording's bytes: once to create the file, again under the same id where Drive holds others. */
export class Writer {
  readonly #google: Google;
  readonly #rootUrl: URL;
  readonly #request: UploadRequest;
  readonly #source: Source;
  readonly #doing: string;
  /** Where an interrupted attempt had got to: good once. */
  #savedSession: URL | null;

  constructor({ google, request, rootUrl }: WriterOptions, source: Source) {
    this.#google = google;
    this.#rootUrl = rootUrl;
    this.#request = request;
    this.#source = source;
    this.#doing = `upload "${request.name}" to Google Drive`;
    this.#savedSession = addressOf(request.session, rootUrl);
  }

  /** Null: there is a file of that id already. */
  create(first: FirstPart): Promise<DriveFile | null> {
    const { fileId, parentId } = this.#request;
    const metadata = { ...metadataOf(this.#request), id: fileId, parents: [parentId] };
    return this.#write({ method: "POST", path: "", metadata }, first);
  }

  /** Null: there is no file of that id any more. */
  replace(first: FirstPart): Promise<DriveFile | null> {
    const metadata = { ...metadataOf(this.#request), trashed: false };
    return this.#write({ method: "PATCH", path: `/${this.#request.fileId}`, metadata }, first);
  }

  #write(target: Target, first: FirstPart): Promise<DriveFile | null> {
    return first.isWhole ? this.#sendWhole(target, first) : this.#sendParts(target, first);
  }

  /** A small recording goes in one request, metadata and bytes (RFC 2387). */
  async #sendWhole(target: Target, { buffer, length }: FirstPart): Promise<DriveFile | null> {
    await this.#forgetSession();
    const boundary = `callcenter-${crypto.randomUUID()}`;
    const head = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(target.metadata)}\r\n`;
    const media = `--${boundary}\r\nContent-Type: ${this.#request.mimeType}\r\n\r\n`;
    const body = [head + media, buffer.subarray(0, length), `\r\n--${boundary}--\r\n`];
    const headers = { "content-type": `multipart/related; boundary=${boundary}` };
    const answer = await this.#send(target, "multipart", headers, body);
    return answer.status === missing(target) ? null : fileOf(this.#doing, answer.body);
  }

  /** A session for a recording that has become small. */
  async #forgetSession(): Promise<void> {
    if (this.#savedSession) await this.#request.saveSession(null);
    this.#savedSession = null;
  }

  /** A large one goes in parts, in a session that outlives this process. */
  async #sendParts(target: Target, first: FirstPart): Promise<DriveFile | null> {
    let resumed = this.#savedSession;
    this.#savedSession = null;
    const parts = new Parts(this.#source, first.buffer, first.length);
    for (let sessions = 0; sessions < MOST_SESSIONS; sessions++) {
      const address = resumed ?? (await this.#startSession(target));
      if (!address) return null;
      const session = { doing: this.#doing, address, isResumed: resumed !== null, signal: this.#request.signal };
      const standing = await feedSession(this.#google, session, parts);
      await this.#request.saveSession(null);
      if (standing === "taken") return null;
      if (typeof standing === "object" && "file" in standing) return standing.file;
      resumed = null;
    }
    throw new SyncError(
      "drive_session_lost",
      `Cannot ${this.#doing}: Google lost its upload session ${MOST_SESSIONS} times`,
    );
  }

  async #startSession(target: Target): Promise<URL | null> {
    const { sizeBytes } = this.#source;
    const headers = {
      "content-type": "application/json; charset=UTF-8",
      "x-upload-content-type": this.#request.mimeType,
      ...(sizeBytes !== null && { "x-upload-content-length": String(sizeBytes) }),
    };
    const answer = await this.#send(target, "resumable", headers, [JSON.stringify(target.metadata)]);
    if (answer.status === missing(target)) return null;
    const address = addressOf(answer.headers.get("location"), this.#rootUrl);
    if (!address) throw new SyncError("drive_bad_answer", `Cannot ${this.#doing}: Google named no session of its own`);
    await this.#request.saveSession(address.href);
    return address;
  }

  #send(target: Target, uploadType: string, headers: Record<string, string>, body: Bytes["body"]): Promise<Answer> {
    const { method, path } = target;
    const query = new URLSearchParams({ uploadType, supportsAllDrives: "true", fields: FILE_FIELDS });
    const url = new URL(`upload/drive/v3/files${path}?${query}`, this.#rootUrl);
    const options = { expected: [missing(target)], ofOneFile: method === "PATCH", signal: this.#request.signal };
    return this.#google.send(this.#doing, { method, url, headers, body }, options);
  }
}

const metadataOf = ({ name, mimeType, appProperties }: UploadRequest) => ({
  name,
  mimeType,
  appProperties: fitting(appProperties),
});

/** The status that says: create what exists, or replace what does not. */
const missing = ({ method }: Target) => (method === "POST" ? 409 : 404);

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
