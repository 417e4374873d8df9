import { Hono } from "hono";
import * as v from "valibot";
import { MAX_REQUESTED_DAYS } from "../jobs.ts";
import type { Redact } from "../log.ts";
import { requestMissingCheck } from "../store/requests.ts";
import { findSync, type ListedSync, listSyncs } from "../store/sync_list.ts";
import { continueSyncLogs } from "../store/sync_logs.ts";
import { syncStatuses, syncTypes } from "../sync_log.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { cursorAfter, day, paging, path, query, readBody, text, whole } from "./input.ts";
import { Problem } from "./problem.ts";
import { dayText, nextCursor, SyncSchema, SyncStorySchema } from "./shapes.ts";
import { hintOf, shown, shownError } from "./shown.ts";

const Filter = v.strictObject({
  status: v.optional(v.picklist(syncStatuses, `must be one of ${syncStatuses.join(", ")}`)),
  syncType: v.optional(v.picklist(syncTypes, `must be one of ${syncTypes.join(", ")}`)),
  day: v.optional(v.pipe(day, v.description("The day that was read."))),
  ...paging,
});

const Id = v.object({ id: text(200) });
const MissingCheck = v.strictObject({
  daysBack: v.optional(
    v.pipe(whole(1, MAX_REQUESTED_DAYS), v.description("Days back from yesterday; 3 where it is not given.")),
  ),
});
const tags = ["Syncs"];
const unknown = () =>
  new Problem("not_found", "There is no sync log with this id.", { hint: "GET /syncs lists them." });

const described = {
  list: describe({
    tags,
    summary: "Sync logs, newest first",
    description: "One log is one day of one run.",
    answers: {
      200: { description: "A page of logs.", schema: v.strictObject({ syncs: v.array(SyncSchema), nextCursor }) },
    },
  }),
  one: describe({
    tags,
    summary: "One sync log, with what it refused",
    answers: { 200: { description: "The log.", schema: SyncStorySchema } },
    problems: ["not_found"],
  }),
  retry: describe({
    tags,
    summary: "Read the day of a failed or partial log again",
    answers: {
      202: { description: "It is queued.", schema: v.strictObject({ id: v.string(), day: dayText, url: v.string() }) },
    },
    problems: ["not_found", "not_possible", "queue_missing"],
  }),
  missingCheck: describe({
    tags,
    summary: "Compare the last days with the PBX, and fetch what is missing",
    body: MissingCheck,
    answers: {
      202: {
        description: "It is queued; `isNew` is false where one of as many days waited already.",
        schema: v.strictObject({ task: v.literal("missing_check"), isNew: v.boolean(), url: v.string() }),
      },
    },
    problems: ["queue_missing"],
  }),
};

export function syncRoutes({ sql, redact }: HttpContext): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .get("/syncs", described.list, query(Filter), async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const syncs = await listSyncs(sql, filter, { limit: limit + 1, after: cursor });
      const places = syncs.map(({ createdAt, id }) => ({ at: createdAt, id }));
      const page = syncs.slice(0, limit).map((sync) => listed(sync, redact));
      return c.json({ syncs: page, nextCursor: cursorAfter(places, limit) });
    })
    .get("/syncs/:id", described.one, path(Id), async (c) => {
      const sync = await findSync(sql, c.req.valid("param").id);
      if (!sync) throw unknown();
      return c.json({ ...sync, ...listed(sync, redact), failedItems: shown(sync.failedItems) });
    })
    .post("/syncs/:id/retry", described.retry, path(Id), async (c) => {
      const { id } = c.req.valid("param");
      const [queued] = await continueSyncLogs(sql, { maxRetries: 0, limit: 1, id });
      if (!queued) throw whyNot(await findSync(sql, id));
      const url = `/syncs/${encodeURIComponent(id)}`;
      return c.json({ ...queued, url }, 202, { Location: url });
    })
    .post("/missing-check", described.missingCheck, async (c) => {
      const { daysBack } = await readBody(c, MissingCheck);
      const isNew = await requestMissingCheck(sql, daysBack);
      const url = "/syncs?syncType=missing_check";
      return c.json({ task: "missing_check", isNew, url }, 202, { Location: url });
    });
}

const listed = (sync: ListedSync, redact: Redact) => ({
  ...sync,
  errorMessage: shownError(sync.errorMessage, redact),
  hint: hintOf(sync.errorCode),
});

/** Why a log is not retried. */
function whyNot(sync: ListedSync | undefined): Problem {
  if (!sync) return unknown();
  if (sync.adopted) {
    const hint = "Fetch its days with POST /backfill.";
    return new Problem("not_possible", "The old system wrote this log: it is history.", { hint });
  }
  const hint = ["running", "retrying"].includes(sync.status)
    ? "Wait until it has ended."
    : "To read its day once more: POST /backfill.";
  return new Problem("not_possible", `The log is ${sync.status}: only a failed or partial one is retried.`, { hint });
}
