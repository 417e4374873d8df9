import type { Calm } from "./calm.ts";
import type { Chaos } from "./chaos.ts";
import type { FaultCount } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import type { ServiceCounts } from "./services.ts";
import type { Database } from "./world.ts";

/** Everything that a round came to. */
export interface Round {
  plan: Plan;
  ledger: Ledger;
  calm: Calm;
  chaos: Chaos;
  faults: FaultCount[];
  services: ServiceCounts;
  database: Database["counts"];
  late: number;
  corrected: number;
}

/** True where nothing is lost, doubled or wrong, every day is complete and nothing is left open. */
export function isProved({ ledger, calm, services }: Round): boolean {
  const { lost, doubled, wrong, incompleteDays, openLogs, jobsLeft, failedJobs } = ledger;
  const notRight = [
    lost,
    doubled,
    wrong,
    incompleteDays,
    openLogs,
    jobsLeft,
    failedJobs,
    calm.attention,
    services.endedBadly,
  ];
  const { hopeless, hopelessShown, tooShort, tooShortShown } = calm.settled;
  const areAllShown = hopeless === hopelessShown && tooShort === tooShortShown;
  return calm.isInPlace && areAllShown && notRight.every((list) => list.length === 0);
}

export function formatPlan(plan: Plan, nth: number): string {
  const {
    rounds,
    seed,
    dialect,
    order,
    pageCap,
    layout,
    searchLagMs,
    credentials,
    services,
    runtime,
    seconds,
    haveNames,
  } = plan;
  const cap = Number.isFinite(pageCap) ? `${pageCap} calls a page at most, ` : "";
  return [
    `Round ${nth + 1} of ${rounds}, seed ${seed}: ${seconds} s of faults`,
    `  PBX       dialect ${dialect}, ${cap}${order.replace("_", " ")}`,
    `  Drive     folders ${layout}, lists ${searchLagMs / 1_000} s behind, credentials of a ${credentials}`,
    `  service   ${services} processes on ${runtime}, ${haveNames ? "each with a name of its own" : "all with the name of the host"}`,
  ].join("\n");
}

export function formatProgress(ledger: Ledger): string {
  const { calls, stored, recordings, inDrive, days, incompleteDays, jobsLeft } = ledger;
  return `${stored} of ${calls} calls stored, ${inDrive} of ${recordings} recordings in Drive, ${days - incompleteDays.length} of ${days} days complete, ${jobsLeft.length} jobs`;
}

/** The faults that were injected and how often each hit, then the ledger, then whatever is not right. */
export function formatRound(round: Round): string {
  return [formatFaults(round.faults), formatBlows(round), formatLedger(round), formatComplaints(round)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function formatFaults(faults: FaultCount[]): string {
  const sides = [...new Set(faults.map(({ side }) => side))];
  const blocks = sides.map((side) => {
    const lines = faults
      .filter((fault) => fault.side === side && fault.injected > 0)
      .map(({ name, hits }) => `${name.padEnd(32)} ${String(hits).padStart(3)}`);
    const half = Math.ceil(lines.length / 2);
    const pairs = lines.slice(0, half).map((line, at) => `    ${line}    ${lines[at + half] ?? ""}`.trimEnd());
    return [`  ${side}`, ...pairs].join("\n");
  });
  const hits = faults.reduce((sum, fault) => sum + fault.hits, 0);
  return [`Faults injected, and how often each hit (${hits} in all):`, ...blocks].join("\n");
}

function formatBlows({ services, database, chaos, late, corrected }: Round): string {
  const outages = Object.entries(chaos.outages).map(([name, count]) => `${name} ${count}`);
  return [
    `  service     ${services.kills} SIGKILL, ${services.terminations} SIGTERM, ${services.freezes} frozen for a while, ${services.restarts} started again`,
    `  PostgreSQL  ${database.restarts} restarts, ${database.crashes} crashes, ${database.cuts} connections cut, ${database.silences} answers lost, ${database.terminations} sessions ended`,
    `  neighbours  ${outages.join(", ")}`,
    `  people      ${chaos.requests} requests, ${late} calls came late, ${corrected} calls were corrected`,
  ].join("\n");
}

function formatLedger({ ledger, calm }: Round): string {
  const { lost, doubled, wrong, hopeless, tooShort } = ledger;
  const { hopelessShown, tooShortShown } = calm.settled;
  const lines: [string, number | string][] = [
    ["calls expected", ledger.calls],
    ["calls stored", ledger.stored],
    ["recordings expected", ledger.recordings],
    ["recordings in Drive, byte for byte", ledger.inDrive],
    ["lost", lost.length],
    ["doubled", doubled.length],
    ["wrong", wrong.length],
    ["hopeless on purpose, shown to a person", `${hopelessShown} of ${hopeless}`],
    ["too short on purpose, uploaded and shown", `${tooShortShown} of ${tooShort}`],
    ["accepted by a person", calm.accepted.length],
    ["days complete", `${ledger.days - ledger.incompleteDays.length} of ${ledger.days}`],
    ["logs left running or retrying", ledger.openLogs.length],
    ["jobs left", ledger.jobsLeft.length + ledger.failedJobs.length],
    ["seconds until all was in place", calm.isInPlace ? calm.seconds : `not within ${calm.seconds}`],
  ];
  return lines.map(([name, value]) => `  ${name.padEnd(42)}${String(value).padStart(8)}`).join("\n");
}

const MOST_COMPLAINTS = 8;

function formatComplaints({ ledger, calm, services }: Round): string {
  const lists: [string, string[]][] = [
    ["Lost", ledger.lost],
    ["Doubled", ledger.doubled],
    ["Wrong", ledger.wrong],
    ["Days not complete", ledger.incompleteDays],
    ["Logs left", ledger.openLogs],
    ["Jobs left", ledger.jobsLeft],
    ["Jobs that failed for good", ledger.failedJobs],
    ["Under attention without a reason", calm.attention],
    ["Processes that did not end as promised", services.endedBadly],
    ["Processes that ended unasked", services.endedUnasked],
  ];
  return lists
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => {
      const more = list.length > MOST_COMPLAINTS ? [`… and ${list.length - MOST_COMPLAINTS} more`] : [];
      return [`${name}:`, ...[...list.slice(0, MOST_COMPLAINTS), ...more].map((line) => `  ${line}`)].join("\n");
    })
    .join("\n");
}
