import { type Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import type { HttpContext, HttpEnv } from "../context.ts";
import { answerProblem, Problem, type ProblemCode } from "../problem.ts";
import { countsAsWorkers } from "../zone.ts";
import { withPassword } from "./access.ts";
import { forms, isOwnPath } from "./actions.ts";
import { refuse as refuseWith } from "./answer.ts";
import { assets } from "./assets.ts";
import { refusalOf } from "./closed_page.ts";
import { guardForms } from "./csrf.ts";
import { cookieOptions } from "./flash.ts";
import { isLanguage, LANGUAGE_COOKIE } from "./language.ts";
import { overview, pages } from "./page_routes.ts";
import { keptAnswers, type Tools } from "./tools.ts";
import { links } from "./view.ts";

const A_YEAR = 31_536_000;

/** The dashboard: pages and forms in plain HTML, behind HTTP Basic. Mounted at `/ui`. */
export function createDashboard(context: HttpContext): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const tools: Tools = {
    context,
    kept: keptAnswers(context),
    refuse: (c, refusal) => refuseWith(c, context, refusal),
  };
  app.onError((error, c) => answerError(error, c, tools));
  for (const { path, type, body } of Object.values(assets)) {
    const headers = { "Content-Type": type, "Cache-Control": `public, max-age=${A_YEAR}, immutable` };
    app.get(path, (c) => c.body(body, 200, headers));
  }
  app.get("/language", chooseLanguage);
  app.use(
    "*",
    withPassword(context, (c, refusal) => keepOut(c, refusal, tools)),
  );
  app.use(
    "*",
    guardForms(context, (c) => tools.refuse(c, "csrf")),
  );
  app.use("*", countsAsWorkers(context));
  for (const [path, page] of Object.entries(pages)) app.get(path, (c) => page(c, tools));
  for (const [path, form] of Object.entries(forms)) app.post(path, (c) => form(c, tools));
  // Mounted at /ui, a root is `/ui` to Hono and `/ui/` to everybody else.
  app.get("*", (c) =>
    new URL(c.req.url).pathname === links.overview ? overview(c, tools) : tools.refuse(c, "notFound"),
  );
  app.all("*", (c) => tools.refuse(c, "notFound"));
  return app;
}

/** An error as a page. It is logged as the API's are. */
async function answerError(error: Error, c: Context<HttpEnv>, { context, refuse }: Tools): Promise<Response> {
  const { code } = (await answerProblem(error, c, context).json()) as { code: ProblemCode };
  return refuse(c, refusalOf(code));
}

/** Before a closed door a browser sees a page, a program a problem. */
function keepOut(c: Context<HttpEnv>, refusal: "noToken" | "unauthorized", { context, refuse }: Tools) {
  const readsPages = c.req.header("Accept")?.includes("text/html") ?? false;
  if (readsPages) return refuse(c, refusal);
  const problem =
    refusal === "noToken"
      ? new Problem("token_not_set", "API_TOKEN is not set: it is the dashboard's password.")
      : new Problem("password_needed", "The request carries no password, or not the right one.");
  return answerProblem(problem, c, context);
}

function chooseLanguage(c: Context<HttpEnv>): Response {
  const { to, back = "" } = c.req.query();
  if (isLanguage(to)) setCookie(c, LANGUAGE_COOKIE, to, { ...cookieOptions(c), maxAge: A_YEAR });
  return c.redirect(isOwnPath(back) ? back : links.overview, 303);
}
