import { networkFailureOf } from "./reasons.ts";

/** The one `fetch` through which everything goes to Google: tokens, questions, bytes. */
export interface Transport {
  /** Answers whole, body included, within the time limit; throws `drive_unreachable` or `drive_timeout`. */
  fetch: typeof fetch;
  /** How far Google's clock is ahead of ours, by the Date of its last answer; null before the first. */
  clockSkewMs(): number | null;
}

export interface TransportOptions {
  /** Where tokens are asked for: the auth library knows but Google's own address. */
  tokenUrl: URL;
  /** Longest wait for an answer, beyond the time that the body takes. */
  answerMs: number;
  now: () => Date;
}

const GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token";

/** A body is given up when it goes slower than this. */
const SLOWEST_BYTES_PER_MS = 64;

export function createTransport({ tokenUrl, answerMs, now }: TransportOptions): Transport {
  let skewMs: number | null = null;

  const fetchWhole: typeof fetch = async (input, init = {}) => {
    const asked = input instanceof Request ? input.url : String(input);
    const url = asked === GOOGLE_TOKEN_URL ? tokenUrl : new URL(asked);
    const { method = "GET", headers, body = null, signal } = init;
    const limit = AbortSignal.timeout(answerMs + Math.ceil(sizeOf(body) / SLOWEST_BYTES_PER_MS));
    const signals = signal ? AbortSignal.any([signal, limit]) : limit;
    try {
      // "manual": a 308 is Drive's word for 'go on', and nobody is ever followed elsewhere with a token in hand.
      const answer = await fetch(url, { method, headers: headers ?? {}, body, signal: signals, redirect: "manual" });
      const date = Date.parse(answer.headers.get("date") ?? "");
      if (!Number.isNaN(date)) skewMs = date - now().getTime();
      const text = await answer.text();
      return new Response(text === "" ? null : text, { status: answer.status, headers: answer.headers });
    } catch (error) {
      signal?.throwIfAborted();
      throw networkFailureOf(url.host, error);
    }
  };

  return { fetch: fetchWhole, clockSkewMs: () => skewMs };
}

function sizeOf(body: RequestInit["body"]): number {
  return ArrayBuffer.isView(body) ? body.byteLength : 0;
}
