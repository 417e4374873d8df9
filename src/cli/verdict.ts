import type { AttentionGroup } from "../store/dashboard_attention.ts";
import type { QueueRow } from "../store/dashboard_progress.ts";
import type { ServiceFacts, VerdictFacts } from "../store/dashboard_verdict.ts";
import { counted } from "./text.ts";

/** What the answer to 'is everything archived?' rests on. */
export interface Facts {
  verdict: VerdictFacts;
  service: ServiceFacts;
  attention: readonly AttentionGroup[];
  queue: readonly QueueRow[];
}

/** `working`: it goes on by itself. */
export type State = "archived" | "working" | "needs_you" | "nothing" | "no_worker";

export interface Verdict {
  state: State;
  sentence: string;
  /** What is open; empty where nothing is. */
  lacks: string[];
  detail: string;
}

/** The answer, in the words of the top of the dashboard (a test holds both against each other). */
export function judge({ verdict, service, attention, queue }: Facts): Verdict {
  const underWay = daysUnderWay(queue);
  const lacks = lacksOf(verdict, underWay);
  const { openDays, firstDay } = verdict;
  const open =
    openDays === 1 ? "One day is not fully archived." : `${counted(openDays, "day")} are not fully archived.`;
  if (service.workers === 0) {
    const detail = "Nothing is fetched or uploaded until the service runs: start it, or look at its log.";
    return { state: "no_worker", sentence: "No worker is running.", lacks, detail };
  }
  const [first] = attention;
  if (first) {
    const sentence = openDays > 0 ? open : need(attention.reduce((sum, { count }) => sum + count, 0));
    return { state: "needs_you", sentence, lacks, detail: `Do first: ${first.hint}` };
  }
  if (openDays > 0 || (firstDay === null && underWay > 0)) {
    const sentence = openDays > 0 ? open : "Work is under way.";
    const detail = service.syncEnabled
      ? "Nothing to do: it goes on by itself."
      : "The schedule is switched off: what is queued runs, everything else waits for you.";
    return { state: "working", sentence, lacks, detail };
  }
  if (firstDay === null) {
    const detail = "The next nightly run fetches yesterday. To fetch days now: callcenter-sync sync --from …";
    return { state: "nothing", sentence: "Nothing has been fetched yet.", lacks, detail };
  }
  const calls = `${counted(verdict.calls, "call")} on ${counted(verdict.completeDays, "day")} since ${firstDay}`;
  const detail = service.driveEnabled
    ? `${calls}: stored, and every recording verified in Google Drive.`
    : `${calls} are stored. Google Drive is switched off: recordings stay at the PBX.`;
  return { state: "archived", sentence: "Everything is archived.", lacks: [], detail };
}

const need = (things: number) =>
  `${things === 1 ? "One thing needs" : `${things} things need`} you; the calls are archived.`;

function daysUnderWay(queue: readonly QueueRow[]): number {
  const days = queue.find(({ task }) => task === "daily_sync");
  return days ? days.ready + days.running + days.scheduled : 0;
}

function lacksOf({ notRead, unproved, withGaps, failed, pending }: VerdictFacts, underWay: number): string[] {
  const all = [
    [notRead, "day", "never read"],
    [unproved, "day", "not proved complete"],
    [withGaps, "day", "with missing calls"],
    [failed, "recording", "given up"],
    [pending, "recording", "on the way to Drive"],
    [underWay, "day", "being fetched"],
  ] as const;
  return all.flatMap(([count, thing, how]) => (count > 0 ? [`${counted(count, thing)} ${how}`] : []));
}
