import type { Context } from "hono";
import * as v from "valibot";
import { countDays, type Day, dayOf, daysBetween, isDay } from "../../day.ts";
import { MAX_REQUESTED_DAYS } from "../../jobs.ts";
import { acceptCall, acceptDay, acceptNotice } from "../../store/acceptances.ts";
import { requestBackfill } from "../../store/backfills.ts";
import { retryUploads } from "../../store/recordings.ts";
import { requestMissingCheck, requestUpload } from "../../store/requests.ts";
import { continueSyncLogs } from "../../store/sync_logs.ts";
import type { HttpContext, HttpEnv } from "../context.ts";
import { text } from "../input.ts";
import { type Flash, setFlash } from "./flash.ts";
import { idOf } from "./page_routes.ts";
import type { Tools } from "./tools.ts";
import { links } from "./view.ts";

/** Recordings that one press of 'try all again' queues. */
const MOST_UPLOADS = 10_000;

/** Does what a form asks for, in one statement, leaves a sentence for the next page and leads there. */
type Form = (c: Context<HttpEnv>, tools: Tools) => Promise<Response>;

const fetchDays: Form = async (c, tools) => {
  const fields = await fieldsOf(c);
  const days = [...new Set([fields.day].flat())].filter(isDay);
  if (!areFetchable(days, tools.context)) return tools.refuse(c, "badDates");
  const { jobs } = await requestBackfill(tools.context.sql, days);
  const [first] = days;
  if (days.length === 1 && first) {
    return done(c, tools, backOf(fields, links.day(first)), jobs > 0 ? "dayQueued" : "dayWasQueued", first);
  }
  return done(c, tools, backOf(fields, links.overview), jobs > 0 ? "daysQueued" : "daysWereQueued", jobs);
};

const backfill: Form = async (c, tools) => {
  const fields = await fieldsOf(c);
  const [from, to] = [one(fields, "dateFrom"), one(fields, "dateTo")];
  const isRange = isDay(from) && isDay(to) && from <= to && countDays(from, to) <= MAX_REQUESTED_DAYS;
  const days = isRange ? daysBetween(from, to).reverse() : [];
  if (!areFetchable(days, tools.context)) return tools.refuse(c, "badDates");
  const { id, jobs } = await requestBackfill(tools.context.sql, days);
  return done(c, tools, links.backfill(id), jobs > 0 ? "daysQueued" : "daysWereQueued", jobs);
};

const checkMissing: Form = async (c, tools) => {
  const daysBack = Number(one(await fieldsOf(c), "daysBack"));
  if (!Number.isInteger(daysBack) || daysBack < 1 || daysBack > MAX_REQUESTED_DAYS) return tools.refuse(c, "badCount");
  const isNew = await requestMissingCheck(tools.context.sql, daysBack);
  return done(c, tools, links.syncs(), isNew ? "checkQueued" : "checkWasQueued", daysBack);
};

const retryAllUploads: Form = async (c, tools) => {
  await retryUploads(tools.context.sql, { limit: MOST_UPLOADS, force: true });
  return done(c, tools, links.overview, "uploadsQueued");
};

const upload: Form = async (c, tools) => {
  const uuid = idOf(c, "uuid");
  const became = await requestUpload(tools.context.sql, uuid);
  if (became === "no_call" || became === "no_recording") return tools.refuse(c, "notFound");
  const messages = { queued: "uploadQueued", in_drive: "uploadInDrive", drive_disabled: "driveDisabled" } as const;
  return done(c, tools, backOf(await fieldsOf(c), links.call(uuid)), messages[became]);
};

const retrySync: Form = async (c, tools) => {
  const [sync] = await continueSyncLogs(tools.context.sql, { maxRetries: 0, limit: 1, id: idOf(c, "id") });
  return done(c, tools, backOf(await fieldsOf(c), links.syncs()), sync ? "retryQueued" : "retryNotNeeded");
};

const Reason = v.object({ who: v.pipe(v.string(), v.trim(), text(80)), why: v.pipe(v.string(), v.trim(), text(500)) });

const accept: Form = async (c, tools) => {
  const fields = await fieldsOf(c);
  const reason = v.safeParse(Reason, { who: one(fields, "who"), why: one(fields, "why") });
  if (!reason.success) return tools.refuse(c, "badReason");
  const accepted = await acceptIt(tools.context, one(fields, "kind"), one(fields, "subject"), reason.output);
  if (!accepted) return tools.refuse(c, "notFound");
  const isNew = Object.values(accepted).some((count) => count > 0);
  return done(c, tools, backOf(fields, links.overview), isNew ? "accepted" : "nothingToAccept");
};

function acceptIt(
  { sql, now, zone }: HttpContext,
  kind: string,
  subject: string,
  reason: v.InferOutput<typeof Reason>,
) {
  if (kind === "call") return acceptCall(sql, subject.replaceAll("\0", ""), reason);
  if (kind === "day" && isDay(subject) && subject < dayOf(now(), zone)) return acceptDay(sql, subject, reason);
  return kind === "notice" ? acceptNotice(sql, subject.replaceAll("\0", ""), reason) : undefined;
}

export const forms: Record<string, Form> = {
  "/days": fetchDays,
  "/backfill": backfill,
  "/missing-check": checkMissing,
  "/uploads": retryAllUploads,
  "/calls/:uuid/upload": upload,
  "/syncs/:id/retry": retrySync,
  "/accept": accept,
};

function done(c: Context<HttpEnv>, { kept }: Tools, to: string, message: Flash, value?: string | number): Response {
  kept.forget();
  setFlash(c, message, value);
  return c.redirect(to, 303);
}

type Fields = Record<string, string | string[]>;

const fieldsOf = async (c: Context<HttpEnv>) => (await c.req.parseBody({ all: true })) as Fields;

const one = (fields: Fields, name: string): string => {
  const [value] = [fields[name]].flat();
  return typeof value === "string" ? value : "";
};

const areFetchable = (days: Day[], { now, zone }: HttpContext) =>
  days.length > 0 &&
  days.length <= MAX_REQUESTED_DAYS &&
  days.every((day) => day >= "1990" && day <= dayOf(now(), zone));

/** The page that the form stood on, where it is one of ours. */
function backOf(fields: Fields, otherwise: string): string {
  const back = one(fields, "back");
  return isOwnPath(back) ? back : otherwise;
}

/** True for a path below /ui/ on this host: no address that a browser reads as another host's. */
export const isOwnPath = (path: string): boolean =>
  /^\/ui(?:\/[\w\-.~%/]*)?(?:\?[\w\-.~%&=+]*)?$/.test(path) && !path.includes("//");
