import { Hono } from "hono";
import type { HttpContext, HttpEnv } from "./context.ts";

export function healthRoutes(_context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().get("/health/live", (c) => c.json({ status: "alive" }));
}
