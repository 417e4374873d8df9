import { Buffer } from "node:buffer";
import ky from "ky";
import { SyncError } from "../errors.ts";
import { networkFault, type Subject, statusFault } from "./faults.ts";
import type { PbxConfig, Timeouts } from "./pbx.ts";
import { createTransport } from "./transport.ts";

export interface Asked extends Subject {
  url: URL;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** To learn whether the PBX answers anybody. */
  withoutKey?: boolean;
}

/** GETs from the PBX's two configured origins, and from nowhere else. */
export interface Client {
  /**
   * Follows redirects by hand. Throws a SyncError for a failure of the network, for a redirect to another origin, and for 401, 403, 408,
   * 429 and 5xx; other statuses are the asker's to judge.
   */
  get(asked: Asked): Promise<{ response: Response; url: URL }>;
  close(): Promise<void>;
}

const MAX_REDIRECTS = 5;

export function createClient(config: PbxConfig, timeouts: Timeouts, now: () => Date): Client {
  const transport = createTransport({ ...config, connectMs: timeouts.connectMs });
  const origins = new Set([config.apiUrl.origin, config.recordingBaseUrl.origin]);
  const authorization = authorizationOf(config.auth);
  const http = ky.create({
    fetch: transport.fetch,
    timeout: timeouts.headersMs,
    retry: 0,
    redirect: "manual",
    throwHttpErrors: false,
  });

  async function send(url: URL, asked: Asked, withKey: boolean): Promise<Response> {
    const headers = { ...asked.headers, ...(withKey && authorization && { authorization }) };
    try {
      return await http.get(url, { headers, ...(asked.signal && { signal: asked.signal }) });
    } catch (error) {
      asked.signal?.throwIfAborted();
      throw networkFault(asked, error);
    }
  }

  return {
    async get(asked) {
      let url = asked.url;
      let withKey = !asked.withoutKey;
      for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
        if (!origins.has(url.origin)) throw foreign(asked);
        const response = await send(url, asked, withKey);
        const target = redirectOf(response, url);
        const failure = target ? null : statusFault(asked, response, now());
        if (!target && !failure) return { response, url };
        await response.body?.cancel().catch(() => {});
        if (!target) throw failure;
        withKey &&= target.origin === url.origin;
        url = target;
      }
      throw redirected(asked, `the PBX redirects more than ${MAX_REDIRECTS} times`);
    },
    close: () => transport.close(),
  };
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

const foreign = (subject: Subject) =>
  redirected(subject, "the PBX redirects to another host, from which nothing is fetched");

function redirected({ side, cannot }: Subject, why: string): SyncError {
  return new SyncError(side === "pbx" ? "pbx_redirected" : "recording_foreign_address", `${cannot}: ${why}`);
}
