import { type Context, Hono } from "hono";
import * as v from "valibot";
import { countDays, type Day, dayOf, daysBetween, isDay } from "../../day.ts";
import { acceptCall, acceptDay, acceptNotice } from "../../store/acceptances.ts";
import { requestBackfill } from "../../store/backfills.ts";
import { retryUploads } from "../../store/recordings.ts";
import { requestMissingCheck, requestUpload } from "../../store/requests.ts";
import { continueSyncLogs } from "../../store/sync_logs.ts";
import type { HttpContext, HttpEnv } from "../context.ts";
import { text } from "../input.ts";
import type { Refusal } from "./closed_page.ts";
import { type Flash, setFlash } from "./flash.ts";
import { links } from "./view.ts";

const MOST_DAYS = 366;
/** Recordings that one press of 'try all again' queues. */
const MOST_UPLOADS = 10_000;

interface Tools {
  context: HttpContext;
  refuse(c: Context<HttpEnv>, refusal: Refusal): Promise<Response>;
  /** Called after each change: what was kept of the database is old. */
  changed(): void;
}

type Form = Record<string, string | string[]>;

/** The forms. Each does its work in one statement, leaves a sentence for the next page and leads there. */
export function actionRoutes({ context, refuse, changed }: Tools): Hono<HttpEnv> {
  const { sql } = context;
  const routes = new Hono<HttpEnv>();
  const formOf = async (c: Context<HttpEnv>) => (await c.req.parseBody({ all: true })) as Form;
  const done = (c: Context<HttpEnv>, to: string, message: Flash, value?: string | number) => {
    changed();
    setFlash(c, message, value);
    return c.redirect(to, 303);
  };

  routes.post("/days", async (c) => {
    const form = await formOf(c);
    const days = [...new Set([form.day].flat())].filter(isDay);
    if (!areFetchable(days, context)) return refuse(c, "badDates");
    const [only] = days;
    const { jobs } = await requestBackfill(sql, days);
    const to = backOf(form, days.length === 1 && only ? links.day(only) : links.overview);
    if (days.length === 1) return done(c, to, jobs > 0 ? "dayQueued" : "dayWasQueued", only);
    return jobs > 0 ? done(c, to, "daysQueued", jobs) : done(c, to, "daysWereQueued");
  });

  routes.post("/backfill", async (c) => {
    const form = await formOf(c);
    const [from, to] = [one(form, "dateFrom"), one(form, "dateTo")];
    const days =
      isDay(from) && isDay(to) && from <= to && countDays(from, to) <= MOST_DAYS ? daysBetween(from, to).reverse() : [];
    if (!areFetchable(days, context)) return refuse(c, "badDates");
    const { id, jobs } = await requestBackfill(sql, days);
    return jobs > 0 ? done(c, links.backfill(id), "daysQueued", jobs) : done(c, links.backfill(id), "daysWereQueued");
  });

  routes.post("/missing-check", async (c) => {
    const daysBack = Number(one(await formOf(c), "daysBack"));
    if (!Number.isInteger(daysBack) || daysBack < 1 || daysBack > MOST_DAYS) return refuse(c, "badCount");
    const isNew = await requestMissingCheck(sql, daysBack);
    return isNew ? done(c, links.syncs(), "checkQueued", daysBack) : done(c, links.syncs(), "checkWasQueued");
  });

  routes.post("/uploads", async (c) => {
    await retryUploads(sql, { limit: MOST_UPLOADS, force: true });
    return done(c, links.overview, "uploadsQueued");
  });

  routes.post("/calls/:uuid/upload", async (c) => {
    const uuid = c.req.param("uuid");
    const became = await requestUpload(sql, uuid);
    if (became === "no_call" || became === "no_recording") return refuse(c, "notFound");
    const messages = { queued: "uploadQueued", in_drive: "uploadInDrive", drive_disabled: "driveDisabled" } as const;
    return done(c, backOf(await formOf(c), links.call(uuid)), messages[became]);
  });

  routes.post("/syncs/:id/retry", async (c) => {
    const [sync] = await continueSyncLogs(sql, { maxRetries: 0, limit: 1, id: c.req.param("id") });
    return done(c, backOf(await formOf(c), links.syncs()), sync ? "retryQueued" : "retryNotNeeded");
  });

  routes.post("/accept", async (c) => {
    const form = await formOf(c);
    const verdict = v.safeParse(v.object({ who: text(80), why: text(500) }), {
      who: one(form, "who").trim(),
      why: one(form, "why").trim(),
    });
    if (!verdict.success) return refuse(c, "badReason");
    const accepted = await accept(context, one(form, "kind"), one(form, "subject"), verdict.output);
    if (!accepted) return refuse(c, "notFound");
    const isNew = Object.values(accepted).some((count) => count > 0);
    return done(c, backOf(form, links.overview), isNew ? "accepted" : "nothingToAccept");
  });
  return routes;
}

function accept({ sql }: HttpContext, kind: string, subject: string, verdict: { who: string; why: string }) {
  if (kind === "call") return acceptCall(sql, subject, verdict);
  if (kind === "day" && isDay(subject)) return acceptDay(sql, subject, verdict);
  return kind === "notice" ? acceptNotice(sql, subject, verdict) : undefined;
}

const one = (form: Form, name: string): string => [form[name]].flat()[0] ?? "";

const areFetchable = (days: Day[], { now, zone }: HttpContext) =>
  days.length > 0 && days.length <= MOST_DAYS && days.every((day) => day >= "1990" && day <= dayOf(now(), zone));

/** The page that the form stood on, where it is one of ours. */
function backOf(form: Form, otherwise: string): string {
  const back = one(form, "back");
  return isOwnPath(back) ? back : otherwise;
}

/** True for a path below /ui/ on this host: no address that a browser reads as another host's. */
export const isOwnPath = (path: string): boolean =>
  /^\/ui(?:\/[\w\-.~%/]*)?(?:\?[\w\-.~%&=+]*)?$/.test(path) && !path.includes("//");
