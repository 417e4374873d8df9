import { type Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import { isDay } from "../../day.ts";
import { countUploads, defaultDaysBack, findBackfillDays } from "../../store/backfills.ts";
import { findCallStory } from "../../store/call_story.ts";
import { findAttention } from "../../store/dashboard_attention.ts";
import { findAcceptances, findDayRows, findLacks, findRefused } from "../../store/dashboard_days.ts";
import { findBackfillTime, findOpenBackfills, findQueue, findRates } from "../../store/dashboard_progress.ts";
import { findServiceFacts, findVerdictFacts } from "../../store/dashboard_verdict.ts";
import { listSyncs } from "../../store/sync_list.ts";
import type { HttpContext, HttpEnv } from "../context.ts";
import { answerProblem, Problem, type ProblemCode } from "../problem.ts";
import { withPassword } from "./access.ts";
import { actionRoutes, isOwnPath } from "./actions.ts";
import { answer, refuse as refuseWith, viewOf } from "./answer.ts";
import { assets } from "./assets.ts";
import { MOST_DAYS } from "./attention_part.ts";
import { backfillPage } from "./backfill_page.ts";
import { spanOf } from "./calendar.ts";
import { callPage } from "./call_page.ts";
import { callsPage } from "./calls_page.ts";
import { type Refusal, refusalOf } from "./closed_page.ts";
import { guardForms } from "./csrf.ts";
import { dayPage } from "./day_page.ts";
import { cookieOptions } from "./flash.ts";
import { keepFresh } from "./fresh.ts";
import { MOST_SHOWN } from "./lacks_part.ts";
import { isLanguage, LANGUAGE_COOKIE } from "./language.ts";
import { overviewPage } from "./overview_page.ts";
import { searchCalls, searchSyncs } from "./reading.ts";
import { syncsPage } from "./syncs_page.ts";
import { links } from "./view.ts";

const A_YEAR = 31_536_000;

/** The dashboard: pages and forms in plain HTML, behind HTTP Basic. Mounted at `/ui`. */
export function createDashboard(context: HttpContext): Hono<HttpEnv> {
  const { sql } = context;
  const app = new Hono<HttpEnv>();
  const refuse = (c: Context<HttpEnv>, refusal: Refusal) => refuseWith(c, context, refusal);
  const keepOut = (c: Context<HttpEnv>, refusal: "noToken" | "unauthorized") => {
    const readsPages = c.req.header("Accept")?.includes("text/html") ?? false;
    if (refusal === "unauthorized" || readsPages) return refuse(c, refusal);
    return answerProblem(
      new Problem("token_not_set", "API_TOKEN is not set: it is the dashboard's password."),
      c,
      context,
    );
  };
  const kept = keptAnswers(context);

  app.onError(async (error, c) => {
    const problem = answerProblem(error, c, context);
    const { code } = (await problem.clone().json()) as { code: ProblemCode };
    return refuse(c, refusalOf(code));
  });
  for (const { path, type, body } of Object.values(assets)) {
    app.get(path, (c) =>
      c.body(body, 200, { "Content-Type": type, "Cache-Control": `public, max-age=${A_YEAR}, immutable` }),
    );
  }
  app.get("/language", (c) => {
    const { to, back = "" } = c.req.query();
    if (isLanguage(to)) setCookie(c, LANGUAGE_COOKIE, to, { ...cookieOptions(c), maxAge: A_YEAR });
    return c.redirect(isOwnPath(back) ? back : links.overview, 303);
  });
  app.use("*", withPassword(context, keepOut));
  app.use(
    "*",
    guardForms(context, (c) => refuse(c, "csrf")),
  );

  const overview = async (c: Context<HttpEnv>) => {
    const view = await viewOf(c, context);
    const span = spanOf(c.req.query("month"), view.today);
    const [days, verdict, attention, queue, service, rates, backfills] = await Promise.all([
      kept.days(`${span.from} ${span.to}`),
      kept.verdict(""),
      kept.attention(""),
      kept.queue(""),
      findServiceFacts(sql),
      findRates(sql),
      findOpenBackfills(sql),
    ]);
    return answer(c, view, overviewPage({ days, span, verdict, attention, queue, service, rates, backfills }, view));
  };
  app.get("/", overview);

  app.get("/days/:day", async (c) => {
    const { day } = c.req.param();
    if (!isDay(day) || day < "1990" || day >= "2100") return refuse(c, "notFound");
    const [[row], service, lacks, refused, acceptances, syncs, view] = await Promise.all([
      findDayRows(sql, day, day),
      findServiceFacts(sql),
      findLacks(sql, day, MOST_SHOWN),
      findRefused(sql, day, MOST_SHOWN),
      findAcceptances(sql, day),
      listSyncs(sql, { day }, { limit: MOST_SHOWN }),
      viewOf(c, context),
    ]);
    const { driveEnabled } = service;
    return answer(c, view, dayPage({ day, row, driveEnabled, ...lacks, refused, acceptances, syncs }, view));
  });

  app.get("/calls", async (c) => {
    const found = await searchCalls(sql, c.req.query());
    if ("uuid" in found) return c.redirect(links.call(found.uuid), 303);
    const view = await viewOf(c, context);
    return answer(c, view, callsPage(found.search, view));
  });

  app.get("/calls/:uuid", async (c) => {
    const story = await findCallStory(sql, c.req.param("uuid").replaceAll("\0", ""));
    if (!story) return refuse(c, "notFound");
    const view = await viewOf(c, context);
    return answer(c, view, callPage(story, view));
  });

  app.get("/syncs", async (c) => {
    const [search, daysBack, view] = await Promise.all([
      searchSyncs(sql, c.req.query()),
      defaultDaysBack(sql),
      viewOf(c, context),
    ]);
    return answer(c, view, syncsPage({ ...search, defaultDaysBack: daysBack }, view));
  });

  app.get("/backfills/:id", async (c) => {
    const id = c.req.param("id").replaceAll("\0", "");
    const days = await findBackfillDays(sql, id);
    if (!days) return refuse(c, "notFound");
    const [uploads, askedAt, view] = await Promise.all([
      countUploads(
        sql,
        days.map(({ day }) => day),
      ),
      findBackfillTime(sql, id),
      viewOf(c, context),
    ]);
    return answer(c, view, backfillPage({ askedAt, days, uploads }, view));
  });

  app.route("/", actionRoutes({ context, refuse, changed: kept.forget }));
  // Mounted at /ui, a root is `/ui` to Hono and `/ui/` to everybody else.
  app.get("*", (c) => (new URL(c.req.url).pathname === links.overview ? overview(c) : refuse(c, "notFound")));
  app.all("*", (c) => refuse(c, "notFound"));
  return app;
}

/** What costs a large database some time, and is the same for everybody. */
function keptAnswers({ sql }: HttpContext) {
  const days = keepFresh((span: string) => {
    const [from, to] = span.split(" ") as [`${number}-${number}-${number}`, `${number}-${number}-${number}`];
    return findDayRows(sql, from, to);
  });
  const verdict = keepFresh(() => findVerdictFacts(sql));
  const attention = keepFresh(() => findAttention(sql, MOST_DAYS));
  const queue = keepFresh(() => findQueue(sql));
  const forget = () => {
    for (const answers of [days, verdict, attention, queue]) answers.forget();
  };
  return { days, verdict, attention, queue, forget };
}
