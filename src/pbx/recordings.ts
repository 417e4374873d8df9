import { type ErrorCode, SyncError } from "../errors.ts";
import { type Log, plain } from "../log.ts";
import { type Chunks, chunksOf, StalledError } from "./body.ts";
import type { PbxClient } from "./client.ts";
import { type Extent, extentOf } from "./extent.ts";
import { fault, type Subject } from "./faults.ts";
import { patiently } from "./patience.ts";
import type { PbxConfig, Timeouts } from "./pbx_config.ts";
import { addressOf } from "./recording_address.ts";

export interface OpenOptions {
  /** First byte wanted; 0 unless told. */
  from?: number;
  signal?: AbortSignal | undefined;
  /** The version that earlier bytes came from: another one now is an error, for the parts would not fit together. */
  version?: string | null;
}

/** A recording on its way. */
export interface OpenRecording {
  /** The bytes from `from` on. Fails with `recording_cut_short` where it breaks off, `recordings_timeout` where it stalls. */
  body: ReadableStream<Uint8Array>;
  /** Of the whole file; null where the PBX does not say. */
  sizeBytes: number | null;
  from: number;
  /** Tells this content from a later one (ETag, else Last-Modified); null where the PBX does not say. */
  version: string | null;
}

export interface Recordings {
  /** Opens a recording where the PBX wrote that it lies. Throws a SyncError that tells what is wrong with it, or with the PBX. */
  open(path: string, options?: OpenOptions): Promise<OpenRecording>;
}

/** A connection that the PBX closes while it lies idle is worth one more try, at once. */
const RETRIES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["recordings_unreachable"]);
const RETRY_DELAYS_MS = [200];

export function createRecordings(config: PbxConfig, timeouts: Timeouts, client: PbxClient, log: Log): Recordings {
  return {
    async open(path, { from = 0, signal, version = null } = {}) {
      const subject: Subject = { side: "recordings", cannot: `Cannot download recording "${plain(path)}"` };
      const url = addressOf(path, config, subject);
      // Compressed, the answer's length would not be the file's.
      const headers = { accept: "*/*", "accept-encoding": "identity", ...(from > 0 && { range: `bytes=${from}-` }) };
      const response = await patiently(() => client.get({ ...subject, url, headers, signal }), {
        delaysMs: RETRY_DELAYS_MS,
        retries: RETRIES,
        log,
        signal,
      });
      const extent = extentOf(response, from);
      const found = response.headers.get("etag") ?? response.headers.get("last-modified");
      const hasChanged = version !== null && found !== null && version !== found;
      if (typeof extent !== "string" && !hasChanged) {
        if (extent.bodyBytes === 0) await response.body?.cancel();
        const chunks = chunksOf(extent.bodyBytes === 0 ? null : response.body, timeouts.stallMs);
        return { body: bodyOf(chunks, extent, subject, signal), sizeBytes: extent.sizeBytes, from, version: found };
      }
      await response.body?.cancel().catch(() => {});
      const code = response.status >= 400 && response.status !== 416 ? "recording_gone" : "recording_cut_short";
      throw new SyncError(code, `${subject.cannot}: ${typeof extent === "string" ? extent : "it changed in between"}`);
    },
  };
}

/** The wanted bytes; an error unless as many came as were announced. */
function bodyOf(
  chunks: Chunks,
  { skipBytes, bodyBytes }: Extent,
  subject: Subject,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  let received = 0;
  const ended = (why: string, cause?: unknown) => {
    const expected = bodyBytes === null ? "" : ` of ${bodyBytes}`;
    return new SyncError("recording_cut_short", `${subject.cannot}: ${why} after ${received}${expected} bytes`, {
      cause,
    });
  };
  const next = () =>
    chunks.next().catch((cause: unknown) => {
      signal?.throwIfAborted();
      if (!(cause instanceof StalledError)) throw ended("the connection broke", cause);
      throw fault(subject, "timeout", `the PBX stopped sending after ${received} bytes`, { cause });
    });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (let chunk = await next(); chunk; chunk = await next()) {
          const unwanted = Math.min(chunk.length, Math.max(0, skipBytes - received));
          received += chunk.length;
          if (unwanted === chunk.length) continue;
          return controller.enqueue(unwanted === 0 ? chunk : chunk.subarray(unwanted));
        }
        if (received < Math.max(skipBytes, bodyBytes ?? 0)) throw ended("it ends");
        controller.close();
      },
      cancel: (reason) => chunks.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
