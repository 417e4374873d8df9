import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { messageOf } from "../errors.ts";
import { plain } from "../log.ts";
import type { HttpContext, HttpEnv } from "./context.ts";

interface Kind {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 500 | 503;
  title: string;
  /** What whoever asked can do. */
  hint: string;
  /** How to say who one is (RFC 9110), where that is what lacks. */
  challenge?: string;
  /** Seconds after which asking again may help. */
  retryAfterSeconds?: number;
}

const BEARER = 'Bearer realm="callcenter-sync"';

/** Every problem that the HTTP app answers with, by its code. */
export const problems = {
  invalid_request: { status: 400, title: "The request is not right", hint: "/docs shows what this route takes." },
  unauthorized: {
    status: 401,
    title: "A token is needed",
    hint: "Send 'Authorization: Bearer <API_TOKEN>'.",
    challenge: BEARER,
  },
  metrics_unauthorized: {
    status: 401,
    title: "A token is needed",
    hint: "Send 'Authorization: Bearer <METRICS_TOKEN>'.",
    challenge: BEARER,
  },
  password_needed: {
    status: 401,
    title: "A password is needed",
    hint: "The dashboard takes HTTP Basic: any user name, and the value of API_TOKEN as the password.",
    challenge: 'Basic realm="callcenter-sync", charset="UTF-8"',
  },
  not_found: { status: 404, title: "There is no such thing here", hint: "/docs lists every route." },
  method_not_allowed: { status: 405, title: "Not with this method", hint: "/docs lists every route and its methods." },
  not_possible: { status: 409, title: "Not possible as things stand", hint: "Look at its present state first." },
  too_large: { status: 413, title: "The body is too large", hint: "Send at most 64 KiB." },
  internal: {
    status: 500,
    title: "Something went wrong here",
    hint: "The service's log has a line with this request's id.",
  },
  token_not_set: {
    status: 503,
    title: "The API and the dashboard are closed",
    hint: "Set API_TOKEN in the environment of the service, then restart it.",
  },
  database_unavailable: {
    status: 503,
    title: "The database does not answer",
    hint: "Check that PostgreSQL runs and DATABASE_URL is right. Nothing else to do: the service goes on by itself.",
    retryAfterSeconds: 5,
  },
  database_not_migrated: {
    status: 503,
    title: "The database is not ready",
    hint: "Start the service, or run 'callcenter-sync migrate': it makes the tables.",
    retryAfterSeconds: 30,
  },
  queue_missing: {
    status: 503,
    title: "There is no queue yet",
    hint: "Start a worker once (npm start): it makes the queue.",
    retryAfterSeconds: 30,
  },
  timeout: {
    status: 503,
    title: "That took too long",
    hint: "Ask again, for fewer days or with a narrower filter.",
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof problems;

/** An answer that says what is wrong, in the form of RFC 9457. `detail` may name what was asked, never its secrets. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly hint: string;

  /** `hint`: what to do in just this case, where that says more than the code's own. */
  constructor(code: ProblemCode, detail: string, options: { cause?: unknown; hint?: string } = {}) {
    super(detail, options);
    this.code = code;
    this.hint = options.hint ?? problems[code].hint;
  }
}

/** The answer to a request that failed. Logs what is not the asker's fault; shows no stack, no SQL, no phone number. */
export function answerProblem(error: unknown, c: Context<HttpEnv>, { log, redact }: HttpContext): Response {
  const problem = understood(error);
  const { status, title, challenge, retryAfterSeconds } = problems[problem.code] as Kind;
  const requestId = c.get("requestId");
  if (status >= 500 && problem.code !== "token_not_set") {
    const context = { request_id: requestId, method: c.req.method, code: problem.code, error: messageOf(error) };
    const http = log.named("callcenter.http");
    (status === 500 ? http.error : http.warn)(`Cannot answer: ${title}`, context);
  }
  const body = {
    type: `urn:callcenter-sync:problem:${problem.code}`,
    title,
    status,
    detail: redact(plain(problem.message, 500)),
    instance: `urn:callcenter-sync:request:${requestId}`,
    code: problem.code,
    hint: problem.hint,
  };
  return c.body(JSON.stringify(body), status, {
    "Content-Type": "application/problem+json",
    ...(challenge && { "WWW-Authenticate": challenge }),
    ...(retryAfterSeconds && { "Retry-After": String(retryAfterSeconds) }),
  });
}

/** What an error means to whoever asked. */
function understood(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException) {
    const code = error.status === 413 ? "too_large" : error.status < 500 ? "invalid_request" : "internal";
    return new Problem(code, problems[code].title, { cause: error });
  }
  const code = databaseProblem(error);
  return new Problem(code, problems[code].title, { cause: error });
}

/** PostgreSQL's and the driver's codes, in our words. Nothing of the statement is repeated. */
export function databaseProblem(error: unknown): ProblemCode {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof code === "string" ? code : "";
  if (text === "57014") return "timeout";
  if (/^(3F000|42P01|42704|42883|42703)$/.test(text)) {
    return /graphile_worker/.test(String(message)) ? "queue_missing" : "database_not_migrated";
  }
  if (/^(08|53|57P|28|3D|25006)/.test(text)) return "database_unavailable";
  return /^(E[A-Z]{4,}|CONNECT|CONNECTION_|EAI_)/.test(text) ? "database_unavailable" : "internal";
}
