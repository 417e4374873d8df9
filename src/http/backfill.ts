import { Hono } from "hono";
import * as v from "valibot";
import { addDays, countDays, type Day, dayOf, daysBetween } from "../day.ts";
import { MAX_REQUESTED_DAYS } from "../jobs.ts";
import {
  type BackfillDay,
  countUploads,
  defaultDaysBack,
  findBackfillDays,
  requestBackfill,
  type UploadProgress,
} from "../store/backfills.ts";
import { keptAnswers } from "./cached.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { day, path, readBody, text, whole } from "./input.ts";
import { Problem } from "./problem.ts";
import { BackfillProgressSchema, BackfillSchema } from "./shapes.ts";

const EXAMPLES = 'Send {"dateFrom":"2024-01-10","dateTo":"2024-01-15"}, or {"daysBack":7}, or {}.';

const Request = v.pipe(
  v.strictObject({
    dateFrom: v.optional(day),
    dateTo: v.optional(day),
    daysBack: v.optional(v.pipe(whole(1, MAX_REQUESTED_DAYS), v.description("Days back from yesterday."))),
  }),
  v.description("Two dates, or a number of days; without either, the last CALLCENTER_DEFAULT_DAYS_BACK days."),
);

const tags = ["Backfill"];

const described = {
  ask: describe({
    tags,
    summary: "Fetch days again",
    description:
      "One job a day, the newest first, behind the nightly run. Asking again for days that are queued adds nothing.",
    body: Request,
    answers: {
      202: {
        description: "The days are queued.",
        schema: BackfillSchema,
        headers: { Location: "Where its progress is." },
      },
    },
    problems: ["queue_missing"],
  }),
  progress: describe({
    tags,
    summary: "How far a backfill is",
    answers: { 200: { description: "Its days and its uploads.", schema: BackfillProgressSchema } },
    problems: ["not_found", "queue_missing"],
  }),
};

export function backfillRoutes(context: HttpContext): Hono<HttpEnv> {
  const { sql } = context;
  // Counting the recordings of many days takes a while, and whoever watches asks every second.
  const kept = keptAnswers<UploadProgress>(10_000);

  return new Hono<HttpEnv>()
    .post("/backfill", described.ask, async (c) => {
      const days = await wantedDays(await readBody(c, Request, EXAMPLES), context);
      const { id, jobs } = await requestBackfill(sql, days);
      const url = `/backfill/${id}`;
      return c.json({ backfillId: id, days: days.length, jobs, url }, 202, { Location: url });
    })
    .get("/backfill/:id", described.progress, path(v.object({ id: text(200) })), async (c) => {
      const { id } = c.req.valid("param");
      const days = await findBackfillDays(sql, id);
      if (!days)
        throw new Problem("not_found", "There is no backfill with this id.", {
          hint: "POST /backfill answers with the id, and with the address of its progress.",
        });
      const count = () =>
        countUploads(
          sql,
          days.map(({ day }) => day),
        );
      const uploads = await (days.length > 31 ? kept(id, count) : count());
      return c.json({ backfillId: id, status: statusOf(days), days, uploads });
    });
}

/** The days asked for, newest first. */
async function wantedDays(asked: v.InferOutput<typeof Request>, { sql, now, zone }: HttpContext): Promise<Day[]> {
  const { dateFrom, dateTo, daysBack } = asked;
  const today = dayOf(now(), zone);
  const refusal = (why: string) => new Problem("invalid_request", `In the body: ${why}.`, { hint: EXAMPLES });
  if (daysBack !== undefined && (dateFrom || dateTo)) throw refusal("name dates or daysBack, not both");
  if (!dateFrom && !dateTo) {
    const count = daysBack ?? (await defaultDaysBack(sql));
    return daysBetween(addDays(today, -count), addDays(today, -1)).reverse();
  }
  if (!dateFrom || !dateTo) throw refusal("name dateFrom and dateTo, both");
  if (dateFrom > dateTo) throw refusal("dateFrom is after dateTo");
  if (dateTo > today) throw refusal("dateTo is in the future");
  if (countDays(dateFrom, dateTo) > MAX_REQUESTED_DAYS)
    throw refusal(`more than ${MAX_REQUESTED_DAYS} days; ask for them in parts`);
  return daysBetween(dateFrom, dateTo).reverse();
}

/** One word for all the days: a day that is being retried still runs. */
function statusOf(days: readonly BackfillDay[]): "queued" | "running" | "completed" | "partial" | "failed" {
  const all = (status: string) => days.every((day) => day.status === status);
  if (all("queued")) return "queued";
  if (days.some(({ status }) => status === "queued" || status === "running" || status === "retrying")) return "running";
  if (all("completed")) return "completed";
  return all("failed") ? "failed" : "partial";
}
