import { Hono } from "hono";
import { acceptRoutes } from "./accept.ts";
import { whenTokenIsSet, withBearer } from "./auth.ts";
import { backfillRoutes } from "./backfill.ts";
import { callRoutes } from "./calls.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { dayRoutes } from "./days.ts";
import { docRoutes } from "./docs.ts";
import { accessLog, requestId, securityHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { knownMethods, sizeLimit, timeLimit } from "./limits.ts";
import { metricsRoutes } from "./metrics.ts";
import { answerProblem, Problem } from "./problem.ts";
import { syncRoutes } from "./syncs.ts";
import { createDashboard } from "./ui/dashboard.ts";
import { countsAsWorkers } from "./zone.ts";

export type { HttpContext } from "./context.ts";

/** What of the API needs the token. */
const API = ["/days", "/calls", "/syncs", "/missing-check", "/backfill", "/accept"];

/** The HTTP app: health, metrics, the JSON API and its documentation. Opens nothing: all it has is in `context`. */
export function createApp(given: HttpContext): Hono {
  const context = { ...given };
  const app = new Hono<HttpEnv>();
  app.onError((error, c) => answerProblem(error, c, context));
  app.notFound((c) => answerProblem(new Problem("not_found", "No route has this address."), c, context));

  app.use(requestId, accessLog(context), securityHeaders, sizeLimit, timeLimit, knownMethods(app, context));

  const closed = [
    whenTokenIsSet(context),
    withBearer(context.apiToken, "unauthorized"),
    countsAsWorkers(context),
  ] as const;
  for (const path of API) app.use(`${path}/*`, ...closed);

  const open = [healthRoutes, metricsRoutes];
  for (const routes of [...open, dayRoutes, callRoutes, syncRoutes, backfillRoutes, acceptRoutes]) {
    app.route("/", routes(context));
  }
  app.route("/", docRoutes(app, context));
  app.route("/ui", createDashboard(context));
  app.get("/", (c) => c.redirect("/ui/", 302));
  return app as unknown as Hono;
}
