import { html } from "hono/html";
import { addDays, type Day } from "../../day.ts";
import type { AcceptanceRow, DayRow, Lack, RefusedRow } from "../../store/dashboard_days.ts";
import type { ListedSync } from "../../store/sync_list.ts";
import { hintOfCode, titleOf } from "./causes.ts";
import { dayFlow } from "./day_flow.ts";
import { stateOf, stateTones } from "./day_state.ts";
import { icon } from "./icons.ts";
import { gapsPart, recordingsPart, refusedPart } from "./lacks_part.ts";
import type { PageOptions } from "./layout.ts";
import { acceptForm, actionForm, badge, card, quoted } from "./parts.ts";
import { syncItem } from "./sync_item.ts";
import { type Html, links, shown, type View } from "./view.ts";

export interface DayStory {
  day: Day;
  row: DayRow | undefined;
  driveEnabled: boolean;
  gaps: Lack[];
  recordings: Lack[];
  refused: RefusedRow[];
  acceptances: AcceptanceRow[];
  syncs: ListedSync[];
}

export function dayPage(story: DayStory, view: View): PageOptions {
  const { words, format } = view;
  const { day, row } = story;
  const state = stateOf(day, row, view.today);
  const isUnderWay = state === "running" || state === "today";
  const name = state === "unknown" || state === "future" ? words.states.not_read : words.states[state];
  const isOpen =
    state === "incomplete" || (state === "running" && row?.isComplete === false && row.lastCheckedAt !== null);
  const main = html`
<div class="page-head">
<nav class="crumbs" aria-label="${words.day.heading}">
<a href="${links.day(addDays(day, -1))}" rel="prev">${icon("left")}${words.day.previous}</a>
${day < view.today ? html`<a href="${links.day(addDays(day, 1))}" rel="next">${words.day.next}${icon("right")}</a>` : ""}
</nav>
<div class="title"><h1>${format.longDay(day)}</h1>${state === "future" ? "" : badge(stateTones[state], name)}</div>
${row?.lastCheckedAt ? html`<p class="soft">${words.day.checked(format.time(row.lastCheckedAt))}</p>` : ""}
</div>
${state === "future" ? html`<p class="card empty">${words.day.future}</p>` : state === "unknown" ? html`<p class="card empty">${words.day.unknown}</p>` : ""}
${row ? dayFlow(row, story.driveEnabled, view) : ""}
${row?.code && isOpen ? unproved(row.code, row.reason, view) : ""}
${state === "future" ? "" : buttons(day, isOpen || state === "not_read", view)}
${gapsPart(story.gaps, story.refused, view)}
${recordingsPart(story.recordings, view)}
${refusedPart(story.gaps, story.refused, view)}
${acceptancesPart(story.acceptances, view)}
${state === "future" ? "" : syncsPart(story.syncs, view)}`;
  return { title: format.longDay(day), section: "overview", main, refreshSeconds: isUnderWay ? 5 : 30 };
}

function buttons(day: Day, canAccept: boolean, view: View): Html {
  const { words } = view;
  return html`
<div class="actions">
${actionForm(view, "/ui/days", words.buttons.fetchDay, {
  fields: [
    ["day", day],
    ["back", view.address],
  ],
  primary: true,
})}
<a class="button" href="${links.calls({ day })}">${words.day.calls}</a>
${canAccept ? acceptForm(view, { id: "day", label: words.buttons.acceptDay, kind: "day", subject: day }) : ""}
</div>`;
}

/** Why the last reading of the day proved nothing. */
function unproved(code: string, reason: string | null, view: View): Html {
  const body = html`
<h3>${titleOf(code, view.language)}</h3>
<p>${hintOfCode(code, view.language) ?? ""}</p>
${reason ? quoted(shown(reason, 600)) : ""}`;
  return card("why", view.words.day.why, body);
}

function acceptancesPart(acceptances: AcceptanceRow[], { words, format }: View): Html | "" {
  if (acceptances.length === 0) return "";
  const item = ({ kind, uuid, who, why, at }: AcceptanceRow) => html`
<li><p>“${shown(why, 500)}”</p><p class="soft small">${words.day.acceptedBy(shown(who, 80), format.time(at))}${
    kind !== "recording" ? "" : html` · <a class="mono" href="${links.call(uuid)}">${shown(uuid, 60)}</a>`
  }</p></li>`;
  return card("accepted", words.day.accepted, html`<ul class="rows">${acceptances.map(item)}</ul>`);
}

function syncsPart(syncs: ListedSync[], view: View): Html {
  const { day } = view.words;
  const body =
    syncs.length === 0
      ? html`<p class="soft">${day.noSyncs}</p>`
      : html`<ul class="list">${syncs.map((sync) => syncItem(sync, view, { namesDay: false }))}</ul>`;
  return card("syncs", day.syncs, body);
}
