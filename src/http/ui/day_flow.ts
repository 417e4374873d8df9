import { html } from "hono/html";
import type { DayRow } from "../../store/dashboard_days.ts";
import { disc, type Tone } from "./parts.ts";
import { type Html, links, type View } from "./view.ts";

/** A day's way: what the PBX has, what is stored, what lies in Drive. */
export function dayFlow(row: DayRow, driveEnabled: boolean, { words, format, today }: View): Html {
  const { day } = words;
  const isOver = row.day < today;
  const isStored = row.pbxTotal !== null && row.gaps === 0;
  const pbx = stage(day.pbx, row.pbxTotal === null ? "–" : format.number(row.pbxTotal), "", {
    tone: row.pbxTotal !== null ? "ok" : isOver && row.code ? "bad" : "none",
    detail: html`${row.pbxTotal === null ? day.pbxUnproved : day.pbxDetail}`,
  });
  const database = stage(day.database, format.number(row.records), "", {
    tone: isStored ? "ok" : row.gaps > 0 ? "bad" : "none",
    detail: html`<a href="${links.calls({ day: row.day })}">${day.databaseDetail(row.records)}</a>${
      row.gaps > 0 ? html` · ${words.calendar.missing(row.gaps)}` : ""
    }`,
  });
  const drive = stage(
    day.drive,
    format.number(row.uploaded),
    row.recordings > 0 ? `/ ${format.number(row.recordings)}` : "",
    {
      tone: driveTone(row, driveEnabled),
      detail: driveDetail(row, driveEnabled, words),
    },
  );
  return html`<div class="flow">${pbx}${database}${drive}</div>`;
}

function driveTone(row: DayRow, enabled: boolean): Tone {
  if (!enabled || row.recordings === 0) return "none";
  if (row.failed > 0) return "bad";
  return row.pending > 0 ? "work" : "ok";
}

function driveDetail(row: DayRow, enabled: boolean, words: View["words"]): Html {
  if (!enabled) return html`${words.notices.driveDisabled}`;
  if (row.recordings === 0) return html`${words.day.driveNone}`;
  const facts = [words.day.driveDetail(row.recordings)];
  if (row.failed > 0) facts.push(words.calendar.failed(row.failed));
  if (row.pending > 0) facts.push(words.calendar.pending(row.pending));
  return html`${facts.join(" · ")}`;
}

const stage = (
  title: string,
  figure: string,
  beside: string,
  { tone, detail }: { tone: Tone; detail: Html },
): Html => html`
<section class="stage">
<h2>${title}</h2>
<p class="figure">${figure}${beside ? html` <small>${beside}</small>` : ""}</p>
<p class="detail">${detail}</p>
${disc(tone)}
</section>`;
