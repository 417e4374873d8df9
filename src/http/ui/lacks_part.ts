import { html } from "hono/html";
import type { Lack, RefusedRow } from "../../store/dashboard_days.ts";
import { hintOfCode, titleOf } from "./causes.ts";
import { acceptForm, actionForm, card, quoted, record } from "./parts.ts";
import { type Html, links, shown, type View } from "./view.ts";

/** How many of each list a day shows. */
export const MOST_SHOWN = 100;

const andMore = (list: unknown[], { words }: View): Html | "" =>
  list.length < MOST_SHOWN ? "" : html`<p class="soft">${words.day.firstOf(MOST_SHOWN)}</p>`;

/** Calls that the PBX has and the table has not, with the record that was refused where that is why. */
export function gapsPart(gaps: Lack[], refused: RefusedRow[], view: View): Html | "" {
  if (gaps.length === 0) return "";
  const { day, buttons } = view.words;
  const item = ({ uuid, reason }: Lack, place: number) => {
    const refusal = refused.find((row) => row.uuid === uuid);
    return html`
<li class="lack">
<p class="mono">${shown(uuid, 60)}</p>
${quoted(shown(refusal?.reason ?? reason, 400))}
<div class="actions">
${acceptForm(view, { id: `gap-${place}`, label: buttons.accept, kind: "call", subject: uuid })}
${refusal ? record(`gap-record-${place}`, day.record, refusal.record) : ""}
</div>
</li>`;
  };
  const body = html`<p class="soft">${day.gapsDetail}</p><ul class="rows">${gaps.map(item)}</ul>${andMore(gaps, view)}`;
  return card("gaps", day.gaps, body);
}

/** What the last reading refused beside the gaps: records that were accepted, or of a reading that proved nothing. */
export function refusedPart(gaps: Lack[], refused: RefusedRow[], view: View): Html | "" {
  const { day } = view.words;
  const others = refused.filter(({ uuid }) => !gaps.some((gap) => gap.uuid === uuid));
  if (others.length === 0) return "";
  const item = (row: RefusedRow, place: number) => html`
<li class="lack">
<p class="mono">${shown(row.uuid, 60)}</p>
${quoted(shown(row.reason, 400))}
<div class="actions">${record(`refused-${place}`, day.record, row.record)}</div>
</li>`;
  const body = html`<p class="soft">${day.refusedDetail}</p><ul class="rows">${others.map(item)}</ul>${andMore(refused, view)}`;
  return card("refused", day.refused, body);
}

/** Recordings that failed or need a look: those with one cause together, what to do about it said once. */
export function recordingsPart(recordings: Lack[], view: View): Html | "" {
  if (recordings.length === 0) return "";
  const { language, words } = view;
  const causes = Object.entries(Object.groupBy(recordings, ({ code }) => code ?? ""));
  const body = html`${causes.map(
    ([code, list = []]) => html`
${code ? html`<div><h3>${titleOf(code, language)} (${view.format.number(list.length)})</h3><p>${hintOfCode(code, language) ?? ""}</p></div>` : ""}
<ul class="rows">${list.map((lack) => recordingItem(lack, view))}</ul>`,
  )}${andMore(recordings, view)}`;
  return card("recordings", words.day.recordings, body);
}

function recordingItem(lack: Lack, view: View): Html {
  const { buttons } = view.words;
  const back: [string, string][] = [["back", view.address]];
  return html`
<li class="lack">
<p><a href="${links.call(lack.uuid)}">${lack.startedAt ? view.format.time(lack.startedAt) : "–"} <span class="mono">${shown(lack.uuid, 60)}</span></a></p>
${lack.reason ? quoted(shown(lack.reason, 400)) : ""}
<div class="actions">
${actionForm(view, `${links.call(lack.uuid)}/upload`, buttons.upload, { fields: back })}
${acceptForm(view, { id: `recording-${lack.uuid}`, label: buttons.accept, kind: "call", subject: lack.uuid })}
</div>
</li>`;
}
