import { Hono } from "hono";
import * as v from "valibot";
import { addDays, countDays, type Day, dayOf } from "../day.ts";
import type { Redact } from "../log.ts";
import { type DayRow, findDayRows } from "../store/dashboard_days.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { day, path, query } from "./input.ts";
import { Problem } from "./problem.ts";
import { DaySchema } from "./shapes.ts";
import { hintOf, shownError } from "./shown.ts";

/** Their calls are counted anew each time: so many days are some 100 ms. */
const MAX_DAYS = 62;
const DEFAULT_DAYS = 7;

const Range = v.strictObject({
  dateFrom: v.optional(
    v.pipe(day, v.description(`The oldest; ${DEFAULT_DAYS} days up to dateTo where it is not given.`)),
  ),
  dateTo: v.optional(v.pipe(day, v.description("The newest; today where it is not given."))),
});

const tags = ["Days"];

const described = {
  list: describe({
    tags,
    summary: "Whether days are complete, newest first",
    description: `What the PBX has, what is stored, what is in Drive; ${MAX_DAYS} days at most. A day that nobody has read is not among them.`,
    answers: { 200: { description: "The days.", schema: v.strictObject({ days: v.array(DaySchema) }) } },
    problems: ["queue_missing"],
  }),
  one: describe({
    tags,
    summary: "Whether a day is complete",
    answers: { 200: { description: "The day.", schema: DaySchema } },
    problems: ["not_found", "queue_missing"],
  }),
};

export function dayRoutes(context: HttpContext): Hono<HttpEnv> {
  const { sql, redact } = context;
  return new Hono<HttpEnv>()
    .get("/days", described.list, query(Range), async (c) => {
      const { from, to } = wantedRange(c.req.valid("query"), context);
      const rows = await findDayRows(sql, from, to);
      return c.json({ days: rows.reverse().map((row) => told(row, redact)) });
    })
    .get("/days/:day", described.one, path(v.object({ day })), async (c) => {
      const { day } = c.req.valid("param");
      const [row] = await findDayRows(sql, day, day);
      if (!row) {
        throw new Problem("not_found", "This day was never read.", { hint: howToFetch(day) });
      }
      return c.json(told(row, redact));
    });
}

function wantedRange(asked: v.InferOutput<typeof Range>, { now, zone }: HttpContext): { from: Day; to: Day } {
  const to = asked.dateTo ?? dayOf(now(), zone);
  const from = asked.dateFrom ?? addDays(to, 1 - DEFAULT_DAYS);
  const refusal = (why: string) => new Problem("invalid_request", `In the query: ${why}.`);
  if (from > to) throw refusal("dateFrom is after dateTo");
  if (countDays(from, to) > MAX_DAYS) throw refusal(`more than ${MAX_DAYS} days; ask for them in parts`);
  return { from, to };
}

const howToFetch = (day: Day) => `Fetch it with POST /backfill {"dateFrom":"${day}","dateTo":"${day}"}.`;

const told = (row: DayRow, redact: Redact) => ({
  day: row.day,
  complete: row.isComplete,
  pbxTotal: row.pbxTotal,
  records: row.records,
  missing: row.gaps,
  recordings: row.recordings,
  uploaded: row.uploaded,
  pending: row.pending,
  failed: row.failed,
  underWay: row.isQueued || row.isRunning,
  lastCheckedAt: row.lastCheckedAt,
  errorCode: row.code,
  errorMessage: shownError(row.reason, redact),
  hint: row.pbxTotal === null && row.code === null && !row.isComplete ? howToFetch(row.day) : hintOf(row.code),
});
