import { html } from "hono/html";
import { addDays } from "../../day.ts";
import { MAX_REQUESTED_DAYS } from "../../jobs.ts";
import { card, hidden } from "./parts.ts";
import type { Html, View } from "./view.ts";

/** Asks for days to be read again. Nothing doubles, however often it is sent. */
export function backfillForm(daysBack: number, view: View): Html {
  const { backfill } = view.words;
  const body = html`
<p class="soft small">${backfill.explain}</p>
<form method="post" action="/ui/backfill" class="form">
${hidden(view)}
<label class="field"><span>${backfill.from}</span><input type="date" name="dateFrom" required max="${view.today}" value="${addDays(view.today, -daysBack)}"></label>
<label class="field"><span>${backfill.to}</span><input type="date" name="dateTo" required max="${view.today}" value="${addDays(view.today, -1)}"></label>
<button class="button">${backfill.submit}</button>
</form>`;
  return card("backfill", backfill.section, body);
}

export function missingForm(view: View): Html {
  const { missing } = view.words;
  const body = html`
<p class="soft small">${missing.explain}</p>
<form method="post" action="/ui/missing-check" class="form">
${hidden(view)}
<label class="field"><span>${missing.days}</span><input type="number" name="daysBack" inputmode="numeric" required min="1" max="${MAX_REQUESTED_DAYS}" value="3"></label>
<button class="button">${missing.submit}</button>
</form>`;
  return card("missing", missing.section, body);
}
