import { html } from "hono/html";
import type { DayRow } from "../../store/dashboard_days.ts";
import type { BackfillRow, Rates } from "../../store/dashboard_progress.ts";
import type { Facts } from "../../store/verdict.ts";
import { attentionPart } from "./attention_part.ts";
import { calendar, type Span } from "./calendar.ts";
import { chart } from "./chart.ts";
import type { PageOptions } from "./layout.ts";
import { card, disc } from "./parts.ts";
import { progressPart } from "./progress_part.ts";
import { backfillForm, missingForm } from "./request_forms.ts";
import { sayVerdict, verdictPart } from "./verdict.ts";
import type { Html, View } from "./view.ts";

/** All that the overview shows. */
export interface Overview extends Facts {
  days: DayRow[];
  span: Span;
  rates: Rates;
  backfills: BackfillRow[];
}

export function overviewPage(overview: Overview, view: View): PageOptions {
  const { attention, service, queue, days } = overview;
  const verdict = sayVerdict(overview, view);
  const isBusy = overview.backfills.length > 0 || queue.some(({ ready, running }) => ready + running > 0);
  const main = html`
${verdictPart(verdict, attention.length > 0, view)}
${notices(overview, view)}
${attention.length > 0 ? attentionPart(attention, view) : ""}
${calendar(days, overview.span, view)}
<div class="columns">
<div class="stack">${progressPart(queue, overview.rates, overview.backfills, view)}${chart(days, view)}</div>
${schedulePart(overview, view)}
</div>
<div class="columns even">${backfillForm(service.defaultDaysBack, view)}${missingForm(view)}</div>`;
  return { title: verdict.sentence, section: "overview", main, refreshSeconds: isBusy ? 5 : 30 };
}

function notices({ service }: Overview, { words: { notices } }: View): Html {
  const notice = (text: Html) => html`<div class="notice warn">${disc("warn")}<p>${text}</p></div>`;
  return html`
${service.syncEnabled ? "" : notice(html`<strong>${notices.syncDisabled}</strong> ${notices.syncDisabledDetail}`)}
${service.driveEnabled ? "" : notice(html`${notices.driveDisabled}`)}`;
}

/** The next three nightly runs, and the next of each other task. */
function schedulePart({ service }: Overview, { words, format, now }: View): Html {
  const { schedule } = words;
  const tasks = Object.keys(schedule.tasks)
    .map((task) => ({ task, runs: comingRuns(service.schedule[task], now).slice(0, task === "daily_sync" ? 3 : 1) }))
    .filter(({ runs }) => runs.length > 0);
  if (tasks.length === 0 || !service.syncEnabled) {
    return card("schedule", schedule.title, html`<p class="soft">${schedule.none}</p>`);
  }
  const run = (at: Date) => html`<dd><time datetime="${at.toISOString()}">${format.time(at)}</time></dd>`;
  const body = html`<dl class="runs">${tasks.map(({ task, runs }) => html`<div><dt>${schedule.tasks[task]}</dt>${runs.map(run)}</div>`)}</dl>`;
  return card("schedule", schedule.title, body);
}

const comingRuns = (runs: string[] | undefined, now: Date): Date[] =>
  (Array.isArray(runs) ? runs : []).map((run) => new Date(run)).filter((run) => run.getTime() > now.getTime());
