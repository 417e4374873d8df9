import { html } from "hono/html";
import type { BackfillDay, UploadProgress } from "../../store/backfills.ts";
import { icon } from "./icons.ts";
import type { PageOptions } from "./layout.ts";
import { badge, bar, card } from "./parts.ts";
import { backfillCounts } from "./progress_part.ts";
import { syncTones } from "./sync_item.ts";
import { type Html, links, type View } from "./view.ts";

export interface BackfillStory {
  askedAt: Date | null;
  /** Newest first. */
  days: BackfillDay[];
  uploads: UploadProgress;
}

const hasEnded = ({ status }: BackfillDay) => status === "completed" || status === "partial" || status === "failed";

export function backfillPage({ askedAt, days, uploads }: BackfillStory, view: View): PageOptions {
  const { words, format, now } = view;
  const title = words.backfill.title(format.days(days.at(-1)!.day, days[0]!.day));
  const ended = days.filter(hasEnded).length;
  const failed = days.filter(({ status }) => status === "partial" || status === "failed").length;
  const seconds = askedAt ? (now.getTime() - askedAt.getTime()) / 1_000 : 0;
  const left = ended > 0 ? (seconds / ended) * (days.length - ended) : null;
  const isOver = ended === days.length && uploads.done + uploads.failed >= uploads.total;
  const main = html`
<div class="page-head">
<nav class="crumbs" aria-label="${words.backfill.section}"><a href="${links.syncs()}">${icon("left")}${words.syncs.title}</a></nav>
<h1>${title}</h1>
${askedAt ? html`<p class="soft">${words.backfill.asked(format.time(askedAt))}</p>` : ""}
</div>
<section class="card" aria-label="${words.progress.title}">
<div class="task">${bar(ended, days.length, words.backfill.progress(ended, days.length))}${backfillCounts({ ended, days: days.length, failed }, left, view)}</div>
${uploads.total > 0 ? uploadsPart(uploads, view) : ""}
${ended === days.length ? html`<p>${words.backfill.done}</p>` : ""}
</section>
${card("list", words.calendar.title, html`<ul class="list">${days.map((day) => dayItem(day, view))}</ul>`)}`;
  return { title, section: "syncs", main, ...(!isOver && { refreshSeconds: 5 }) };
}

function uploadsPart({ total, done, failed }: UploadProgress, { words }: View): Html {
  const { backfill } = words;
  return html`
<div class="task">
<p class="task-head"><strong>${backfill.uploads}</strong></p>
${bar(done, total, backfill.uploads)}
<p class="counts"><span>${backfill.uploadsDone(done, total)}</span>${failed > 0 ? html`<span>${backfill.uploadsFailed(failed)}</span>` : ""}</p>
</div>`;
}

function dayItem({ day, status, totalRecords, successCount, failedCount }: BackfillDay, { words, format }: View): Html {
  const name = status === "queued" ? words.backfill.queued : (words.syncs.statuses[status] ?? status);
  return html`
<li class="sync">
<a class="day" href="${links.day(day)}">${format.weekDay(day)}</a>
${badge(syncTones[status] ?? "none", name)}
${status === "queued" ? "" : html`<p class="about"><span>${words.syncs.counts(totalRecords, successCount, failedCount)}</span></p>`}
</li>`;
}
