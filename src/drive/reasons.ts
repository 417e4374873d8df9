import { gaxios } from "google-auth-library";
import { addDays, dayOf, startOfDay } from "../day.ts";
import { type ErrorCode, SyncError } from "../errors.ts";
import { plain } from "../log.ts";
import { retryAfterOf } from "../retry_after.ts";

/** What Google answered: JSON where it was JSON, else its text. */
export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Google's reasons (developers.google.com/workspace/drive/api/guides/handle-errors; RFC 6749 §5.2), in our codes. */
const REASONS: Record<string, ErrorCode> = {
  userRateLimitExceeded: "drive_rate_limited",
  rateLimitExceeded: "drive_rate_limited",
  sharingRateLimitExceeded: "drive_rate_limited",
  RATE_LIMIT_EXCEEDED: "drive_rate_limited",
  dailyLimitExceeded: "drive_daily_limit",
  dailyLimitExceededUnreg: "drive_daily_limit",
  storageQuotaExceeded: "drive_full",
  quotaExceeded: "drive_full",
  teamDriveFileLimitExceeded: "drive_full",
  activeItemCreationLimitExceeded: "drive_full",
  numChildrenInNonRootLimitExceeded: "drive_folder_full",
  insufficientFilePermissions: "drive_forbidden",
  insufficientParentPermissions: "drive_forbidden",
  accessNotConfigured: "drive_api_disabled",
  SERVICE_DISABLED: "drive_api_disabled",
  insufficientPermissions: "drive_credentials",
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: "drive_credentials",
  authError: "drive_credentials",
  notFound: "drive_folder_missing",
  fileIdInUse: "drive_file_lost",
  backendError: "drive_server_error",
  internalError: "drive_server_error",
  transientError: "drive_server_error",
  temporarily_unavailable: "drive_server_error",
};

/** What an answer means that speaks of one file of ours, not of Drive: the others need not wait for it. */
const OF_ONE_FILE: Partial<Record<ErrorCode, ErrorCode>> = {
  drive_forbidden: "drive_file_forbidden",
  drive_folder_missing: "drive_file_lost",
};

/** Google counts its days from midnight there. */
const GOOGLE_ZONE = "America/Los_Angeles";

/** Translates an answer that says no. `doing`: what could not be done, to what; `ofOneFile`: to a file that there is. */
export function refusalOf(doing: string, answer: Answer, now: Date, ofOneFile = false): SyncError {
  const { reason, message, isOAuth } = wordsOf(answer.body);
  const general = codeOf(answer.status, reason, message, isOAuth);
  const code = (ofOneFile && OF_ONE_FILE[general]) || general;
  const said = [answer.status, reason, message && `(${plain(message, 300)})`].filter(Boolean).join(" ");
  const retryAfterMs = retryAfterOf(answer.headers, now) ?? untilItCounts(code, now);
  return new SyncError(code, `Cannot ${doing}: Google answered ${said}`, { retryAfterMs });
}

function codeOf(status: number, reason: string, message: string, isOAuth: boolean): ErrorCode {
  if (status === 429) return "drive_rate_limited";
  if (status >= 500) return "drive_server_error";
  const known = REASONS[reason];
  if (known) return known;
  if (isOAuth || status === 401) return "drive_credentials";
  if (status === 408) return "drive_timeout";
  if (status === 403) return "drive_forbidden";
  if (status === 404) return "drive_folder_missing";
  return /file ID is not usable/i.test(message) ? "drive_file_lost" : "drive_bad_answer";
}

interface Words {
  reason: string;
  message: string;
  /** Said by the token endpoint, not by Drive. */
  isOAuth: boolean;
}

/** The three shapes in which Google says no: Drive's `errors`, the newer `details`, OAuth's `error`; else plain text. */
function wordsOf(body: unknown): Words {
  if (typeof body === "string") return { reason: "", message: textOf(body), isOAuth: false };
  const { error, error_description: description } = fieldsOf(body);
  if (typeof error === "string") return { reason: error, message: stringOf(description), isOAuth: true };
  const { message, errors, details } = fieldsOf(error);
  const spoken = [...listOf(errors), ...listOf(details)].map((item) => stringOf(fieldsOf(item).reason));
  const reason = spoken.find((one) => one in REASONS) ?? spoken.find((one) => one !== "") ?? "";
  return { reason, message: stringOf(message), isOAuth: false };
}

const fieldsOf = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const stringOf = (value: unknown) => (typeof value === "string" ? value : "");
const textOf = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();

function untilItCounts(code: ErrorCode, now: Date): number | undefined {
  if (code !== "drive_daily_limit") return undefined;
  return startOfDay(addDays(dayOf(now, GOOGLE_ZONE), 1), GOOGLE_ZONE).getTime() - now.getTime();
}

/** Says what could not be done where the network failed; what else was thrown is no neighbour's doing and stays as it is. */
export function failureOf(doing: string, error: unknown): unknown {
  const known = causesOf(error).find((cause) => cause instanceof SyncError);
  return known ? new SyncError(known.code, `Cannot ${doing}: ${known.message}`, known) : error;
}

/** How Google says that a service account may not act for the user, or that there is no such user. */
const NO_SUBJECT = /unauthorized_client|access_denied|Invalid email/i;

/** Translates what kept Google's auth library from getting a token (for `subject`): the network, a refusal, or a key that cannot sign. */
export function tokenFailureOf(error: unknown, now: Date, subject?: string): SyncError {
  const causes = causesOf(error);
  const known = causes.find((cause) => cause instanceof SyncError);
  if (known) return known;
  const doing = "get an access token";
  const refused = causes.find((cause) => cause instanceof gaxios.GaxiosError)?.response;
  if (refused) {
    const { status, headers, data: body } = refused;
    const answer = { status, headers: new Headers(headers), body };
    const refusal = refusalOf(doing, answer, now);
    if (subject === undefined || !NO_SUBJECT.test(refusal.message)) return refusal;
    return refusalOf(`${doing} for GOOGLE_DRIVE_SUBJECT, which takes domain-wide delegation`, answer, now);
  }
  const why = error instanceof Error ? plain(error.message, 300) : String(error);
  return new SyncError("drive_credentials", `Cannot ${doing}: the credentials do not work: ${why}`, { cause: error });
}

/** Translates a `fetch` that failed: nothing reached Google, or no answer came back. */
export function networkFailureOf(host: string, error: unknown): SyncError {
  const causes = causesOf(error);
  if (causes.some((cause) => cause instanceof Error && cause.name === "TimeoutError")) {
    return new SyncError("drive_timeout", `${host} did not answer in time`, { cause: error });
  }
  const deepest = causes.at(-1);
  const why = deepest instanceof Error ? deepest.message || deepest.name : String(deepest);
  return new SyncError("drive_unreachable", `the connection to ${host} failed: ${plain(why)}`, { cause: error });
}

function causesOf(error: unknown): unknown[] {
  const causes = [error];
  while (causes.length < 10) {
    const last = causes.at(-1);
    const next = last instanceof AggregateError ? last.errors[0] : last instanceof Error ? last.cause : undefined;
    if (next === undefined) break;
    causes.push(next);
  }
  return causes;
}
