import type { drive_v3 } from "@googleapis/drive";
import { SyncError } from "../errors.ts";
import { readCredentials } from "./credentials.ts";
import { type Login, makeLogin } from "./login.ts";
import type { Pacer } from "./pacer.ts";
import { type Answer, failureOf, refusalOf, tokenFailureOf } from "./reasons.ts";
import type { Transport } from "./transport.ts";

/** The connection to Google: signs requests, repeats them where that helps, and reads what a refusal means. */
export interface Google {
  /** Asks Drive something through Google's own client. */
  call(doing: string, ask: Ask, options?: CallOptions): Promise<Answer>;
  /** Sends bytes (the client's own uploads are of no use on Node). */
  send(doing: string, request: Bytes, options?: CallOptions): Promise<Answer>;
  pacer: Pacer;
}

export type Ask = (api: drive_v3.Drive, options: typeof ASK_OPTIONS & AskOptions) => Promise<GoogleAnswer>;

interface GoogleAnswer {
  status: number;
  headers: object;
  data: unknown;
}

interface AskOptions {
  rootUrl: string;
  signal?: AbortSignal;
}

export interface Bytes {
  method: "POST" | "PATCH" | "PUT";
  url: URL;
  headers: Record<string, string>;
  body: readonly (Uint8Array | string)[];
}

export interface CallOptions {
  /** Statuses beside 2xx that the caller knows how to read; all others are thrown. */
  expected?: readonly number[];
  signal?: AbortSignal | undefined;
  /** True where an existing file is asked about or changed: a refusal is that file's, not Drive's. */
  ofOneFile?: boolean;
  /** True where a failure must be looked at before anything is sent again. */
  once?: boolean;
}

/** Shared Drives answer 404 to whoever does not say this. */
export const everywhere = { supportsAllDrives: true } as const;

/** Retries are ours, and a status is an answer, not an exception. */
const ASK_OPTIONS = { retry: false, validateStatus: () => true };

/** Logins tried for one request. */
const MOST_LOGINS = 3;

export interface GoogleOptions {
  credentials: unknown;
  subject: string | undefined;
  rootUrl: URL;
  transport: Transport;
  pacer: Pacer;
  now: () => Date;
}

export function connectGoogle(options: GoogleOptions): Google {
  return new Connection(options);
}

type SignedRequest = (login: Login) => Promise<Answer>;

class Connection implements Google {
  readonly pacer: Pacer;
  readonly #options: GoogleOptions;
  #login: Login | null = null;

  constructor(options: GoogleOptions) {
    this.pacer = options.pacer;
    this.#options = options;
  }

  call(doing: string, ask: Ask, options: CallOptions = {}): Promise<Answer> {
    const { signal } = options;
    const asked = { ...ASK_OPTIONS, rootUrl: this.#options.rootUrl.href, ...(signal && { signal }) };
    const request: SignedRequest = async ({ api }) => {
      const { status, headers, data } = await ask(api, asked);
      return { status, headers: new Headers({ ...headers }), body: data };
    };
    return this.#patiently(doing, request, options);
  }

  send(doing: string, { method, url, headers, body }: Bytes, options: CallOptions = {}): Promise<Answer> {
    const request: SignedRequest = async ({ client }) => {
      const signed = new Headers([...(await client.getRequestHeaders()), ...Object.entries(headers)]);
      const sent = { method, url, headers: signed, body, signal: options.signal };
      const reply = await this.#options.transport.send(sent);
      return { status: reply.status, headers: reply.headers, body: readBody(reply.text) };
    };
    return this.#patiently(doing, request, options);
  }

  async #patiently(doing: string, request: SignedRequest, options: CallOptions): Promise<Answer> {
    if (!options.once) return this.pacer.run(() => this.#attempt(doing, request, options), options.signal);
    await this.pacer.turn(options.signal);
    return this.#attempt(doing, request, options);
  }

  async #attempt(doing: string, request: SignedRequest, options: CallOptions): Promise<Answer> {
    const { expected = [], signal, ofOneFile } = options;
    const answer = await this.#authorised(request).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw failureOf(doing, error);
    });
    if (expected.includes(answer.status)) return answer;
    if (answer.status < 200 || answer.status > 299) throw refusalOf(doing, answer, this.#options.now(), ofOneFile);
    if (typeof answer.body !== "string" || answer.body === "") return answer;
    throw new SyncError("drive_server_error", `Cannot ${doing}: Google answered ${answer.status} with no JSON`);
  }

  /** A token that Google revoked early is refused until a new login fetches another. */
  async #authorised(request: SignedRequest): Promise<Answer> {
    for (let logins = 1; ; logins++) {
      const used = await this.#signIn();
      const answer = await request(used);
      if (answer.status !== 401 || logins === MOST_LOGINS) return answer;
      if (this.#login === used) this.#login = null;
    }
  }

  async #signIn(): Promise<Login> {
    const { credentials, subject, transport, now } = this.#options;
    this.#login ??= makeLogin(readCredentials(credentials), subject, transport.fetch);
    const current = this.#login;
    await current.client.getAccessToken().catch((error: unknown) => {
      throw tokenFailureOf(error, now(), subject);
    });
    return current;
  }
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
