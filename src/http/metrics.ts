import { Hono } from "hono";
import * as v from "valibot";
import { WORKER_SILENCE_SECONDS } from "../store/health.ts";
import { type Aggregates, readAggregates, readStanding } from "../store/metrics.ts";
import { within } from "../within.ts";
import { withBearer } from "./auth.ts";
import { keptAnswers } from "./cached.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { measure } from "./measures.ts";
import { databaseProblem, Problem } from "./problem.ts";
import { type Metric, prometheusText } from "./prometheus.ts";

/** How long an aggregate over the queue serves all scrapes: it costs 0.4 s at a million jobs. */
const KEEP_MS = 20_000;

/** Prometheus gives up after 10 s; the process's own metrics must arrive whatever the database does. */
const STANDING_MS = 3_000;
const AGGREGATES_MS = 7_000;

const described = (needsToken: boolean) =>
  describe({
    tags: ["Health"],
    open: true,
    ...(needsToken && { security: "metricsToken", problems: ["metrics_unauthorized"] }),
    summary: "Metrics for Prometheus",
    description:
      "Counts come from PostgreSQL: the same from every process. Where it does not answer, callcenter_database_up is 0.",
    answers: { 200: { description: "Prometheus' text format.", schema: v.string(), type: "text/plain" } },
  });

export function metricsRoutes(context: HttpContext): Hono<HttpEnv> {
  const { metricsToken, processMetrics } = context;
  const aggregates = keptAnswers<Aggregates>(KEEP_MS);
  const app = new Hono<HttpEnv>();
  if (metricsToken) app.use("/metrics", withBearer(metricsToken, "metrics_unauthorized"));
  return app.get("/metrics", described(metricsToken !== undefined), async (c) => {
    const [durable, own] = await Promise.all([fromDatabase(context, aggregates), processMetrics?.() ?? ""]);
    const text = prometheusText([...durable, ...aboutProcess(context)]) + own;
    return c.body(text, 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
  });
}

type Kept = ReturnType<typeof keptAnswers<Aggregates>>;

/** A database that answers but slowly is up: what it still counts is left out. */
async function fromDatabase({ sql, log }: HttpContext, aggregates: Kept): Promise<Metric[]> {
  const http = log.named("callcenter.http");
  const late = () => new Problem("timeout", "PostgreSQL did not answer in time.");
  try {
    const counting = within(
      AGGREGATES_MS,
      aggregates("", () => readAggregates(sql)),
      late,
    ).catch((error: unknown) => {
      http.warn("Metrics without the queue and the days", { code: understood(error) });
      return null;
    });
    const [standing, waiting] = await Promise.all([
      within(STANDING_MS, readStanding(sql, WORKER_SILENCE_SECONDS), late),
      counting,
    ]);
    return [databaseUp(1), ...measure(standing, waiting)];
  } catch (error) {
    http.warn("Metrics without the database", { code: understood(error) });
    return [databaseUp(0)];
  }
}

/** The code of what the database did; any other error is ours and thrown. */
function understood(error: unknown): string {
  const code = error instanceof Problem ? error.code : databaseProblem(error);
  if (code === "internal") throw error;
  return code;
}

const databaseUp = (value: number): Metric => ({
  name: "callcenter_database_up",
  type: "gauge",
  help: "1 while PostgreSQL answers this process.",
  samples: [{ value }],
});

const aboutProcess = ({ version, role }: HttpContext): Metric[] => [
  {
    name: "callcenter_build_info",
    type: "gauge",
    help: "1, with the version and the role of this process.",
    samples: [{ labels: { version, role }, value: 1 }],
  },
];
