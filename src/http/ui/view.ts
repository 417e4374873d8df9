import type { HtmlEscapedString } from "hono/utils/html";
import type { Day } from "../../day.ts";
import { plain } from "../../log.ts";
import type { Format } from "./format.ts";
import type { Language } from "./language.ts";
import type { Words } from "./words.ts";

/** What `html` of hono/html makes: text that is escaped already. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What every part of a page needs to speak to the one who looks at it. */
export interface View {
  language: Language;
  words: Words;
  format: Format;
  now: Date;
  today: Day;
  zone: string;
  /** The name under which somebody came in; it proves nothing. */
  user: string;
  /** Stands in every form; see csrf.ts. */
  csrf: string;
  /** The page's own path with its query, below the host. */
  address: string;
}

/** What somebody else wrote, fit to be shown; a dash where there is nothing. `html` escapes it. */
export const shown = (text: string | null | undefined, max = 200): string =>
  text ? plain(text, max).trim() || "–" : "–";

/** A phone number as people in Vietnam group it; anything else as it stands. */
export function phone(text: string | null): string {
  const clean = shown(text, 40);
  const [, head, middle, tail] = /^(0\d{3})(\d{3})(\d{3})$/.exec(clean) ?? [];
  return head ? `${head} ${middle} ${tail}` : clean;
}

/** The addresses of the dashboard. */
export const links = {
  overview: "/ui/",
  month: (day: Day) => `/ui/?month=${day.slice(0, 7)}#days`,
  day: (day: Day) => `/ui/days/${day}`,
  call: (uuid: string) => `/ui/calls/${encodeURIComponent(uuid)}`,
  calls: (query: Record<string, string | undefined> = {}) => withQuery("/ui/calls", query),
  syncs: (query: Record<string, string | undefined> = {}) => withQuery("/ui/syncs", query),
  backfill: (id: string) => `/ui/backfills/${encodeURIComponent(id)}`,
};

export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path;
}
