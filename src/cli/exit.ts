import { ConfigError, type ErrorCode, messageOf, SyncError } from "../errors.ts";
import { addressFault } from "../store/address_fault.ts";

/** What the shell is told (CONTRACT §6; 69 and 78 as in sysexits.h; 130 as shells say 'interrupted'). */
export const exitCodes = {
  done: 0,
  failures: 1,
  usage: 2,
  unreachable: 69,
  configuration: 78,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Why a command could not do what it was asked: one sentence, what the person can do, the exit code. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export const usageError = (message: string, hint?: string) => new CliError(exitCodes.usage, message, hint);

/** Ctrl-C; `message` says what became of the work. */
export const interrupted = (message: string, cause?: unknown) =>
  new CliError(exitCodes.interrupted, message, undefined, { cause });

const CHECK_DATABASE = "Check that PostgreSQL runs and that DATABASE_URL leads to it.";

/** Codes of Node's sockets, of the driver, and PostgreSQL's own for 'not now' (classes 08 and 57P, 25006, 53300). */
const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: "the connection is refused",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ENOTFOUND: "its host is not known",
  EAI_AGAIN: "its host is not known at the moment",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no way to its network",
  ETIMEDOUT: "no answer in time",
  CONNECT_TIMEOUT: "no answer in time",
  CONNECTION_CLOSED: "the connection was cut",
  CONNECTION_ENDED: "the connection was cut",
  CONNECTION_DESTROYED: "the connection was cut",
  "57P01": "it is shutting down",
  "57P02": "it crashed and restarts",
  "57P03": "it is starting or stopping",
  "25006": "it takes no writes, as a replica does",
  "53300": "it has no connection left to give",
};

const MISCONFIGURED: Record<string, { message: string; hint: string }> = {
  "28P01": { message: "The database refuses the password.", hint: "Correct user and password in DATABASE_URL." },
  "28000": { message: "The database refuses the user.", hint: "Correct user and password in DATABASE_URL." },
  "3D000": { message: "There is no such database.", hint: "Create it, or correct the name in DATABASE_URL." },
  "42501": {
    message: "The database's user may not do that.",
    hint: "Give it the rights on both tables and on the schemas callcenter and graphile_worker.",
  },
};

/** Undefined tables, schemas and functions: migrations that have not run. */
const UNPREPARED = new Set(["42P01", "3F000", "42883", "42703"]);

/** True where the database does not answer now; it may later. */
export function isUnreachable(error: unknown): boolean {
  if (addressFault(error)) return false;
  const code = codeOf(error);
  return Object.hasOwn(UNREACHABLE, code) || code.startsWith("08");
}

/** True where the neighbour's refusal means that a variable of ours is wrong. */
export const isMisconfigured = (code: ErrorCode): boolean =>
  code === "drive_credentials" || code === "drive_folder_missing";

/** What anything that was thrown means to the person at the command line. */
export function understand(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof ConfigError) {
    return new CliError(exitCodes.configuration, error.message, undefined, { cause: error });
  }
  if (error instanceof SyncError) {
    return new CliError(exitCodeOf(error), error.message, error.meaning.hint, { cause: error });
  }
  const code = codeOf(error);
  const options = { cause: error };
  const fault = addressFault(error);
  if (fault) return new CliError(exitCodes.configuration, fault.message, fault.hint, options);
  if (isUnreachable(error)) {
    const why = UNREACHABLE[code] ?? "the connection was cut";
    return new CliError(exitCodes.unreachable, `The database does not answer: ${why}.`, CHECK_DATABASE, options);
  }
  const misconfigured = MISCONFIGURED[code];
  if (misconfigured) {
    return new CliError(exitCodes.configuration, misconfigured.message, misconfigured.hint, options);
  }
  if (UNPREPARED.has(code)) {
    const message = "This database is not prepared for this version.";
    return new CliError(exitCodes.configuration, message, "Run: callcenter-sync migrate", options);
  }
  return new CliError(exitCodes.failures, messageOf(error), undefined, options);
}

function exitCodeOf({ code, meaning }: SyncError): ExitCode {
  if (isMisconfigured(code)) return exitCodes.configuration;
  return meaning.refusal ? exitCodes.failures : exitCodes.unreachable;
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}
