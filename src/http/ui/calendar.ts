import { html } from "hono/html";
import { addDays, type Day, daysBetween, isDay } from "../../day.ts";
import type { DayRow } from "../../store/dashboard_days.ts";
import { type DayState, stateOf, stateTones } from "./day_state.ts";
import { icon } from "./icons.ts";
import { card, toneIcon } from "./parts.ts";
import { type Html, links, type View, withQuery } from "./view.ts";

const MONTHS = 3;

/** What the calendar shows: whole months, the last of them first asked for. */
export interface Span {
  from: Day;
  to: Day;
  /** The first days of the months, oldest first. */
  months: Day[];
}

const firstOfMonth = (day: Day) => `${day.slice(0, 7)}-01` as Day;
const monthBefore = (first: Day, count: number): Day =>
  count === 0 ? first : monthBefore(firstOfMonth(addDays(first, -1)), count - 1);
const monthAfter = (first: Day) => firstOfMonth(addDays(first, 31));

/** The months up to the one that the query names (`2026-11`), up to today's where it names none or a later one. */
export function spanOf(month: string | undefined, today: Day): Span {
  const named = `${month}-01`;
  const last = isDay(named) && named > "1990" && named < today ? named : firstOfMonth(today);
  const months = Array.from({ length: MONTHS }, (_, index) => monthBefore(last, MONTHS - 1 - index));
  return { from: months[0]!, to: addDays(monthAfter(last), -1), months };
}

export function calendar(rows: DayRow[], span: Span, view: View): Html {
  const byDay = new Map(rows.map((row) => [row.day, row]));
  const most = Math.max(1, ...rows.map(({ records }) => records));
  const months = span.months.map((month) => monthTable(month, byDay, most, view));
  return card(
    "days",
    view.words.calendar.title,
    html`<div class="months">${months}</div>${legend(view)}`,
    pager(span, view),
  );
}

function monthTable(first: Day, rows: Map<Day, DayRow>, most: number, view: View): Html {
  const days = daysBetween(first, addDays(monthAfter(first), -1));
  const empty = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const cells: (Day | null)[] = [...Array<null>(empty).fill(null), ...days];
  while (cells.length % 7 > 0) cells.push(null);
  const weeks = Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
  return html`
<table class="month">
<caption>${view.format.month(first)}</caption>
<thead><tr>${view.format.weekdays().map(({ short, long }) => html`<th scope="col" abbr="${long}">${short}</th>`)}</tr></thead>
<tbody>${weeks.map((week) => html`<tr>${week.map((day) => html`<td>${day ? cell(day, rows.get(day), most, view) : ""}</td>`)}</tr>`)}</tbody>
</table>`;
}

function cell(day: Day, row: DayRow | undefined, most: number, view: View): Html {
  const state = stateOf(day, row, view.today);
  const date = Number(day.slice(8));
  if (state === "future") return html`<span class="cell future">${date}</span>`;
  const heat = row ? Math.ceil((row.records / most) * 4) : 0;
  const look = state === "complete" ? `complete heat-${heat}` : state === "unknown" ? "future" : state;
  const label = describe(day, state, row, view);
  const marked = ["incomplete", "running", "accepted"].includes(state) ? toneIcon(stateTones[state]) : "";
  const calls = row && row.records > 0 ? html`<small>${view.format.number(row.records)}</small>` : "";
  return html`<a class="cell ${look}" href="${links.day(day)}" title="${label}"><span aria-hidden="true"><b>${date}</b>${calls}</span>${marked}<span class="unseen">${label}</span></a>`;
}

/** A cell in words: `Tuesday, 3 November 2026: incomplete, 131 calls, 3 calls missing`. */
function describe(day: Day, state: DayState, row: DayRow | undefined, { words, format }: View): string {
  const { calendar, states } = words;
  const facts = [state === "unknown" || state === "future" ? states.not_read : states[state]];
  if (row && (row.records > 0 || row.pbxTotal !== null)) facts.push(calendar.calls(row.records));
  if (row && row.gaps > 0) facts.push(calendar.missing(row.gaps));
  if (row && row.failed > 0 && !row.isComplete) facts.push(calendar.failed(row.failed));
  if (row && row.pending > 0 && !row.isComplete) facts.push(calendar.pending(row.pending));
  return `${format.longDay(day)}: ${facts.join(", ")}`;
}

function legend({ words }: View): Html {
  const example = (look: string, mark: Html | "" = "") =>
    html`<span class="cell ${look}" aria-hidden="true">${mark}</span>`;
  const item = (state: "incomplete" | "running" | "accepted" | "not_read") =>
    html`<li>${example(state, state === "not_read" ? "" : toneIcon(stateTones[state]))}${words.states[state]}</li>`;
  return html`
<ul class="legend">
<li><span class="scale">${[1, 2, 3, 4].map((heat) => example(`heat-${heat}`))}</span>${words.states.complete} · ${words.calendar.legend}</li>
${item("incomplete")}${item("running")}${item("not_read")}${item("accepted")}
</ul>`;
}

function pager({ months, to }: Span, { words: { calendar }, today }: View): Html {
  const last = months[MONTHS - 1]!;
  const at = (day: Day) => withQuery("/ui/", { month: day.slice(0, 7) });
  const isLatest = to >= today;
  return html`
<nav class="pager" aria-label="${calendar.title}">
<a href="${at(monthBefore(last, 1))}" rel="prev">${icon("left")}${calendar.earlier}</a>
${isLatest ? "" : html`<a href="${at(monthAfter(last))}" rel="next">${calendar.later}${icon("right")}</a><a href="/ui/">${calendar.latest}</a>`}
</nav>`;
}
