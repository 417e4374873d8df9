import type { Context } from "hono";
import { isDay } from "../../day.ts";
import { countUploads, defaultDaysBack, findBackfillDays } from "../../store/backfills.ts";
import { findCallStory } from "../../store/call_story.ts";
import { findAcceptances, findDayRows, findLacks, findRefused } from "../../store/dashboard_days.ts";
import { findBackfillTime, findOpenBackfills, findRates } from "../../store/dashboard_progress.ts";
import { findServiceFacts } from "../../store/dashboard_verdict.ts";
import { listSyncs } from "../../store/sync_list.ts";
import type { HttpEnv } from "../context.ts";
import { answer, viewOf } from "./answer.ts";
import { backfillPage } from "./backfill_page.ts";
import { spanOf } from "./calendar.ts";
import { callPage } from "./call_page.ts";
import { callsPage } from "./calls_page.ts";
import { dayPage } from "./day_page.ts";
import { MOST_SHOWN } from "./lacks_part.ts";
import { overviewPage } from "./overview_page.ts";
import { searchCalls, searchSyncs } from "./reading.ts";
import { syncsPage } from "./syncs_page.ts";
import type { Tools } from "./tools.ts";
import { links } from "./view.ts";

/** Answers one address with its page: asks the database, all at once, and shows what it said. */
export type Page = (c: Context<HttpEnv>, tools: Tools) => Promise<Response>;

export const overview: Page = async (c, { context, kept }) => {
  const { sql } = context;
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

const day: Page = async (c, { context, refuse }) => {
  const { sql } = context;
  const name = c.req.param("day");
  if (!isDay(name) || name < "1990" || name >= "2100") return refuse(c, "notFound");
  const [[row], service, lacks, refused, acceptances, syncs, view] = await Promise.all([
    findDayRows(sql, name, name),
    findServiceFacts(sql),
    findLacks(sql, name, MOST_SHOWN),
    findRefused(sql, name, MOST_SHOWN),
    findAcceptances(sql, name),
    listSyncs(sql, { day: name }, { limit: MOST_SHOWN }),
    viewOf(c, context),
  ]);
  const { driveEnabled } = service;
  return answer(c, view, dayPage({ day: name, row, driveEnabled, ...lacks, refused, acceptances, syncs }, view));
};

const calls: Page = async (c, { context }) => {
  const found = await searchCalls(context.sql, c.req.query());
  if ("uuid" in found) return c.redirect(links.call(found.uuid), 303);
  const view = await viewOf(c, context);
  return answer(c, view, callsPage(found.search, view));
};

const call: Page = async (c, { context, refuse }) => {
  const story = await findCallStory(context.sql, idOf(c, "uuid"));
  if (!story) return refuse(c, "notFound");
  const view = await viewOf(c, context);
  return answer(c, view, callPage(story, view));
};

const syncs: Page = async (c, { context }) => {
  const { sql } = context;
  const [search, daysBack, view] = await Promise.all([
    searchSyncs(sql, c.req.query()),
    defaultDaysBack(sql),
    viewOf(c, context),
  ]);
  return answer(c, view, syncsPage({ ...search, defaultDaysBack: daysBack }, view));
};

const backfill: Page = async (c, { context, refuse }) => {
  const { sql } = context;
  const id = idOf(c, "id");
  const days = await findBackfillDays(sql, id);
  if (!days) return refuse(c, "notFound");
  const names = days.map(({ day }) => day);
  const [uploads, askedAt, view] = await Promise.all([
    countUploads(sql, names),
    findBackfillTime(sql, id),
    viewOf(c, context),
  ]);
  return answer(c, view, backfillPage({ askedAt, days, uploads }, view));
};

/** An id of the path, without what PostgreSQL takes in no text. */
export const idOf = (c: Context<HttpEnv>, name: string): string => (c.req.param(name) ?? "").replaceAll("\0", "");

export const pages: Record<string, Page> = {
  "/": overview,
  "/days/:day": day,
  "/calls": calls,
  "/calls/:uuid": call,
  "/syncs": syncs,
  "/backfills/:id": backfill,
};
