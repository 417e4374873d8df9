import { html } from "hono/html";
import type { BackfillRow, Rates } from "../../store/dashboard_progress.ts";
import type { QueueRow } from "../../store/queue.ts";
import { bar, card } from "./parts.ts";
import { type Html, links, type View } from "./view.ts";

/** What the queue holds, how fast it shrinks, and how long that takes. */
export function progressPart(queue: readonly QueueRow[], rates: Rates, backfills: BackfillRow[], view: View): Html {
  const { progress } = view.words;
  const busy = queue.filter((row) => row.ready + row.scheduled + row.running + row.failed > 0);
  const body =
    busy.length + backfills.length === 0
      ? html`<p class="soft">${progress.idle}</p>`
      : html`<ul class="rows">
${backfills.map((backfill) => html`<li>${backfillProgress(backfill, view)}</li>`)}
${busy.map((row) => html`<li>${taskProgress(row, rates, view)}</li>`)}
</ul>`;
  return card("progress", progress.title, body);
}

function taskProgress(row: QueueRow, rates: Rates, view: View): Html {
  const { progress } = view.words;
  const { format } = view;
  const facts: [number, (n: number) => string][] = [
    [row.running, progress.running],
    [row.ready, progress.ready],
    [row.scheduled, progress.scheduled],
    [row.failed, progress.failed],
  ];
  const left = row.ready + row.scheduled + row.running;
  // What waits for its time does not come sooner because others were quick.
  const moving = row.ready + row.running;
  const done = row.task === "upload_recording" ? rates.uploads : row.task === "daily_sync" ? rates.days : 0;
  const perMinute = done / rates.minutes;
  return html`
<div class="task">
<p class="task-head"><strong>${progress.tasks[row.task] ?? row.task}</strong><span class="number">${format.number(left)}</span></p>
<p class="counts">${facts.filter(([count]) => count > 0).map(([count, say]) => html`<span>${say(count)}</span>`)}</p>
${
  moving > 0 && perMinute > 0
    ? html`<p class="counts"><span>${progress.rate(format.number(Math.round(perMinute * 10) / 10))}</span><span>${progress.left(format.span((moving / perMinute) * 60))}</span></p>`
    : ""
}
${row.ready > 0 && row.oldestReadySeconds > 120 ? html`<p class="counts"><span>${progress.oldest(format.span(row.oldestReadySeconds))}</span></p>` : ""}
</div>`;
}

/** A backfill's bar, with the time left as its own days so far tell. */
export function backfillProgress(backfill: BackfillRow, view: View): Html {
  const { words, format, now } = view;
  const title = words.backfill.title(format.days(backfill.from, backfill.to));
  const seconds = (now.getTime() - backfill.createdAt.getTime()) / 1_000;
  const left = backfill.ended > 0 ? (seconds / backfill.ended) * (backfill.days - backfill.ended) : null;
  return html`
<div class="task">
<p class="task-head"><a href="${links.backfill(backfill.id)}">${title}</a></p>
${bar(backfill.ended, backfill.days, title)}
${backfillCounts(backfill, left, view)}
</div>`;
}

export const backfillCounts = (
  { ended, days, failed }: Pick<BackfillRow, "ended" | "days" | "failed">,
  secondsLeft: number | null,
  { words, format }: View,
): Html => html`
<p class="counts"><span>${words.backfill.progress(ended, days)}</span>${
  secondsLeft !== null && ended < days ? html`<span>${words.progress.left(format.span(secondsLeft))}</span>` : ""
}${failed > 0 ? html`<span>${words.backfill.failed(failed)}</span>` : ""}</p>`;
