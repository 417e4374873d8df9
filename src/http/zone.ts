import type { MiddlewareHandler } from "hono";
import { findZone } from "../store/business_days.ts";
import { keptAnswers } from "./cached.ts";
import type { HttpContext, HttpEnv } from "./context.ts";

const KEEP_MS = 10_000;

/**
 * Sets the zone of a context to the workers', whatever this process's environment says: days in the database are counted there. Where none
 * has started yet it stays as it is.
 */
export function countsAsWorkers(context: HttpContext): MiddlewareHandler<HttpEnv> {
  const kept = keptAnswers<string | null>(KEEP_MS);
  return async (_, next) => {
    context.zone = (await kept("", () => findZone(context.sql))) ?? context.zone;
    await next();
  };
}
