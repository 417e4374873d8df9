import { html } from "hono/html";
import type { Day } from "../../day.ts";
import { type CallFilter, type ListedCall, type UploadState, uploadStates } from "../../store/call_list.ts";
import { type Icon, icon } from "./icons.ts";
import type { PageOptions } from "./layout.ts";
import { badge, select, type Tone } from "./parts.ts";
import { type Html, links, phone, shown, type View } from "./view.ts";

export interface CallSearch {
  /** As the person typed it. */
  query: string;
  filter: CallFilter;
  calls: ListedCall[];
  /** Where the next page begins; null where this is the last. */
  next: string | null;
  isFirstPage: boolean;
}

export const uploadTones: Record<UploadState, Tone> = {
  none: "none",
  uploaded: "ok",
  pending: "work",
  failed: "bad",
  accepted: "accepted",
};

export function callsPage(search: CallSearch, view: View): PageOptions {
  const { words } = view;
  const { calls } = search;
  const isFiltered = Object.values(search.filter).some(Boolean) || search.query !== "";
  const main = html`
<div class="page-head"><h1>${words.calls.title}</h1></div>
<section class="card" aria-label="${words.buttons.search}">${searchForm(search, isFiltered, view)}</section>
<section class="card" aria-label="${words.calls.title}">
${
  calls.length === 0
    ? html`<p class="empty">${isFiltered ? words.calls.none : words.calls.noneYet}</p>`
    : html`<ul class="list">${calls.map((call) => html`<li>${callLink(call, view)}</li>`)}</ul>`
}
${pages(search, view)}
</section>`;
  return { title: words.calls.title, section: "calls", main };
}

function searchForm({ query, filter }: CallSearch, isFiltered: boolean, { words, today }: View): Html {
  const { calls, buttons, dispositions, uploads } = words;
  return html`
<form method="get" action="/ui/calls" class="form search" role="search">
<label class="field wide"><span>${calls.phone}</span><input type="search" name="q" value="${query}" maxlength="100" autocomplete="off" enterkeyhint="search"></label>
<label class="field"><span>${calls.day}</span><input type="date" name="day" max="${today}" value="${filter.day ?? ""}"></label>
${select("disposition", calls.disposition, calls.any, Object.entries(dispositions), filter.disposition)}
${select(
  "upload",
  calls.upload,
  calls.any,
  uploadStates.map((state): [string, string] => [state, uploads[state]]),
  filter.upload,
)}
<div class="actions"><button class="button primary">${buttons.search}</button>${isFiltered ? html`<a class="button" href="/ui/calls">${buttons.reset}</a>` : ""}</div>
</form>`;
}

export const directionIcons: Record<string, Icon> = { inbound: "incoming", outbound: "outgoing", local: "internal" };

function callLink(call: ListedCall, view: View): Html {
  const { words, format } = view;
  const direction = words.directions[call.direction ?? ""];
  const outcome = call.disposition ? (words.dispositions[call.disposition] ?? shown(call.disposition, 40)) : "–";
  const about = [
    call.callerName ? shown(call.callerName, 60) : "",
    outcome,
    call.billSec > 0 ? format.talk(call.billSec) : "",
  ];
  return html`
<a class="call" href="${links.call(call.uuid)}">
<span class="disc none">${icon(directionIcons[call.direction ?? ""] ?? "empty")}</span>
<span class="numbers">${direction ? html`<span class="unseen">${direction}: </span>` : ""}<span class="number">${numberOf(call.callerId, view)}</span><span class="to">→ <span class="number">${numberOf(call.destination, view)}</span></span></span>
<span class="about">${about.filter(Boolean).join(" · ")}</span>
<span class="when number">${call.startTime ? format.time(call.startTime) : "–"}</span>
${badge(uploadTones[call.upload], words.uploads[call.upload])}
</a>`;
}

const numberOf = (text: string | null, { words }: View) => (text ? phone(text) : words.call.unknownNumber);

function pages({ query, filter, next, isFirstPage }: CallSearch, { words }: View): Html | "" {
  if (!next && isFirstPage) return "";
  const given = {
    q: query || undefined,
    day: filter.day as Day | undefined,
    disposition: filter.disposition,
    upload: filter.upload,
  };
  return html`
<nav class="actions" aria-label="${words.calls.title}">
${isFirstPage ? "" : html`<a class="button" href="${links.calls(given)}">${words.buttons.newest}</a>`}
${next ? html`<a class="button" rel="next" href="${links.calls({ ...given, cursor: next })}">${words.buttons.older}${icon("right")}</a>` : ""}
</nav>`;
}
