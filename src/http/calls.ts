import { Hono } from "hono";
import * as v from "valibot";
import type { Redact } from "../log.ts";
import { type ListedCall, listCalls, uploadStates } from "../store/call_list.ts";
import { type CallStory, findCallStory } from "../store/call_story.ts";
import { requestUpload } from "../store/requests.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { cursorAfter, day, paging, path, query, text } from "./input.ts";
import { Problem } from "./problem.ts";
import { CallSchema, CallStorySchema, nextCursor } from "./shapes.ts";
import { hintOf, shown, shownError } from "./shown.ts";

const Filter = v.strictObject({
  day: v.optional(v.pipe(day, v.description("The local day of the call's start."))),
  phone: v.optional(
    v.pipe(
      text(40),
      v.regex(/\d/, "must have digits"),
      v.description("Caller or destination, in any spelling: 0901234567, 84901234567, +84 901 234 567."),
    ),
  ),
  disposition: v.optional(v.pipe(text(100), v.toUpperCase(), v.description("ANSWERED, NO ANSWER, BUSY, FAILED, …"))),
  upload: v.optional(v.picklist(uploadStates, `must be one of ${uploadStates.join(", ")}`)),
  ...paging,
});

const Uuid = v.object({ uuid: text(500) });
const tags = ["Calls"];

const described = {
  list: describe({
    tags,
    summary: "Calls, newest first",
    answers: {
      200: { description: "A page of calls.", schema: v.strictObject({ calls: v.array(CallSchema), nextCursor }) },
    },
  }),
  one: describe({
    tags,
    summary: "The whole story of one call",
    description: "Its row, what the PBX said, every event, its upload in the queue, and whom that waits for.",
    answers: { 200: { description: "The call.", schema: CallStorySchema } },
    problems: ["not_found"],
  }),
  upload: describe({
    tags,
    summary: "Upload a recording again",
    description: "Its attempts count from 0, and it waits no longer. A link that leads nowhere is taken away.",
    answers: { 202: { description: "It is queued.", schema: v.strictObject({ uuid: v.string(), url: v.string() }) } },
    problems: ["not_found", "not_possible", "queue_missing"],
  }),
};

export function callRoutes({ sql, redact }: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .get("/calls", described.list, query(Filter), async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const calls = await listCalls(sql, filter, { limit: limit + 1, after: cursor });
      const places = calls.map(({ startTime, id }) => ({ at: startTime, id }));
      const page = calls.slice(0, limit).map((call) => listed(call, redact));
      return c.json({ calls: page, nextCursor: cursorAfter(places, limit) });
    })
    .get("/calls/:uuid", described.one, path(Uuid), async (c) => {
      const story = await findCallStory(sql, c.req.valid("param").uuid);
      if (!story) throw unknownCall();
      return c.json(told(story, redact));
    })
    .post("/calls/:uuid/upload", described.upload, path(Uuid), async (c) => {
      const { uuid } = c.req.valid("param");
      refuse(await requestUpload(sql, uuid));
      const url = `/calls/${encodeURIComponent(uuid)}`;
      return c.json({ uuid, url }, 202, { Location: url });
    });
}

const listed = (call: ListedCall, redact: Redact) => ({
  ...call,
  callerName: shown(call.callerName),
  uploadError: shownError(call.uploadError, redact),
  uploadHint: call.upload === "uploaded" ? null : hintOf(call.uploadErrorCode),
});

const told = ({ call, events, acceptance, job, waitsFor }: CallStory, redact: Redact) => ({
  ...call,
  ...listed(call, redact),
  rawData: shown(call.rawData),
  acceptance: shown(acceptance),
  job: job && { ...job, lastError: shownError(job.lastError, redact) },
  waitsFor: waitsFor.map((circuit) => ({ ...circuit, hint: hintOf(circuit.code) })),
  events: events.map((event) => ({ ...event, message: shownError(event.message, redact) })),
});

const unknownCall = () =>
  new Problem("not_found", "There is no call with this uuid.", {
    hint: "GET /calls finds calls by day and phone. Is the day read? GET /days tells.",
  });

function refuse(answer: Awaited<ReturnType<typeof requestUpload>>): void {
  const impossible = (detail: string, hint: string) => new Problem("not_possible", detail, { hint });
  if (answer === "no_call") throw unknownCall();
  if (answer === "no_recording") {
    const hint = "Should it have one? Fetch its day again with POST /backfill: the PBX may name it now.";
    throw impossible("The PBX named no recording for this call.", hint);
  }
  if (answer === "in_drive") throw impossible("The recording is in Drive already.", "Nothing to do.");
  if (answer === "drive_disabled") {
    throw impossible("GOOGLE_DRIVE_ENABLED=false: nothing is uploaded.", "Set it to true, then restart the service.");
  }
}
