import { type ErrorCode, type Meaning, meanings } from "./error_codes.ts";

export * from "./error_codes.ts";

/** The one error that our folders throw for what a neighbour did: what could not be done, to what, why, and a code. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  readonly code: ErrorCode;
  /** How long the neighbour asked us to wait, where it did. */
  readonly retryAfterMs: number | undefined;
  /** The HTTP status that it answered, where that alone is the failure. */
  readonly status: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number | undefined; status?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }

  get meaning(): Meaning {
    return meanings[this.code];
  }
}

/** An error's own words and those of its causes, on one line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined || error instanceof SyncError ? "" : `: ${messageOf(error.cause)}`;
  return `${error.message}${cause}`;
}

/** Bad configuration: the start ends with exit code 78 and this message. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
