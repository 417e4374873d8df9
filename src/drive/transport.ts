import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { networkFailureOf } from "./reasons.ts";

/** A request as it goes out: its body in pieces, none of which is copied on the way. */
export interface Message {
  method: string;
  url: URL;
  headers: Headers;
  body: readonly (Uint8Array | string)[];
  signal?: AbortSignal | undefined;
}

/** What came back, whole. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/**
 * The one way to Google: for tokens, questions and bytes. `node:http`, since `fetch` copies each body three times and takes
 * Drive's 308 ('go on') for a redirect. Nobody is followed elsewhere with a token in hand.
 */
export interface Transport {
  /** Throws `drive_unreachable`, or `drive_timeout`. */
  send(message: Message): Promise<Reply>;
  /** The same for Google's libraries. */
  fetch: typeof fetch;
  /** How far Google's clock is ahead of ours, by the Date of its last answer; null before the first. */
  clockSkewMs(): number | null;
}

export interface TransportOptions {
  /** Where tokens are asked for: the auth library knows but Google's own address. */
  tokenUrl: URL;
  /** Longest wait for an answer, once all is sent. */
  answerMs: number;
  /** Longest time in which nothing of a body goes out. */
  stallMs: number;
  now: () => Date;
}

const GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token";

/** What goes out at once, and what a slow line may still hold when the last of a body has left us. */
const UNDER_WAY_BYTES = 4 * 1024 * 1024;
const SLOWEST_BYTES_PER_MS = 64;

/** A larger body goes out in strides: each that is gone is a sign of life. */
const STRIDE_BYTES = 512 * 1024;

export function createTransport({ tokenUrl, answerMs, stallMs, now }: TransportOptions): Transport {
  let skewMs: number | null = null;

  async function send(message: Message): Promise<Reply> {
    try {
      const reply = await exchange(message, { answerMs, stallMs });
      const date = Date.parse(reply.headers.get("date") ?? "");
      if (!Number.isNaN(date)) skewMs = date - now().getTime();
      return reply;
    } catch (error) {
      message.signal?.throwIfAborted();
      throw networkFailureOf(message.url.host, error);
    }
  }

  const fetchThrough: typeof fetch = async (input, init = {}) => {
    const asked = input instanceof Request ? input.url : String(input);
    const url = asked === GOOGLE_TOKEN_URL ? tokenUrl : new URL(asked);
    const headers = new Headers(init.headers);
    headers.delete("accept-encoding");
    if (init.body instanceof URLSearchParams)
      headers.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
    const body = init.body ? [String(init.body)] : [];
    const { status, text, ...reply } = await send({
      method: init.method ?? "GET",
      url,
      headers,
      body,
      signal: init.signal ?? undefined,
    });
    return new Response(text === "" ? null : text, { status, headers: reply.headers });
  };

  return { send, fetch: fetchThrough, clockSkewMs: () => skewMs };
}

type Sized = Pick<Message, "body"> & { sizeBytes: number };
type Patience = Pick<TransportOptions, "answerMs" | "stallMs">;

function exchange({ method, url, headers, body, signal }: Message, { answerMs, stallMs }: Patience): Promise<Reply> {
  const sizeBytes = body.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  const length = method === "GET" ? {} : { "content-length": String(sizeBytes) };
  const options = { method, headers: { ...Object.fromEntries(headers), ...length }, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options);
    const fail = (error: Error) => {
      reject(error);
      request.destroy();
    };
    let limit: NodeJS.Timeout | undefined;
    const waitFor = (ms: number, what: string) => {
      clearTimeout(limit);
      limit = setTimeout(() => fail(new DOMException(what, "TimeoutError")), ms);
    };
    // An answer may come before all was sent; that the rest is then refused changes nothing.
    let isAnswered = false;
    request.on("error", (error) => isAnswered || fail(error));
    request.on("close", () => clearTimeout(limit));
    request.on("response", (response) => {
      isAnswered = true;
      waitFor(answerMs, "half an answer");
      readReply(response).then(resolve, fail);
    });
    const goesOn = () => isAnswered || waitFor(stallMs, "the body is not taken");
    const underWayMs = Math.min(sizeBytes, UNDER_WAY_BYTES) / SLOWEST_BYTES_PER_MS;
    const isSent = () => isAnswered || waitFor(answerMs + underWayMs, "no answer");
    sendBody(request, { body, sizeBytes }, goesOn).then(isSent);
  });
}

/** Sends a body; a large one stride by stride, saying before each that it goes on. Never rejects. */
async function sendBody(request: ClientRequest, { body, sizeBytes }: Sized, goesOn: () => void): Promise<void> {
  for (const piece of body) {
    if (typeof piece === "string" || sizeBytes <= UNDER_WAY_BYTES) {
      request.write(piece);
      continue;
    }
    for (let from = 0; from < piece.length && !request.destroyed; from += STRIDE_BYTES) {
      goesOn();
      const stride = piece.subarray(from, from + STRIDE_BYTES);
      await new Promise<void>((gone) => request.write(stride, () => gone()));
    }
  }
  request.end();
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(response.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return { status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString("utf8") };
}
