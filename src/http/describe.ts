import { describeRoute, type ResponsesWithResolver, resolver } from "hono-openapi";
import * as v from "valibot";
import { type ProblemCode, problems } from "./problem.ts";

/** A problem, as RFC 9457 has it. */
export const ProblemSchema = v.pipe(
  v.strictObject({
    type: v.string(),
    title: v.string(),
    status: v.number(),
    detail: v.string(),
    instance: v.string(),
    code: v.picklist(Object.keys(problems)),
    hint: v.string(),
  }),
  v.metadata({ ref: "Problem", description: "What is wrong, by its code, and what to do." }),
);

interface Route {
  tags: string[];
  summary: string;
  description?: string;
  /** The good answer, by its status. */
  answers: Record<
    number,
    { description: string; schema?: v.GenericSchema; type?: string; headers?: Record<string, string> }
  >;
  body?: v.GenericSchema;
  /** Problems of its own, beside those that every route of its kind has. */
  problems?: ProblemCode[];
  /** True where API_TOKEN is not needed. */
  open?: boolean;
  /** Another token than API_TOKEN. */
  security?: "metricsToken";
}

/** What any route may answer, and what any route behind the token may. */
const ALWAYS: ProblemCode[] = ["too_large", "internal", "timeout"];
const BEHIND_TOKEN: ProblemCode[] = [
  "invalid_request",
  "unauthorized",
  "token_not_set",
  "database_unavailable",
  "database_not_migrated",
];

/** Says what a route takes and answers, for the OpenAPI document. */
export function describe(route: Route) {
  const { tags, summary, description, body, open = false } = route;
  const codes = [...ALWAYS, ...(open ? [] : BEHIND_TOKEN), ...(route.problems ?? [])];
  const responses: ResponsesWithResolver = {};
  for (const [status, { description, schema, type = "application/json", headers = {} }] of Object.entries(
    route.answers,
  )) {
    responses[status] = {
      description,
      ...(schema && { content: { [type]: { schema: resolver(schema) } } }),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: "string" } }]),
      ),
    };
  }
  for (const status of new Set(codes.map((code) => problems[code].status))) {
    const here = codes.filter((code) => problems[code].status === status);
    responses[status] ??= {
      description: here.map((code) => `\`${code}\`: ${problems[code].title}.`).join(" "),
      content: { "application/problem+json": { schema: resolver(ProblemSchema) } },
    };
  }
  return describeRoute({
    tags,
    summary,
    ...(description && { description }),
    security: route.security ? [{ [route.security]: [] }] : open ? [] : [{ apiToken: [] }],
    ...(body && { requestBody: { content: { "application/json": { schema: resolver(body) } } } }),
    responses,
  });
}
