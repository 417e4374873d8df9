import type { ServiceFacts, VerdictFacts } from "../store/dashboard_verdict.ts";
import { counted } from "./text.ts";

/** The answer to 'is everything archived?'. */
export interface Verdict {
  state: "archived" | "needs_you" | "incomplete" | "nothing" | "no_worker";
  sentence: string;
  /** What the days that are open lack; empty where none is. */
  lacks: string[];
}

/** One sentence, as on top of the dashboard. `things`: how many need a person. */
export function verdictOf(facts: VerdictFacts, service: ServiceFacts, things: number): Verdict {
  const lacks = lacksOf(facts);
  if (service.workers === 0) return { state: "no_worker", sentence: "No worker is running.", lacks };
  if (facts.firstDay === null) return { state: "nothing", sentence: "Nothing has been fetched yet.", lacks };
  if (facts.openDays > 0) {
    const days = facts.openDays === 1 ? "One day is" : `${counted(facts.openDays, "day")} are`;
    return { state: "incomplete", sentence: `${days} not fully archived.`, lacks };
  }
  if (things > 0) {
    const need = things === 1 ? "One thing needs" : `${things} things need`;
    return { state: "needs_you", sentence: `${need} you; the calls are archived.`, lacks };
  }
  return { state: "archived", sentence: "Everything is archived.", lacks };
}

function lacksOf(facts: VerdictFacts): string[] {
  const { notRead, unproved, withGaps, failed, pending } = facts;
  return [
    notRead > 0 && `${counted(notRead, "day")} never read`,
    unproved > 0 && `${counted(unproved, "day")} not proved complete`,
    withGaps > 0 && `${counted(withGaps, "day")} with missing calls`,
    failed > 0 && `${counted(failed, "recording")} given up`,
    pending > 0 && `${counted(pending, "recording")} on the way to Drive`,
  ].filter((lack) => lack !== false);
}
