import { Buffer } from "node:buffer";
import ky, { type KyInstance } from "ky";
import { SyncError } from "../errors.ts";
import { isSameOrigin } from "../origin.ts";
import { networkFault, type Subject, statusFault } from "./faults.ts";
import type { PbxConfig, Timeouts } from "./pbx_config.ts";
import { createTransport, type Transport } from "./transport.ts";

export interface Asked extends Subject {
  url: URL;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** To learn whether the PBX answers anybody. */
  withoutKey?: boolean;
}

const MAX_REDIRECTS = 5;

/** GETs from the PBX's two configured origins, and from nowhere else. */
export class PbxClient {
  readonly #transport: Transport;
  readonly #http: KyInstance;
  readonly #bases: readonly URL[];
  readonly #authorization: string | undefined;
  readonly #now: () => Date;

  constructor(config: PbxConfig, { connectMs, headersMs }: Timeouts, now: () => Date) {
    this.#transport = createTransport({ ...config, connectMs });
    this.#http = ky.create({
      fetch: this.#transport.fetch,
      timeout: headersMs,
      retry: 0,
      redirect: "manual",
      throwHttpErrors: false,
    });
    this.#bases = [config.apiUrl, config.recordingBaseUrl];
    this.#authorization = authorizationOf(config.auth);
    this.#now = now;
  }

  /**
   * Follows redirects by hand. Throws a SyncError for a failure of the network, for a redirect to another origin, and for 401, 403, 408,
   * 429 and 5xx; other statuses are the asker's to judge.
   */
  async get(asked: Asked): Promise<Response> {
    let url = asked.url;
    let withKey = !asked.withoutKey;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      if (!this.#bases.some((base) => isSameOrigin(url, base))) {
        throw redirected(asked, "to another host, from which nothing is fetched");
      }
      const response = await this.#send(url, asked, withKey);
      const target = redirectOf(response, url);
      const failure = target ? null : statusFault(asked, response, this.#now());
      if (!target && !failure) return response;
      await response.body?.cancel().catch(() => {});
      if (!target) throw failure;
      withKey &&= isSameOrigin(target, url);
      url = target;
    }
    throw redirected(asked, `more than ${MAX_REDIRECTS} times`);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #send(url: URL, asked: Asked, withKey: boolean): Promise<Response> {
    const headers = { ...asked.headers, ...(withKey && this.#authorization && { authorization: this.#authorization }) };
    try {
      return await this.#http.get(url, { headers, ...(asked.signal && { signal: asked.signal }) });
    } catch (error) {
      asked.signal?.throwIfAborted();
      throw networkFault(asked, error);
    }
  }
}

/** The key goes to the two origins that the operator configured; never along with a redirect from one to the other. */
function authorizationOf(auth: PbxConfig["auth"]): string | undefined {
  if (auth.kind === "none") return undefined;
  return auth.kind === "bearer"
    ? `Bearer ${auth.key}`
    : `Basic ${Buffer.from(auth.userPassword, "utf8").toString("base64")}`;
}

function redirectOf(response: Response, from: URL): URL | null {
  const location = response.headers.get("location");
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return null;
  return URL.canParse(location, from) ? new URL(location, from) : null;
}

function redirected({ side, cannot }: Subject, where: string): SyncError {
  const code = side === "pbx" ? "pbx_redirected" : "recording_redirected";
  return new SyncError(code, `${cannot}: the PBX redirects ${where}`);
}
