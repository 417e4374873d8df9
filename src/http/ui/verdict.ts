import { html } from "hono/html";
import { isErrorCode, meaningOf } from "../../errors.ts";
import type { AttentionGroup } from "../../store/dashboard_attention.ts";
import { type Facts, judge, type State } from "../../store/verdict.ts";
import { hintOf } from "./causes.ts";
import { disc, type Tone } from "./parts.ts";
import type { Html, View } from "./view.ts";

/** The top of the overview: one sentence, one colour, what is open and what to do. */
export interface Verdict {
  tone: Tone;
  sentence: string;
  lacks: string[];
  detail: string;
}

/** The answer to 'is everything archived?', in the reader's words. */
export function sayVerdict(facts: Facts, view: View): Verdict {
  const { state, lacking, first, things } = judge(facts);
  const { words, language, format } = view;
  const { verdict: say } = words;
  const { openDays, calls, completeDays, firstDay } = facts.verdict;
  const { service, attention } = facts;
  const said: Record<State, () => [tone: Tone, sentence: string, detail: string]> = {
    no_worker: () => ["bad", say.noWorker, say.noWorkerDetail],
    needs_you: () => [
      attention.some(isGrave) ? "bad" : "warn",
      openDays > 0 ? say.open(openDays) : say.butAttention(things),
      `${say.first} ${first ? hintOf(first.kind, first.hint, language) : ""}`,
    ],
    working: () => [
      "work",
      openDays > 0 ? say.open(openDays) : say.working,
      service.syncEnabled ? say.workingDetail : say.scheduleOff,
    ],
    nothing: () => ["none", say.nothing, say.nothingDetail],
    archived: () => [
      "ok",
      say.all,
      (service.driveEnabled ? say.allDetail : say.allDetailNoDrive)(calls, completeDays, format.day(firstDay!)),
    ],
  };
  const [tone, sentence, detail] = said[state]();
  return { tone, sentence, lacks: lacking.map(({ lack, count }) => words.lacks[lack](count)), detail };
}

/** Red: all work stands still until somebody acts. Amber: some days or recordings wait for a person. */
const isGrave = ({ kind }: AttentionGroup) =>
  ["no_worker", "nightly_run_missing"].includes(kind) || (isErrorCode(kind) && meaningOf(kind).circuit !== undefined);

export const verdictPart = (
  { tone, sentence, lacks, detail }: Verdict,
  hasAttention: boolean,
  view: View,
): Html => html`
<section class="verdict ${tone}" id="verdict">
${disc(tone)}
<h1>${sentence}</h1>
<div class="verdict-body">
${lacks.length > 0 ? html`<ul class="lacks">${lacks.map((lack) => html`<li>${lack}</li>`)}</ul>` : ""}
<p>${detail}</p>
${hasAttention ? html`<p><a href="#attention">${view.words.verdict.toAttention}</a></p>` : ""}
</div>
</section>`;
