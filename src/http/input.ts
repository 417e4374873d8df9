import type { Context } from "hono";
import { validator } from "hono-openapi";
import * as v from "valibot";
import { type Day, isDay } from "../day.ts";
import type { Place } from "../store/call_list.ts";
import type { HttpEnv } from "./context.ts";
import { Problem } from "./problem.ts";

/** A text that PostgreSQL takes: no control characters, neither empty nor endless. */
export const text = (maxLength: number) =>
  v.pipe(
    v.string("must be a text"),
    v.minLength(1, "is empty"),
    v.maxLength(maxLength, `is longer than ${maxLength} characters`),
    v.regex(/^[^\x00-\x1f\x7f]*$/, "has control characters"),
  );

const A_DAY = "must be a day of the calendar, YYYY-MM-DD, of 1990 to 2099";

/** A calendar day. */
export const day = v.pipe(
  v.string(A_DAY),
  v.isoDate(A_DAY),
  v.check((written) => isDay(written) && written >= "1990" && written < "2100", A_DAY),
  v.transform((written) => written as Day),
);

/** A whole number in a JSON body. */
export const whole = (min: number, max: number) => {
  const wish = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(wish), v.integer(wish), v.minValue(min, wish), v.maxValue(max, wish));
};

const MAX_LIMIT = 200;
const USUAL_LIMIT = 50;
const WANTED_LIMIT = `must be a whole number from 1 to ${MAX_LIMIT}`;

/** What every list takes: how many, and where to go on. */
export const paging = {
  limit: v.pipe(
    v.optional(
      v.pipe(
        v.string(WANTED_LIMIT),
        v.regex(/^\d{1,3}$/, WANTED_LIMIT),
        v.description(`How many, 1 to ${MAX_LIMIT}.`),
        v.transform(Number),
        v.minValue(1, WANTED_LIMIT),
        v.maxValue(MAX_LIMIT, WANTED_LIMIT),
      ),
      String(USUAL_LIMIT),
    ),
    // A query is text; whoever reads the document is to send a number.
    v.metadata({ type: "integer", minimum: 1, maximum: MAX_LIMIT, default: USUAL_LIMIT, pattern: undefined }),
  ),
  cursor: v.optional(
    v.pipe(
      text(1_000),
      v.description("The nextCursor of the page before."),
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        const place = readCursor(dataset.value);
        if (!place) addIssue({ message: "must be the nextCursor of an earlier answer" });
        return place ?? NEVER;
      }),
    ),
  ),
};

/** Where the next page begins, as an opaque text: behind the last row of this one; null where it is the last. */
export function cursorAfter(rows: readonly Place[], limit: number): string | null {
  const last = rows[limit - 1];
  if (!last || rows.length <= limit) return null;
  const bytes = new TextEncoder().encode(`${last.at?.getTime() ?? ""} ${last.id}`);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** An earlier year is written with a sign, which PostgreSQL refuses. */
const YEAR_1_MS = Date.parse("0001-01-01T00:00:00Z");

function readCursor(cursor: string): Place | undefined {
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const match = /^(-?\d{1,14})? ([^\x00-\x1f]{1,500})$/.exec(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (!match || Number(match[1] ?? 0) < YEAR_1_MS) return undefined;
    return { at: match[1] ? new Date(Number(match[1])) : null, id: match[2]! };
  } catch {
    return undefined;
  }
}

/** The query, checked; an unknown name is refused, for a filter with a typing error would show everything. */
export const query = <S extends v.GenericSchema>(schema: S) => validator("query", schema, refuse("query"));

/** The parts of the path, checked. */
export const path = <S extends v.GenericSchema>(schema: S) => validator("param", schema, refuse("path"));

const refuse = (where: string) => (result: { success: boolean; error?: unknown }) => {
  if (!result.success) throw new Problem("invalid_request", describe(where, result.error as v.BaseIssue<unknown>[]));
};

/** The JSON body, checked, whatever its content type says; no body is an empty object. `hint`: what a right one looks like. */
export async function readBody<S extends v.GenericSchema>(
  c: Context<HttpEnv>,
  schema: S,
  hint?: string,
): Promise<v.InferOutput<S>> {
  const refusal = (detail: string) => new Problem("invalid_request", detail, hint === undefined ? {} : { hint });
  const written = await c.req.text();
  let body: unknown = {};
  try {
    if (written.trim()) body = JSON.parse(written);
  } catch {
    throw refusal("The body is no JSON.");
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw refusal("The body is no JSON object.");
  }
  const result = v.safeParse(schema, body);
  if (!result.success) throw refusal(describe("body", result.issues));
  return result.output;
}

/** What is wrong, by the names of the fields; no value is repeated. */
function describe(where: string, issues: readonly v.BaseIssue<unknown>[]): string {
  const lines = issues.slice(0, 5).map((issue) => {
    const name = v.getDotPath(issue);
    if (issue.expected === "never") return `${name ?? where} is not known here`;
    if (name && issue.input === undefined) return `${name} is missing`;
    return `${name ?? where} ${/^(Invalid|Expected)/.test(issue.message) ? "has the wrong form" : issue.message}`;
  });
  return `In the ${where}: ${[...new Set(lines)].join("; ")}.`;
}
