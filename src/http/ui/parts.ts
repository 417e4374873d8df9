import { html } from "hono/html";
import { plain } from "../../log.ts";
import { type Icon, icon } from "./icons.ts";
import type { Html, View } from "./view.ts";

/** The colours that mean something; each has its icon, for those who cannot tell colours apart. */
export type Tone = "ok" | "work" | "warn" | "bad" | "accepted" | "none";

const toneIcons: Record<Tone, Icon> = {
  ok: "check",
  work: "moving",
  warn: "alert",
  bad: "cross",
  accepted: "check",
  none: "empty",
};

export const toneIcon = (tone: Tone) => icon(toneIcons[tone]);

export const badge = (tone: Tone, text: string): Html =>
  html`<span class="badge ${tone}">${toneIcon(tone)}<span>${text}</span></span>`;

export const disc = (tone: Tone): Html => html`<span class="disc ${tone}">${toneIcon(tone)}</span>`;

export const card = (id: string, title: string, body: Html | Html[], aside: Html | "" = ""): Html => html`
<section class="card" id="${id}" aria-labelledby="${id}-title">
<header class="card-head"><h2 id="${id}-title">${title}</h2>${aside}</header>
${body}
</section>`;

/** A form of one button. `fields`: what it sends beside the token. */
export const actionForm = (
  view: View,
  action: string,
  label: string,
  options: { fields?: [name: string, value: string][]; primary?: boolean } = {},
): Html => html`
<form method="post" action="${action}" class="action">
${hidden(view, options.fields)}
<button class="button${options.primary ? " primary" : ""}">${label}</button>
</form>`;

/** What every form carries beside what a person fills in. */
export const hidden = (view: View, fields: [name: string, value: string][] = []): Html =>
  html`<input type="hidden" name="csrf" value="${view.csrf}">${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;

/** The form with which a person says that something stays as it is. Opens without JavaScript. */
export function acceptForm(view: View, options: { id: string; label: string; kind: string; subject: string }): Html {
  const { accept, buttons } = view.words;
  const { id } = options;
  return html`
<details class="accept" id="accept-${id}">
<summary class="button">${options.label}</summary>
<form method="post" action="/ui/accept" class="panel">
${hidden(view, [
  ["kind", options.kind],
  ["subject", options.subject],
  ["back", view.address],
])}
<label class="field"><span>${accept.who}</span><input name="who" value="${view.user}" required maxlength="80" autocomplete="name"></label>
<label class="field wide"><span>${accept.why}</span><input name="why" required maxlength="500" aria-describedby="why-${id}"></label>
<p class="help" id="why-${id}">${accept.whyHelp}</p>
<button class="button primary">${buttons.acceptConfirm}</button>
</form>
</details>`;
}

/** A bar of progress, of 0 to `total`. */
export const bar = (value: number, total: number, label: string): Html =>
  html`<progress class="bar" value="${Math.min(value, total)}" max="${Math.max(1, total)}" aria-label="${label}"></progress>`;

/** What was said by a machine, in English, behind a fold. */
export const quoted = (text: string): Html => html`<p class="quoted" lang="en">${text}</p>`;

const MOST_JSON = 20_000;

/** What somebody else's program said, as indented JSON: cleaned like any foreign text, its lines kept. */
export function foreignJson(value: unknown): Html {
  const text = JSON.stringify(value, null, 2) ?? "null";
  const lines = (text.length > MOST_JSON ? `${text.slice(0, MOST_JSON)}\n…` : text).split("\n");
  return html`<pre tabindex="0" lang="en">${lines.map((line) => plain(line, 2_000)).join("\n")}</pre>`;
}

/** The same behind a fold. */
export const record = (id: string, label: string, value: unknown): Html =>
  html`<details class="fold" id="${id}"><summary>${label}</summary>${foreignJson(value)}</details>`;

/** A select; the first option stands for no choice. */
export const select = (
  name: string,
  label: string,
  any: string,
  options: [value: string, text: string][],
  chosen: string | undefined,
): Html => html`
<label class="field"><span>${label}</span><select name="${name}">
<option value="">${any}</option>
${options.map(([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : ""}>${text}</option>`)}
</select></label>`;
