import type { AttentionGroup } from "./dashboard_attention.ts";
import type { ServiceFacts, VerdictFacts } from "./dashboard_verdict.ts";
import type { QueueRow } from "./queue.ts";

/** What the answer to 'is everything archived?' rests on. */
export interface Facts {
  verdict: VerdictFacts;
  service: ServiceFacts;
  attention: readonly AttentionGroup[];
  queue: readonly QueueRow[];
}

/** `working`: it goes on by itself. */
export type State = "archived" | "working" | "needs_you" | "nothing" | "no_worker";

/** What keeps days open: days, but for `failed` and `pending`, which are recordings. */
export const lacks = ["notRead", "unproved", "withGaps", "failed", "pending", "running"] as const;
export type Lack = (typeof lacks)[number];

/** The answer, to be put into words. */
export interface Answer {
  state: State;
  /** How many of what is open; empty where nothing is. */
  lacking: { lack: Lack; count: number }[];
  /** What a person should look at first, and how many things there are; undefined where there is none. */
  first: AttentionGroup | undefined;
  things: number;
}

/** Answers 'is everything archived?': the one place that decides it, for pages and commands alike. */
export function judge({ verdict, service, attention, queue }: Facts): Answer {
  const running = daysUnderWay(queue);
  const counts: Record<Lack, number> = { ...verdict, running };
  const state = stateOf({ verdict, service, attention, queue }, running);
  return {
    state,
    lacking:
      state === "archived" ? [] : lacks.map((lack) => ({ lack, count: counts[lack] })).filter(({ count }) => count > 0),
    first: attention[0],
    things: attention.reduce((sum, { count }) => sum + count, 0),
  };
}

function stateOf({ verdict, service, attention }: Facts, running: number): State {
  const { openDays, firstDay } = verdict;
  if (service.workers === 0) return "no_worker";
  if (attention.length > 0) return "needs_you";
  if (openDays > 0 || (firstDay === null && running > 0)) return "working";
  return firstDay === null ? "nothing" : "archived";
}

function daysUnderWay(queue: readonly QueueRow[]): number {
  const days = queue.find(({ task }) => task === "daily_sync");
  return days ? days.ready + days.running + days.scheduled : 0;
}
