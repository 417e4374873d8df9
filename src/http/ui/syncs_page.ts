import { html } from "hono/html";
import type { ListedSync, SyncFilter } from "../../store/sync_list.ts";
import { syncStatuses, syncTypes } from "../../sync_log.ts";
import { icon } from "./icons.ts";
import type { PageOptions } from "./layout.ts";
import { select } from "./parts.ts";
import { backfillForm, missingForm } from "./request_forms.ts";
import { syncItem } from "./sync_item.ts";
import { type Html, links, type View } from "./view.ts";

export interface SyncSearch {
  filter: SyncFilter;
  syncs: ListedSync[];
  next: string | null;
  isFirstPage: boolean;
  defaultDaysBack: number;
}

export function syncsPage(search: SyncSearch, view: View): PageOptions {
  const { words } = view;
  const { syncs } = search;
  const isRunning = syncs.some(({ status }) => status === "running" || status === "retrying");
  const main = html`
<div class="page-head"><h1>${words.syncs.title}</h1></div>
<div class="columns">
<div class="stack">
<section class="card" aria-label="${words.buttons.search}">${filterForm(search, view)}</section>
<section class="card" aria-label="${words.syncs.title}">
${
  syncs.length === 0
    ? html`<p class="empty">${words.syncs.none}</p>`
    : html`<ul class="list">${syncs.map((sync) => syncItem(sync, view, { namesDay: true }))}</ul>`
}
${pages(search, view)}
</section>
</div>
<div class="stack">${backfillForm(search.defaultDaysBack, view)}${missingForm(view)}</div>
</div>`;
  return { title: words.syncs.title, section: "syncs", main, refreshSeconds: isRunning ? 5 : 30 };
}

function filterForm({ filter }: SyncSearch, { words, today }: View): Html {
  const { syncs, calls, buttons } = words;
  const options = (values: readonly string[], names: Record<string, string>) =>
    values.map((value): [string, string] => [value, names[value] ?? value]);
  const isFiltered = Object.values(filter).some(Boolean);
  return html`
<form method="get" action="/ui/syncs" class="form filter">
${select("status", syncs.status, calls.any, options(syncStatuses, syncs.statuses), filter.status)}
${select("syncType", syncs.type, calls.any, options(syncTypes, syncs.types), filter.syncType)}
<label class="field"><span>${calls.day}</span><input type="date" name="day" max="${today}" value="${filter.day ?? ""}"></label>
<div class="actions"><button class="button">${buttons.search}</button>${isFiltered ? html`<a class="button" href="/ui/syncs">${buttons.reset}</a>` : ""}</div>
</form>`;
}

function pages({ filter, next, isFirstPage }: SyncSearch, { words }: View): Html | "" {
  if (!next && isFirstPage) return "";
  return html`
<nav class="actions" aria-label="${words.syncs.title}">
${isFirstPage ? "" : html`<a class="button" href="${links.syncs({ ...filter })}">${words.buttons.newest}</a>`}
${next ? html`<a class="button" rel="next" href="${links.syncs({ ...filter, cursor: next })}">${words.buttons.older}${icon("right")}</a>` : ""}
</nav>`;
}
