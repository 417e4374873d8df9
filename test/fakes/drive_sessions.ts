import { randomBytes } from "node:crypto";
import { type Answer, beforeCommit, type Call, meetFault, Reset, readJson } from "./drive_call.ts";
import { Content, GRANULE_BYTES, type Sealed, spoil } from "./drive_content.ts";
import { changesOf, draftOf, subjectOf } from "./drive_draft.ts";
import { plainRefusal, refusal } from "./drive_refusals.ts";
import { admitUpload, type Upload } from "./drive_upload.ts";

/** A resumable upload under way, or done: then `answer` is given to whoever asks. */
interface Session extends Upload {
  content: Content;
  sealed: Sealed | null;
  totalBytes: number | null;
  answer: Answer | null;
  /** A newer request ends the older one's right to write. */
  turn: number;
}

export type Sessions = Map<string, Session>;

/** Sessions that are kept, done ones and forsaken ones included: a benchmark must not fill the memory. */
const MOST_SESSIONS = 5000;

interface Span {
  from: number;
  /** Exclusive; null: as far as the body goes. */
  end: number | null;
  totalBytes: number | null;
}

/** Opens a session; its URI is in `Location`, needs no token, and is all that a client has to know. */
export async function startSession(call: Call): Promise<Answer> {
  const { drive, request } = call;
  const { headers } = request;
  const body = await readJson(call.body);
  meetFault(call, subjectOf(call.id ? changesOf(body) : draftOf(body)));
  const declared = headers["x-upload-content-length"];
  const totalBytes = declared === undefined ? null : Number(declared);
  if (totalBytes !== null && !Number.isSafeInteger(totalBytes)) {
    throw refusal("badRequest", { message: "Invalid X-Upload-Content-Length." });
  }
  const mediaType = headers["x-upload-content-type"];
  const upload = admitUpload(call, body, typeof mediaType === "string" ? mediaType : null, totalBytes ?? 0);
  beforeCommit(call);
  const id = `AB${randomBytes(48).toString("base64url")}`;
  const content = new Content(drive.keepsBytes);
  drive.sessions.set(id, { ...upload, content, sealed: null, totalBytes, answer: null, turn: 0 });
  if (drive.sessions.size > MOST_SESSIONS) drive.sessions.delete(drive.sessions.keys().next().value ?? "");
  const path = `upload/drive/v3/files${call.id && `/${call.id}`}?uploadType=resumable&upload_id=${id}`;
  return { status: 200, headers: { location: drive.rootUrl + path, "x-guploader-uploadid": id } };
}

/** Takes a chunk of a session, the last one included. */
export async function receiveChunk(call: Call): Promise<Answer> {
  const session = findSession(call);
  const turn = ++session.turn;
  if (session.answer) return session.answer;
  session.content.drop();
  const span = readSpan(call, session);
  session.totalBytes ??= span.totalBytes;
  const receivedBytes = await receive(call, session, span, turn);
  if (session.turn !== turn) throw new Reset();
  const end = span.from + receivedBytes;
  if (span.end !== null && end !== span.end) {
    throw plainRefusal(400, `Invalid request. The request's body has ${receivedBytes} bytes, not as its range says.`);
  }
  beforeCommit(call);
  const isLast = span.end === null || span.end === session.totalBytes;
  if (!isLast || call.fault?.name === "keptFewer" || call.fault?.name === "noRange") return progressOf(session);
  return finish(session);
}

/** Tells how far a session is (a `Content-Range` without a range); done, it gives the file. */
export function tellStatus(call: Call): Answer {
  const session = findSession(call);
  session.turn += 1;
  if (session.answer) return session.answer;
  session.content.drop();
  const total = /^bytes \*\/(\d+)$/.exec(call.request.headers["content-range"] ?? "")?.[1];
  if (total !== undefined) session.totalBytes ??= Number(total);
  return session.content.keptBytes === session.totalBytes ? finish(session) : progressOf(session);
}

export function cancelSession(call: Call): Answer {
  meetFault(call);
  call.drive.sessions.delete(sessionIdOf(call));
  return { status: 499 };
}

function findSession(call: Call): Session {
  const session = call.drive.sessions.get(sessionIdOf(call));
  const fault = meetFault(call, session?.subject);
  if (fault?.name === "sessionExpired") call.drive.sessions.delete(sessionIdOf(call));
  if (!session || fault?.name === "sessionExpired") throw plainRefusal(fault?.status ?? 404, "Not Found");
  return session;
}

function sessionIdOf(call: Call): string {
  return call.url.searchParams.get("upload_id") ?? "";
}

function finish(session: Session): Answer {
  session.sealed ??= session.content.seal();
  session.answer = session.commit(session.sealed);
  session.sealed = null;
  return session.answer;
}

function progressOf({ content: { keptBytes } }: Session): Answer {
  return { status: 308, headers: keptBytes === 0 ? {} : { range: `bytes=0-${keptBytes - 1}` } };
}

/** Where the request's bytes belong; refuses gaps, changed totals, and chunks that are no multiple of a granule. */
function readSpan(call: Call, session: Session): Span {
  const { headers } = call.request;
  const text = headers["content-range"];
  if (text === undefined) return { from: 0, end: session.totalBytes, totalBytes: session.totalBytes };
  const found = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(text);
  if (!found) throw plainRefusal(400, "Failed to parse Content-Range header.");
  const [from, end] = [Number(found[1]), Number(found[2]) + 1];
  const totalBytes = found[3] === "*" ? session.totalBytes : Number(found[3]);
  const { keptBytes } = session.content;
  const hasOtherTotal = session.totalBytes !== null && totalBytes !== session.totalBytes;
  if (end <= from || hasOtherTotal || (totalBytes !== null && end > totalBytes)) {
    throw plainRefusal(400, "Invalid request. The Content-Range header contradicts the upload.");
  }
  if (from > keptBytes) {
    const offset = `According to the Content-Range header, the upload offset is ${from} byte(s)`;
    throw plainRefusal(503, `Invalid request. ${offset}, which exceeds already uploaded size of ${keptBytes} byte(s).`);
  }
  if (end !== totalBytes && (end - from) % GRANULE_BYTES !== 0) {
    const rule = `The number of bytes uploaded is required to be a multiple of ${GRANULE_BYTES}`;
    throw plainRefusal(400, `Invalid request. ${rule}, except for the final request. Received ${end - from} bytes.`);
  }
  return { from, end, totalBytes };
}

/** Reads the body into the session, less what it has already; answers how many bytes arrived. */
async function receive(call: Call, session: Session, span: Span, turn: number): Promise<number> {
  const { fault, request } = call;
  const { content } = session;
  const sentBytes = span.end === null ? Number(request.headers["content-length"] ?? 0) : span.end - span.from;
  const partBytes = fault?.keepBytes ?? Math.floor(sentBytes / 2 / GRANULE_BYTES) * GRANULE_BYTES;
  let limitBytes = span.end === null ? Number.POSITIVE_INFINITY : sentBytes;
  if (fault?.name === "resetMidChunk" || fault?.name === "keptFewer") limitBytes = partBytes;
  if (fault?.name === "resetBeforeCommit" || fault?.name === "noRange") limitBytes = 0;
  if (fault?.name === "noRange") {
    content.restart();
    session.sealed = null;
  }
  let skippedBytes = content.keptBytes - span.from;
  let receivedBytes = 0;
  for await (const part of call.body) {
    if (session.turn !== turn) throw new Reset();
    let rest = part.subarray(0, Math.max(0, limitBytes - receivedBytes));
    receivedBytes += part.length;
    const alreadyKept = Math.min(Math.max(0, skippedBytes), rest.length);
    skippedBytes -= alreadyKept;
    rest = rest.subarray(alreadyKept);
    const isFirst = receivedBytes === part.length;
    content.write(fault?.name === "corrupt" && isFirst ? spoil(rest) : rest);
    if (fault?.name === "resetMidChunk" && receivedBytes >= limitBytes) throw new Reset();
  }
  if (fault?.name === "keptFewer") content.drop();
  return receivedBytes;
}
