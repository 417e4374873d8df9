import { type Facts, judge, type Lack, type State } from "../store/verdict.ts";
import { counted } from "./text.ts";

export interface Verdict {
  state: State;
  sentence: string;
  /** What is open; empty where nothing is. */
  lacks: string[];
  detail: string;
}

const LACKS: Record<Lack, [thing: string, how: string]> = {
  notRead: ["day", "never read"],
  unproved: ["day", "not proved complete"],
  withGaps: ["day", "with missing calls"],
  failed: ["recording", "given up"],
  pending: ["recording", "on the way to Drive"],
  running: ["day", "being fetched"],
};

/** The answer to 'is everything archived?', in the words of the top of the dashboard (a test holds both against each other). */
export function sayVerdict(facts: Facts): Verdict {
  const { state, lacking, first, things } = judge(facts);
  const lacks = lacking.map(({ lack, count }) => `${counted(count, LACKS[lack][0])} ${LACKS[lack][1]}`);
  const { openDays } = facts.verdict;
  const open =
    openDays === 1 ? "One day is not fully archived." : `${counted(openDays, "day")} are not fully archived.`;
  const said: Record<State, () => [sentence: string, detail: string]> = {
    no_worker: () => [
      "No worker is running.",
      "Nothing is fetched or uploaded until the service runs: start it, or look at its log.",
    ],
    needs_you: () => [openDays > 0 ? open : need(things), `Do first: ${first?.hint}`],
    working: () => [openDays > 0 ? open : "Work is under way.", workingDetail(facts)],
    nothing: () => [
      "Nothing has been fetched yet.",
      "The next nightly run fetches yesterday. To fetch days now: callcenter-sync sync --from …",
    ],
    archived: () => ["Everything is archived.", archivedDetail(facts)],
  };
  const [sentence, detail] = said[state]();
  return { state, sentence, lacks, detail };
}

const need = (things: number) =>
  `${things === 1 ? "One thing needs" : `${things} things need`} you; the calls are archived.`;

const workingDetail = ({ service }: Facts) =>
  service.syncEnabled
    ? "Nothing to do: it goes on by itself."
    : "The schedule is switched off: what is queued runs, everything else waits for you.";

function archivedDetail({ verdict, service }: Facts): string {
  const { calls, completeDays, firstDay } = verdict;
  const what = `${counted(calls, "call")} on ${counted(completeDays, "day")} since ${firstDay}`;
  return service.driveEnabled
    ? `${what}: stored, and every recording verified in Google Drive.`
    : `${what} are stored. Google Drive is switched off: recordings stay at the PBX.`;
}
