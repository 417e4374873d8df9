import { html } from "hono/html";
import type { ProblemCode } from "../problem.ts";
import type { PageOptions } from "./layout.ts";
import { disc } from "./parts.ts";
import { links, type View } from "./view.ts";
import type { Words } from "./words.ts";

/** What a page says that cannot show what was asked for. */
export type Refusal =
  | "notFound"
  | "unauthorized"
  | "noToken"
  | "csrf"
  | "badDates"
  | "badReason"
  | "badCount"
  | "database"
  | "internal";

const hints: Partial<Record<Refusal, keyof Words["problems"]>> = {
  notFound: "notFoundHint",
  unauthorized: "unauthorizedHint",
  noToken: "noTokenHint",
  database: "databaseHint",
  internal: "internalHint",
};

/** Which of them an error of the HTTP app is. */
export function refusalOf(code: ProblemCode): Refusal {
  if (code === "not_found") return "notFound";
  return ["database_unavailable", "database_not_migrated", "queue_missing", "timeout"].includes(code)
    ? "database"
    : "internal";
}

export function closedPage(refusal: Refusal, { words }: View): PageOptions {
  const { problems } = words;
  const hint = hints[refusal];
  const isOpen = refusal !== "unauthorized" && refusal !== "noToken";
  const isOurs = refusal === "database" || refusal === "internal";
  const main = html`
<section class="card closed">
${disc(isOurs ? "bad" : "warn")}
<h1>${problems[refusal]}</h1>
${hint ? html`<p>${problems[hint]}</p>` : ""}
${isOpen ? html`<a class="button" href="${links.overview}">${problems.back}</a>` : ""}
</section>`;
  // The database comes back by itself, and the page with it.
  return { title: problems[refusal], section: "none", main, isOpen, ...(isOurs && { refreshSeconds: 10 }) };
}
