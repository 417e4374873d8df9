import { Hono } from "hono";
import * as v from "valibot";
import { dayOf } from "../day.ts";
import { type Accepted, acceptCall, acceptDay, acceptNotice, MAX_REASON } from "../store/acceptances.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { day, readBody, text } from "./input.ts";
import { Problem } from "./problem.ts";
import { AcceptedSchema } from "./shapes.ts";

const Request = v.strictObject({
  uuid: v.optional(v.pipe(text(500), v.description("A call that is missing, or whose recording stays as it is."))),
  day: v.optional(v.pipe(day, v.description("A day before today: all that it lacks now."))),
  notice: v.optional(v.pipe(text(100), v.description("A notice under attention, such as zone_changed."))),
  why: v.pipe(
    text(MAX_REASON),
    v.trim(),
    v.minLength(1, "is empty"),
    v.description("The reason, for whoever asks later."),
  ),
  who: v.optional(text(200), "api"),
});

const EXAMPLES = 'Send {"uuid":"3f2a…","why":"deleted at the customer\'s wish"}, or {"day":"2024-01-14","why":"…"}.';

const described = describe({
  tags: ["Gaps"],
  summary: "Say that a gap stays",
  description: "Exactly one of uuid, day and notice. Accepting again changes nothing.",
  body: Request,
  answers: { 200: { description: "It is noted, with who, when and why.", schema: AcceptedSchema } },
  problems: ["not_found"],
});

export function acceptRoutes(context: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>().post("/accept", described, async (c) =>
    c.json(await accept(await readBody(c, Request, EXAMPLES), context)),
  );
}

async function accept(asked: v.InferOutput<typeof Request>, { sql, zone, now }: HttpContext): Promise<Accepted> {
  const { uuid, day, notice, why, who } = asked;
  const refusal = (why: string) => new Problem("invalid_request", `In the body: ${why}.`, { hint: EXAMPLES });
  if ([uuid, day, notice].filter((what) => what !== undefined).length !== 1) {
    throw refusal("name exactly one of uuid, day and notice");
  }
  if (day && day >= dayOf(now(), zone)) {
    throw refusal("day must be before today; today is never complete");
  }
  if (day) return acceptDay(sql, day, { who, why });
  const accepted = uuid ? await acceptCall(sql, uuid, { who, why }) : await acceptNotice(sql, notice!, { who, why });
  if (!accepted)
    throw new Problem("not_found", uuid ? "Nobody knows a call with this uuid." : "There is no such notice.", {
      hint: "What can be accepted stands in callcenter.attention and on the dashboard.",
    });
  return accepted;
}
