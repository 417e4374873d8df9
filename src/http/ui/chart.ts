import { html } from "hono/html";
import type { DayRow } from "../../store/dashboard_days.ts";
import { card } from "./parts.ts";
import type { Html, View } from "./view.ts";

const STEP = 10;
const WIDTH = 7;
const HEIGHT = 100;

/** Calls a day as bars: those with a recording below, the others above. Nothing where there is no call. */
export function chart(rows: DayRow[], view: View): Html | "" {
  const { words, format, today } = view;
  const days = rows.filter(({ day }) => day <= today);
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return "";
  const most = Math.max(...days.map(({ records }) => records));
  if (most === 0) return "";
  const ended = days.filter(({ day }) => day < today);
  const average = Math.round(ended.reduce((sum, { records }) => sum + records, 0) / Math.max(1, ended.length));
  const [from, to] = [format.day(first.day), format.day(last.day)];
  const width = days.length * STEP;
  const mean = HEIGHT - (average / most) * HEIGHT;
  const body = html`
<figure>
<svg class="chart" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${words.chart.label(from, to, most, average)}">
<line class="axis" x1="0" y1="${HEIGHT}" x2="${width}" y2="${HEIGHT}"/>
${days.map((row, place) => bars(row, place, most, view))}
<line class="mean" x1="0" y1="${mean}" x2="${width}" y2="${mean}"/>
</svg>
<p class="chart-ends" aria-hidden="true"><span>${from}</span><span>${to}</span></p>
</figure>
<ul class="legend">
<li><span class="swatch"></span>${words.chart.recorded}</li><li><span class="swatch others"></span>${words.chart.others}</li>
<li><span class="swatch mean"></span>${words.chart.average(average)}</li><li>${words.chart.most(most)}</li>
</ul>`;
  return card("chart", words.chart.title, body);
}

function bars({ day, records, recordings }: DayRow, place: number, most: number, { words, format }: View): Html {
  const x = place * STEP + (STEP - WIDTH) / 2;
  const all = (records / most) * HEIGHT;
  const recorded = (recordings / most) * HEIGHT;
  const bar = (look: string, y: number, height: number) =>
    height > 0
      ? html`<rect class="${look}" x="${x}" y="${y.toFixed(2)}" width="${WIDTH}" height="${height.toFixed(2)}"/>`
      : "";
  return html`<g><title>${format.day(day)}: ${words.calendar.calls(records)}</title>${bar("others", HEIGHT - all, all - recorded)}${bar("recorded", HEIGHT - recorded, recorded)}</g>`;
}
