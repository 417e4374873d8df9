import { html } from "hono/html";
import type { ListedSync } from "../../store/sync_list.ts";
import { hintOfCode, titleOf } from "./causes.ts";
import { actionForm, badge, quoted, type Tone } from "./parts.ts";
import { type Html, links, shown, type View } from "./view.ts";

export const syncTones: Record<string, Tone> = {
  completed: "ok",
  running: "work",
  retrying: "work",
  partial: "warn",
  failed: "bad",
  queued: "none",
};

/** One reading of one day: how it ended, what it counted, and why it failed. */
export function syncItem(sync: ListedSync, view: View, { namesDay }: { namesDay: boolean }): Html {
  const { words, format, language } = view;
  const kind = words.syncs.types[sync.syncType] ?? shown(sync.syncType, 40);
  const range = format.days(sync.dateFrom, sync.dateTo);
  const seconds = sync.endTime ? (sync.endTime.getTime() - sync.startTime.getTime()) / 1_000 : null;
  const canRetry = !sync.adopted && (sync.status === "failed" || sync.status === "partial");
  return html`
<li class="sync">
${namesDay ? html`<a class="day" href="${links.day(sync.dateFrom)}">${range}</a>` : html`<span class="day">${format.time(sync.startTime)}</span>`}
${badge(syncTones[sync.status] ?? "none", words.syncs.statuses[sync.status] ?? shown(sync.status, 40))}
<p class="about"><span>${kind}</span>${namesDay ? html`<span>${format.time(sync.startTime)}</span>` : ""}<span>${words.syncs.counts(
    sync.totalRecords,
    sync.successCount,
    sync.failedCount,
  )}</span>${seconds !== null && seconds >= 0 ? html`<span>${format.span(seconds)}</span>` : ""}${
    sync.retryCount > 0 ? html`<span>${words.syncs.retries(sync.retryCount)}</span>` : ""
  }</p>
${sync.errorCode ? html`<p class="about"><span><strong>${titleOf(sync.errorCode, language)}.</strong> ${hintOfCode(sync.errorCode, language) ?? ""}</span></p>` : ""}
${sync.errorMessage ? quoted(shown(sync.errorMessage, 500)) : ""}
${canRetry ? actionForm(view, `/ui/syncs/${encodeURIComponent(sync.id)}/retry`, words.buttons.retrySync, { fields: [["back", view.address]] }) : ""}
</li>`;
}
