import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Fault, struckBy } from "./pbx_faults.ts";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** Bytes of the body; what `Content-Length` says. */
  sizeBytes: number;
  blocks: Iterable<Buffer>;
}

export const HTML_PAGE =
  "<!DOCTYPE html>\n<html><head><title>Đăng nhập</title></head><body><form></form></body></html>\n";

/** A body in one piece. */
export function whole(
  status: number,
  type: string,
  body: Buffer | string,
  headers: Record<string, string> = {},
): Answer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return { status, headers: { "Content-Type": type, ...headers }, sizeBytes: bytes.length, blocks: [bytes] };
}

/**
 * What strikes before there is a body: waits, hangs, resets, or gives the answer that takes the true one's place. Null: the
 * connection is gone. Undefined: answer as usual.
 */
export async function strikeFirst(
  res: ServerResponse,
  path: string,
  faults: Fault[],
): Promise<Answer | null | undefined> {
  const skew = struckBy(faults, "clock_skew");
  if (skew) res.setHeader("Date", new Date(Date.now() + skew.ms).toUTCString());
  const slow = struckBy(faults, "slow");
  if (slow) await untilClosed(res, slow.ms);
  if (struckBy(faults, "hang")) await untilClosed(res);
  if (struckBy(faults, "reset")) {
    if (typeof res.socket?.resetAndDestroy === "function") res.socket.resetAndDestroy();
    else res.destroy();
  }
  if (res.destroyed || res.socket?.destroyed) return null;

  const status = struckBy(faults, "status");
  if (status) return whole(status.status, "text/html; charset=utf-8", HTML_PAGE, retryAfter(status));
  const redirect = struckBy(faults, "redirect");
  if (redirect) {
    return whole(redirect.status ?? 302, "text/plain", "", { Location: redirect.location.replace("{path}", path) });
  }
  return struckBy(faults, "html_page") && whole(200, "text/html; charset=utf-8", HTML_PAGE);
}

/** Sends an answer, with what strikes its body; ends without an error when the client goes away. */
export async function send(res: ServerResponse, answer: Answer, faults: Fault[]): Promise<void> {
  const length = struckBy(faults, "no_length") ? {} : { "Content-Length": String(answer.sizeBytes) };
  res.writeHead(answer.status, { ...answer.headers, ...length });
  if (res.req.method === "HEAD" || answer.sizeBytes === 0) return void res.end();

  const half = Math.floor(answer.sizeBytes / 2);
  const [cut, stall, trickle] = [struckBy(faults, "cut"), struckBy(faults, "stall"), struckBy(faults, "trickle")];
  if (!cut && !stall && !trickle && Array.isArray(answer.blocks)) return void res.end(answer.blocks[0]);
  const cutAt = cut ? (cut.afterBytes ?? half) : -1;
  const stallAt = stall ? (stall.afterBytes ?? half) : -1;
  res.flushHeaders();
  let sent = 0;
  for (const piece of pieces(answer.blocks, [cutAt, stallAt], trickle?.chunkBytes)) {
    if (sent === stallAt) await untilClosed(res, stall?.ms);
    if (sent === cutAt) res.destroy();
    if (trickle) await untilClosed(res, trickle.everyMs);
    if (!(await write(res, piece))) return;
    sent += piece.length;
  }
  res.end();
}

function retryAfter(fault: { retryAfter?: number; retryAfterAs?: "seconds" | "date" }): Record<string, string> {
  if (fault.retryAfter === undefined) return {};
  const date = new Date(Math.ceil(Date.now() / 1000 + fault.retryAfter) * 1000);
  return { "Retry-After": fault.retryAfterAs === "date" ? date.toUTCString() : String(fault.retryAfter) };
}

/** The blocks, parted where something will happen and into pieces of at most `most` bytes. */
function* pieces(blocks: Iterable<Buffer>, marks: number[], most = Number.POSITIVE_INFINITY): Generator<Buffer> {
  let position = 0;
  for (const block of blocks) {
    for (let start = 0; start < block.length; ) {
      const stops = marks.map((mark) => mark - position).filter((distance) => distance > 0);
      const piece = block.subarray(start, Math.min(block.length, start + Math.min(most, ...stops)));
      yield piece;
      start += piece.length;
      position += piece.length;
    }
  }
}

/** Resolves when the bytes have left this process: true; or when nobody is there to take them: false. */
function write(res: ServerResponse, piece: Buffer): Promise<boolean> {
  if (res.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onClose = () => resolve(false);
    res.once("close", onClose);
    res.write(piece, (error) => {
      res.off("close", onClose);
      resolve(!error);
    });
  });
}

/** Waits, but no longer than the client does. */
async function untilClosed(res: ServerResponse, ms = 2 ** 31 - 1): Promise<void> {
  if (res.destroyed) return;
  const closed = new AbortController();
  const onClose = () => closed.abort();
  res.once("close", onClose);
  await sleep(ms, undefined, { signal: closed.signal, ref: false }).catch(() => undefined);
  res.off("close", onClose);
}
