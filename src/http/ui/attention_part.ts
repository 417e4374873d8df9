import { html } from "hono/html";
import { addDays, type Day } from "../../day.ts";
import { isErrorCode, meaningOf } from "../../errors.ts";
import { MAX_REQUESTED_DAYS } from "../../jobs.ts";
import type { AttentionGroup } from "../../store/dashboard_attention.ts";
import { hintOf, titleOf } from "./causes.ts";
import { acceptForm, actionForm, card, disc, quoted } from "./parts.ts";
import { type Html, links, shown, type View } from "./view.ts";

/** How many days of a group have a button, and how many are named. */
export const MOST_DAYS = 62;
const NAMED_DAYS = 8;

/** What needs a person, each with its reason, what to do, and the button that mends it. */
export function attentionPart(groups: readonly AttentionGroup[], view: View): Html {
  const { attention } = view.words;
  const body =
    groups.length === 0
      ? html`<p class="soft">${attention.none}</p>`
      : html`<ul class="rows">${groups.map((group, place) => html`<li>${thing(group, place, view)}</li>`)}</ul>`;
  return card("attention", attention.title, body);
}

function thing(group: AttentionGroup, place: number, view: View): Html {
  const { words, format, language } = view;
  const tone = isErrorCode(group.kind) && meaningOf(group.kind).circuit ? "bad" : "warn";
  const count = group.count > 1 ? ` (${format.number(group.count)})` : "";
  return html`
<div class="thing">
${disc(tone)}
<div class="thing-head"><h3>${titleOf(group.kind, language)}${count}</h3><span class="soft small">${words.attention.since(format.time(group.since))}</span></div>
${subjects(group, view)}
<p>${hintOf(group.kind, group.hint, language)}</p>
<div class="actions">
${cures(group, place, view)}
<details class="said" id="said-${place}"><summary>${words.attention.details}</summary>${quoted(shown(group.reason, 600))}</details>
</div>
</div>`;
}

/** The first and the last day of a range; of several ranges, the oldest that is known. */
const rangeOf = ({ subject }: AttentionGroup) => subject.split(" to ") as [from: Day, to: Day];

const isRecordings = ({ kind }: AttentionGroup) => kind.startsWith("recording_");

/** The days it is about, or the one call. */
function subjects(group: AttentionGroup, { format, words }: View): Html | "" {
  const { days, subject, count } = group;
  const named = days.slice(0, NAMED_DAYS);
  if (isRecordings(group) && count === 1) {
    const [only] = named;
    return html`<p class="subjects"><a href="${links.call(subject)}">${only ? format.day(only.day) : shown(subject, 13)}</a></p>`;
  }
  if (group.kind === "days_not_read") {
    const [from, to] = rangeOf(group);
    const more = count > 1 ? html`<span class="soft">${words.attention.more(count - 1)}</span>` : "";
    return html`<p class="subjects"><a href="${links.month(from)}">${format.days(from, to)}</a>${more}</p>`;
  }
  if (named.length === 0) return "";
  const more = days.length - named.length;
  return html`<p class="subjects">${named.map(
    ({ day, count }) =>
      html`<a href="${links.day(day)}">${format.day(day)}${count > 1 ? ` (${format.number(count)})` : ""}</a>`,
  )}${more > 0 ? html`<span class="soft">${words.attention.more(more)}</span>` : ""}</p>`;
}

/** The buttons. What only a person outside can mend (a key, a full Drive) has none: its hint says what to do. */
function cures(group: AttentionGroup, place: number, view: View): Html | Html[] | "" {
  const { buttons } = view.words;
  const { kind, subject, days, count } = group;
  const id = `thing-${place}`;
  const only = count === 1;
  if (isRecordings(group)) {
    if (!only)
      return ["recording_given_up", "recording_stuck"].includes(kind)
        ? actionForm(view, "/ui/uploads", buttons.retryUploads, { primary: true })
        : "";
    const canUpload = kind !== "recording_twin_in_drive" && kind !== "recording_altered_in_drive";
    return [
      ...(canUpload ? [actionForm(view, `${links.call(subject)}/upload`, buttons.upload, { primary: true })] : []),
      acceptForm(view, { id, label: buttons.accept, kind: "call", subject }),
    ];
  }
  if (days.length > 0) {
    const fields = days.map(({ day }): [string, string] => ["day", day]);
    return [
      actionForm(view, "/ui/days", buttons.fetchDays(days.length), { fields, primary: true }),
      ...(only && kind !== "nightly_run_missing" && subject < view.today
        ? [acceptForm(view, { id, label: buttons.acceptDay, kind: "day", subject })]
        : []),
    ];
  }
  if (kind === "days_not_read") return fetchRange(rangeOf(group), view);
  return kind === "zone_changed"
    ? acceptForm(view, { id, label: buttons.accept, kind: "notice", subject: "zone_changed" })
    : "";
}

/** Fetches a range, its newest days where it is longer than one request may be. */
function fetchRange([from, to]: [from: Day, to: Day], view: View): Html {
  const first = addDays(to, 1 - MAX_REQUESTED_DAYS);
  const fields: [string, string][] = [
    ["dateFrom", first > from ? first : from],
    ["dateTo", to],
  ];
  return actionForm(view, "/ui/backfill", view.words.backfill.submit, { fields, primary: true });
}
