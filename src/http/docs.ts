import { Hono } from "hono";
import { html } from "hono/html";
import { generateSpecs, openAPIRouteHandler } from "hono-openapi";
import * as v from "valibot";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { Problem } from "./problem.ts";

/** Swagger UI takes its styles and script from here, draws its pictures itself, and asks nobody but us. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const START = `addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null, persistAuthorization: false });
});
`;

const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>callcenter-sync API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/start.js" defer></script>
  </head>
  <body>
    <noscript>This page needs JavaScript. The same in plain JSON: <a href="/openapi.json">/openapi.json</a></noscript>
    <main id="docs"></main>
  </body>
</html>
`;

interface Operation {
  /** `GET /calls` */
  name: string;
  summary: string;
}

/** What a runtime shows that has no files of Swagger UI: the same operations, as plain HTML. */
const plainPage = (operations: readonly Operation[]) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>callcenter-sync API</title>
  </head>
  <body>
    <h1>callcenter-sync API</h1>
    <p>All of it, for programs and for people: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
    <ul>
${operations.map(({ name, summary }) => html`<li><code>${name}</code> ${summary}</li>`)}
    </ul>
  </body>
</html>
`;

const tags = ["Documentation"];
const described = {
  document: describe({
    tags,
    summary: "This document",
    open: true,
    answers: { 200: { description: "OpenAPI 3.1.", schema: v.looseObject({ openapi: v.string() }) } },
  }),
  page: describe({
    tags,
    summary: "A page that renders this document",
    open: true,
    answers: { 200: { description: "HTML.", schema: v.string(), type: "text/html" } },
  }),
};

const DESCRIPTION = `Every night: a PBX's call detail records into PostgreSQL, every recording into Google Drive, and the proof that nothing is missing.

Days are \`YYYY-MM-DD\` in the business's time zone, instants ISO 8601 in UTC. Lists go on with \`cursor\`. Errors are
\`application/problem+json\` (RFC 9457) with a \`code\` and a \`hint\`;
with a method that a route does not take, it answers 405 (\`method_not_allowed\`) and names those that it takes in \`Allow\`.`;

const documentation = (version: string) => ({
  info: { title: "callcenter-sync", version, description: DESCRIPTION },
  tags: [
    { name: "Days", description: "Is everything archived?" },
    { name: "Calls", description: "Call detail records and their recordings" },
    { name: "Syncs", description: "Every reading of a day" },
    { name: "Backfill", description: "Days fetched again" },
    { name: "Gaps", description: "What a person said may stay missing" },
    { name: "Health", description: "For people, monitors and platforms; no token" },
    { name: "Documentation", description: "No token" },
  ],
  components: {
    securitySchemes: {
      apiToken: { type: "http", scheme: "bearer", description: "API_TOKEN of the service." } as const,
      metricsToken: { type: "http", scheme: "bearer", description: "METRICS_TOKEN, where it is set." } as const,
    },
  },
});

/** The description of all routes of `app`, and a page that renders it. */
export function docRoutes(app: Hono<HttpEnv>, { version, asset }: HttpContext): Hono<HttpEnv> {
  const options = {
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
    documentation: documentation(version),
  };
  const document = openAPIRouteHandler(app, options);
  const operations = async (): Promise<Operation[]> => {
    const { paths } = await generateSpecs(app, options);
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods ?? {}).map(([method, operation]) => {
        const { summary = "" } = operation as { summary?: string };
        return { name: `${method.toUpperCase()} ${path}`, summary };
      }),
    );
  };
  return new Hono<HttpEnv>()
    .get("/openapi.json", described.document, document)
    .get("/docs", described.page, async (c) =>
      asset ? c.html(page, 200, { "Content-Security-Policy": POLICY }) : c.html(plainPage(await operations())),
    )
    .get("/docs/start.js", (c) => c.body(START, 200, { "Content-Type": "text/javascript; charset=utf-8" }))
    .get("/docs/:file", async (c) => {
      const file = await asset?.(c.req.param("file"));
      if (!file) throw new Problem("not_found", "Swagger UI has no such file here.");
      const headers = { "Content-Type": file.type, "Cache-Control": "public, max-age=86400" };
      return c.body(file.body as Uint8Array<ArrayBuffer>, 200, headers);
    });
}
