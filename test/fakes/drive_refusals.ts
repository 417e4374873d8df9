/** Status, domain and words of Google's refusals, as developers.google.com/workspace/drive/api/guides/handle-errors lists them. */
const REASONS = {
  badRequest: [400, "global", "Bad Request"],
  invalid: [400, "global", "Invalid Value"],
  invalidParameter: [400, "global", "Invalid value"],
  parseError: [400, "global", "Parse Error"],
  required: [400, "global", "Required"],
  authError: [401, "global", "Invalid Credentials"],
  dailyLimitExceeded: [403, "usageLimits", "Daily Limit Exceeded"],
  userRateLimitExceeded: [403, "usageLimits", "User Rate Limit Exceeded"],
  rateLimitExceeded: [403, "usageLimits", "Rate Limit Exceeded"],
  insufficientPermissions: [403, "global", "Request had insufficient authentication scopes."],
  insufficientFilePermissions: [403, "global", "The user does not have sufficient permissions for this file."],
  storageQuotaExceeded: [403, "global", "The user's Drive storage quota has been exceeded."],
  teamDriveFileLimitExceeded: [403, "global", "The file limit for this shared drive has been exceeded."],
  fieldNotWritable: [403, "global", "The resource body includes fields which are not directly writable."],
  notFound: [404, "global", "File not found: ."],
  fileIdInUse: [409, "global", "A file already exists with the provided ID."],
  internalError: [500, "global", "Internal Error"],
  backendError: [503, "global", "Backend Error"],
} as const satisfies Record<string, readonly [number, string, string]>;

export type Reason = keyof typeof REASONS;

export interface RefusalDetails {
  message?: string;
  status?: number;
  location?: string;
  locationType?: "parameter" | "header";
  retryAfterSeconds?: number;
}

/** An answer that says no, ready to be sent. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;

  constructor(status: number, type: string, body: string, headers: Record<string, string> = {}) {
    super(body);
    this.status = status;
    this.body = body;
    this.headers = { "content-type": type, ...headers };
  }
}

/** Google's JSON shape of an error. */
export function refusal(reason: Reason, details: RefusalDetails = {}): Refusal {
  const [usualStatus, domain, usualMessage] = REASONS[reason];
  const { message = usualMessage, status = usualStatus, location, locationType, retryAfterSeconds } = details;
  const where = location === undefined ? {} : { locationType: locationType ?? "parameter", location };
  const error = { code: status, message, errors: [{ message, domain, reason, ...where }] };
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  return new Refusal(status, "application/json; charset=UTF-8", JSON.stringify({ error }), headers);
}

export function notFound(id: string): Refusal {
  return refusal("notFound", { message: `File not found: ${id}.`, location: "fileId" });
}

/** The upload servers speak plain text, not JSON. */
export function plainRefusal(status: number, text: string): Refusal {
  return new Refusal(status, "text/plain; charset=utf-8", text);
}

/** What Google's front end says when no API server answered it. */
export function htmlRefusal(status: number, title: string): Refusal {
  const page = `<!DOCTYPE html><html lang=en><title>Error ${status} (${title})!!1</title><p><b>${status}.</b> <ins>That’s an error.</ins></html>`;
  return new Refusal(status, "text/html; charset=UTF-8", page);
}

/** RFC 6749 §5.2, in Google's words. */
export function tokenRefusal(error: string, description: string): Refusal {
  const status = error === "invalid_client" || error === "unauthorized_client" ? 401 : 400;
  const body = JSON.stringify({ error, error_description: description });
  return new Refusal(status, "application/json; charset=utf-8", body);
}
