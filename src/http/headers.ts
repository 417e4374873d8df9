import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { HttpContext, HttpEnv } from "./context.ts";

/** What every answer says to browsers, unless its route says something else. */
const SECURITY: Record<string, string> = {
  "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cache-Control": "no-store",
};

export const securityHeaders: MiddlewareHandler<HttpEnv> = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURITY)) {
    if (!c.res.headers.has(name)) c.header(name, value);
  }
};

/** Gives each request an id: the caller's `X-Request-Id` where it is a sane one, else a new one. */
export const requestId: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const given = c.req.header("X-Request-Id");
  const id = given && /^[\w-]{8,64}$/.test(given) ? given : crypto.randomUUID();
  c.set("requestId", id);
  await next();
  c.header("X-Request-Id", id);
};

/** One line a request, for whoever looks closely: the route's pattern, never the address with its phone numbers. */
export function accessLog({ log }: HttpContext): MiddlewareHandler<HttpEnv> {
  const http = log.named("callcenter.http");
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const seconds = Math.round(performance.now() - startedAt) / 1_000;
    const route = matchedRoutes(c).findLast(({ method }) => method !== "ALL")?.path ?? "unknown";
    const context = { request_id: c.get("requestId"), method: c.req.method, route, status: c.res.status };
    http.debug("Answered", { ...context, duration_seconds: seconds });
  };
}
