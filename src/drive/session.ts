import { SyncError } from "../errors.ts";
import { type DriveFile, readFile } from "./file.ts";
import type { CallOptions, Google } from "./google.ts";
import type { Part, Parts } from "./parts.ts";
import type { Answer } from "./reasons.ts";

/** How an upload session stands: done, so many bytes kept, unknown to Google, or its file id in use. */
export type Standing = { file: DriveFile } | { keptBytes: number } | "lost" | "taken";

/** A resumable upload under way; the address is a secret and lives a week. */
export interface Session {
  doing: string;
  address: URL;
  /** Made by an earlier attempt, so that nobody here knows what Drive kept. */
  isResumed: boolean;
  signal: AbortSignal | undefined;
}

/** 400, 412 and 416: the session is about other bytes than these, so it serves no more. */
const LOST = [400, 404, 410, 412, 416];
const EXPECTED = [308, 409, ...LOST];

/**
 * Sends the parts that Drive lacks until the file is there, the session is lost or the id is in use. After every failure it
 * asks what was kept, and believes nothing else (developers.google.com/workspace/drive/api/guides/manage-uploads#resumable).
 */
export async function feedSession(google: Google, session: Session, parts: Parts): Promise<Standing> {
  let standing: Standing = session.isResumed ? await askStanding(google, session, parts.sizeBytes) : { keptBytes: 0 };
  let [failures, mostKeptBytes] = [0, 0];
  while (typeof standing === "object" && "keptBytes" in standing) {
    const { keptBytes }: { keptBytes: number } = standing;
    if (keptBytes > mostKeptBytes) [failures, mostKeptBytes] = [0, keptBytes];
    await parts.moveTo(keptBytes);
    const part = await parts.next();
    try {
      standing = await put(google, session, part, { once: true });
      if (isStuck(standing, keptBytes)) throw stuck(session, keptBytes);
    } catch (error) {
      await google.pacer.pause(error, failures++, session.signal);
      standing = await askStanding(google, session, part.totalBytes);
    }
  }
  return standing;
}

const isStuck = (standing: Standing, keptBytes: number) =>
  typeof standing === "object" && "keptBytes" in standing && standing.keptBytes <= keptBytes;

function stuck({ doing }: Session, keptBytes: number): SyncError {
  return new SyncError("drive_server_error", `Cannot ${doing}: Google keeps no more than ${keptBytes} bytes`);
}

function askStanding(google: Google, session: Session, totalBytes: number | null): Promise<Standing> {
  return put(google, session, { from: 0, bytes: new Uint8Array(0), totalBytes }, {});
}

/** Sends a part; an empty one asks how the session stands. */
async function put(google: Google, session: Session, part: Part, options: CallOptions): Promise<Standing> {
  const { doing, address, signal } = session;
  const { from, bytes, totalBytes } = part;
  const range = bytes.length === 0 ? "*" : `${from}-${from + bytes.length - 1}`;
  const headers = { "content-range": `bytes ${range}/${totalBytes ?? "*"}` };
  const request = { method: "PUT", url: address, headers, body: [bytes] } as const;
  try {
    const answer = await google.send(doing, request, { ...options, signal, expected: EXPECTED });
    return readStanding(doing, answer, totalBytes);
  } catch (error) {
    // A session may be another account's: whether we may write says the answer to a new one.
    if (error instanceof SyncError && error.code === "drive_forbidden") return "lost";
    throw error;
  }
}

function readStanding(doing: string, answer: Answer, totalBytes: number | null): Standing {
  if (answer.status === 409) return "taken";
  if (LOST.includes(answer.status)) return "lost";
  if (answer.status === 308) {
    const range = /^bytes=0-(\d+)$/.exec(answer.headers.get("range") ?? "");
    const keptBytes = range ? Number(range[1]) + 1 : 0;
    return totalBytes !== null && keptBytes > totalBytes ? "lost" : { keptBytes };
  }
  const file = readFile(answer.body);
  if (file) return { file };
  throw new SyncError("drive_server_error", `Cannot ${doing}: Google answered ${answer.status} without a file`);
}
