import { html } from "hono/html";
import { isErrorCode, meaningOf } from "../../errors.ts";
import type { AttentionGroup } from "../../store/dashboard_attention.ts";
import type { QueueRow } from "../../store/dashboard_progress.ts";
import type { ServiceFacts, VerdictFacts } from "../../store/dashboard_verdict.ts";
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

export interface Facts {
  verdict: VerdictFacts;
  service: ServiceFacts;
  attention: AttentionGroup[];
  queue: QueueRow[];
}

/** The answer to 'is everything archived?'. */
export function judge(facts: Facts, view: View): Verdict {
  const { verdict, service, attention, queue } = facts;
  const { words } = view;
  const lacks = lacksOf(verdict, daysUnderWay(queue), view);
  if (service.workers === 0) {
    return { tone: "bad", sentence: words.verdict.noWorker, lacks, detail: words.verdict.noWorkerDetail };
  }
  const [first] = attention;
  if (first) {
    const things = attention.reduce((sum, { count }) => sum + count, 0);
    const sentence = verdict.openDays > 0 ? words.verdict.open(verdict.openDays) : words.verdict.butAttention(things);
    const detail = `${words.verdict.first} ${hintOf(first.kind, first.hint, view.language)}`;
    return { tone: attention.some(isGrave) ? "bad" : "warn", sentence, lacks, detail };
  }
  if (verdict.openDays > 0 || (verdict.firstDay === null && daysUnderWay(queue) > 0)) {
    const sentence = verdict.openDays > 0 ? words.verdict.open(verdict.openDays) : words.verdict.working;
    const detail = service.syncEnabled ? words.verdict.workingDetail : words.verdict.scheduleOff;
    return { tone: "work", sentence, lacks, detail };
  }
  if (verdict.firstDay === null) {
    return { tone: "none", sentence: words.verdict.nothing, lacks, detail: words.verdict.nothingDetail };
  }
  const say = service.driveEnabled ? words.verdict.allDetail : words.verdict.allDetailNoDrive;
  const detail = say(verdict.calls, verdict.completeDays, view.format.day(verdict.firstDay));
  return { tone: "ok", sentence: words.verdict.all, lacks: [], detail };
}

/** Red: all work stands still until somebody acts. Amber: some days or recordings wait for a person. */
const isGrave = ({ kind }: AttentionGroup) =>
  ["no_worker", "nightly_run_missing"].includes(kind) || (isErrorCode(kind) && meaningOf(kind).circuit !== undefined);

const daysUnderWay = (queue: QueueRow[]) => {
  const days = queue.find(({ task }) => task === "daily_sync");
  return days ? days.ready + days.running + days.scheduled : 0;
};

function lacksOf(facts: VerdictFacts, underWay: number, { words: { lacks } }: View): string[] {
  const all: [number, (n: number) => string][] = [
    [facts.notRead, lacks.notRead],
    [facts.unproved, lacks.unproved],
    [facts.withGaps, lacks.withGaps],
    [facts.failed, lacks.failed],
    [facts.pending, lacks.pending],
    [underWay, lacks.running],
  ];
  return all.filter(([count]) => count > 0).map(([count, say]) => say(count));
}

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
