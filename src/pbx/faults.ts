import { SyncError } from "../errors.ts";
import { retryAfterOf } from "../retry_after.ts";

/** Which of the PBX's two halves is talked to: each has its own circuit, hence its own codes. */
export type Side = "pbx" | "recordings";

export type Fault = "unreachable" | "timeout" | "server_error" | "rate_limited" | "key_refused" | "tls";

/** What a request was for, so that its failure can be told. */
export interface Subject {
  side: Side;
  /** `Cannot …`: what could not be done, to what. */
  cannot: string;
}

export function fault(
  { side, cannot }: Subject,
  kind: Fault,
  why: string,
  options: { cause?: unknown; retryAfterMs?: number | undefined; status?: number } = {},
): SyncError {
  return new SyncError(`${side}_${kind}`, `${cannot}: ${why}`, options);
}

const TLS = /certificate|CERT_|_CERT|SIGNATURE|ERR_TLS|ERR_SSL|EPROTO|InvalidContentType|unknown ca|handshake/i;
const TIMEOUT = /timed? ?out|TIMEOUT/i;
const CONNECT_TIMEOUT = /UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|tcp connect|client error \(Connect\)/i;

/** An error of fetch (Node's and Deno's differ) as one of ours. */
export function networkFault(subject: Subject, cause: unknown): SyncError {
  if (cause instanceof SyncError) return cause;
  const words = wordsOf(cause);
  if (TLS.test(words))
    return fault(subject, "tls", `its TLS certificate is not accepted (${lastOf(cause)})`, { cause });
  if (TIMEOUT.test(words) && !CONNECT_TIMEOUT.test(words)) {
    return fault(subject, "timeout", "the PBX does not answer in time", { cause });
  }
  return fault(subject, "unreachable", `the PBX cannot be reached (${lastOf(cause)})`, { cause });
}

/** Names, codes and messages of an error and all its causes. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return `${error.name} ${code} ${error.message} ${error.cause === undefined ? "" : wordsOf(error.cause)}`;
}

/** What the innermost cause says, without the addresses that Deno puts into it. */
function lastOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return lastOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return lastOf(error.errors[0]);
  const message = error.message.replace(/^error sending request[^:]* for (?:url )?\(?\S+(?: \(\S+\))?: /, "");
  return message || String("code" in error ? error.code : error.name);
}

/**
 * Why a status of 400 or above is a failure; null for one that only its asker can judge (a recording's 404).
 * `now`: to reckon with a `Retry-After` that is a date.
 */
export function statusFault(subject: Subject, response: Response, now: Date): SyncError | null {
  const { status } = response;
  const options = { retryAfterMs: retryAfterOf(response.headers, now), status };
  if (status === 401 || status === 403) return fault(subject, "key_refused", `the PBX refuses the key (${status})`);
  if (status === 429) return fault(subject, "rate_limited", "the PBX asks for fewer requests (429)", options);
  if (status === 408) return fault(subject, "timeout", "the PBX answered 408", options);
  if (status >= 500) return fault(subject, "server_error", `the PBX answered ${status}`, options);
  return null;
}
