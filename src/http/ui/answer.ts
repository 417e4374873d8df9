import type { Context } from "hono";
import { dayOf } from "../../day.ts";
import { plain } from "../../log.ts";
import type { HttpContext, HttpEnv } from "../context.ts";
import { userOf } from "./access.ts";
import { closedPage, type Refusal } from "./closed_page.ts";
import { csrfToken } from "./csrf.ts";
import { takeFlash } from "./flash.ts";
import { formatOf } from "./format.ts";
import { languageOf } from "./language.ts";
import { layout, type PageOptions } from "./layout.ts";
import type { View } from "./view.ts";
import { wordsOf } from "./words.ts";

/** No style, no script, no picture from elsewhere, none in the page itself; forms go nowhere but here. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const statuses: Record<Refusal, 400 | 401 | 403 | 404 | 500 | 503> = {
  badDates: 400,
  badReason: 400,
  badCount: 400,
  unauthorized: 401,
  csrf: 403,
  notFound: 404,
  internal: 500,
  noToken: 503,
  database: 503,
};

/** What a page must know of who looks at it. */
export async function viewOf(c: Context<HttpEnv>, context: HttpContext): Promise<View> {
  const { zone, apiToken } = context;
  const now = context.now();
  const language = languageOf(c);
  const { pathname, search } = new URL(c.req.url);
  return {
    language,
    words: wordsOf(language),
    format: formatOf(language, zone, now),
    now,
    today: dayOf(now, zone),
    zone,
    user: plain(userOf(c), 80),
    csrf: apiToken ? await csrfToken(apiToken, now) : "",
    address: c.req.method === "GET" ? pathname + search : "/ui/",
  };
}

/** Answers with a page. */
export async function answer(
  c: Context<HttpEnv>,
  view: View,
  page: PageOptions,
  status: 200 | (typeof statuses)[Refusal] = 200,
): Promise<Response> {
  c.header("Content-Security-Policy", POLICY);
  // With `no-referrer` browsers would send `Origin: null` with our own forms.
  c.header("Referrer-Policy", "same-origin");
  c.header("Vary", "Accept-Language, Cookie");
  c.header("Content-Language", view.language);
  const flash = status === 200 ? takeFlash(c, view.words, view.format) : undefined;
  return c.html(layout(view, { ...page, flash }), status);
}

/** Answers that what was asked for cannot be shown or done. */
export async function refuse(c: Context<HttpEnv>, context: HttpContext, refusal: Refusal): Promise<Response> {
  const view = await viewOf(c, context);
  return answer(c, view, closedPage(refusal, view), statuses[refusal]);
}
