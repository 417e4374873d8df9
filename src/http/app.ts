import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { acceptRoutes } from "./accept.ts";
import { whenTokenIsSet, withBearer } from "./auth.ts";
import { backfillRoutes } from "./backfill.ts";
import { callRoutes } from "./calls.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { docRoutes } from "./docs.ts";
import { accessLog, requestId, securityHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoutes } from "./metrics.ts";
import { answerProblem, Problem } from "./problem.ts";
import { syncRoutes } from "./syncs.ts";
import { timeLimit } from "./time_limit.ts";
import { createDashboard } from "./ui/dashboard.ts";

export type { HttpContext } from "./context.ts";

const MAX_BODY_BYTES = 64 * 1_024;

/** What of the API needs the token. */
const API = ["/backfill", "/syncs", "/calls", "/missing-check", "/accept"];

/** The HTTP app: health, metrics, the JSON API and its documentation. Opens nothing: all it has is in `context`. */
export function createApp(context: HttpContext): Hono {
  const app = new Hono<HttpEnv>();
  app.onError((error, c) => answerProblem(error, c, context));
  app.notFound((c) => answerProblem(new Problem("not_found", "No route has this address."), c, context));

  app.use(requestId, accessLog(context), securityHeaders);
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => Promise.reject(new Problem("too_large", "The body has more than 64 KiB.")),
    }),
  );
  app.use(timeLimit);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const answer = answerProblem(
          new Problem("method_not_allowed", `This route takes ${methods.join(", ")}.`),
          c,
          context,
        );
        answer.headers.set("Allow", methods.join(", "));
        return answer;
      },
    }),
  );

  const closed = [whenTokenIsSet(context), withBearer(context.apiToken, "unauthorized")] as const;
  for (const path of API) app.use(`${path}/*`, ...closed);
  app.use("/ui/*", whenTokenIsSet(context));

  for (const routes of [healthRoutes, metricsRoutes, callRoutes, syncRoutes, backfillRoutes, acceptRoutes]) {
    app.route("/", routes(context));
  }
  app.route("/", docRoutes(app, context));
  app.route("/ui", createDashboard(context));
  app.get("/", (c) => c.redirect("/ui/", 302));
  return app as unknown as Hono;
}
