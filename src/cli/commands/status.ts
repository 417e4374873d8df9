import { type AttentionGroup, findAttention } from "../../store/dashboard_attention.ts";
import { findQueue, type QueueRow } from "../../store/dashboard_progress.ts";
import {
  findServiceFacts,
  findVerdictFacts,
  type ServiceFacts,
  type VerdictFacts,
} from "../../store/dashboard_verdict.ts";
import { type ListedSync, listSyncs } from "../../store/sync_list.ts";
import { type Business, findBusiness } from "../business.ts";
import { type Answer, defineCommand } from "../command.ts";
import type { Session } from "../session.ts";
import { counted, grouped, hanging, span } from "../text.ts";
import { type Verdict, verdictOf } from "../verdict.ts";

/** Of each kind of thing that needs a person, so many are named. */
const NAMED = 5;

interface Standing {
  verdict: Verdict;
  facts: VerdictFacts;
  service: ServiceFacts;
  attention: AttentionGroup[];
  queue: QueueRow[];
  lastSync: ListedSync | undefined;
}

export const status = defineCommand({
  name: "status",
  summary: "is everything archived? what needs a person, what is under way",
  options: () => {},
  examples: [
    ["status", "one sentence, and what is behind it"],
    ["status --json | jq -r .state", "archived, needs_you, incomplete, nothing or no_worker"],
  ],
  async run(session) {
    const { sql } = session;
    const business = await findBusiness(session);
    const [facts, service, attention, queue, [lastSync]] = await Promise.all([
      findVerdictFacts(sql),
      findServiceFacts(sql),
      findAttention(sql, NAMED),
      findQueue(sql),
      listSyncs(sql, {}, { limit: 1 }),
    ]);
    const things = attention.reduce((sum, { count }) => sum + count, 0);
    const verdict = verdictOf(facts, service, things);
    return answer({ verdict, facts, service, attention, queue, lastSync }, business, session);
  },
});

function answer(standing: Standing, business: Business, session: Session): Answer {
  const { verdict, facts, service, attention, queue, lastSync } = standing;
  const { show } = session;
  const json = {
    state: verdict.state,
    sentence: verdict.sentence,
    zone: business.zone,
    days: facts,
    service,
    queue,
    attention: attention.map((group) => ({ ...group, reason: show(group.reason), subjects: group.subjects.map(show) })),
    lastSync: lastSync ? { ...lastSync, errorMessage: lastSync.errorMessage && show(lastSync.errorMessage) } : null,
  };
  return { json, text: textOf(standing, business, session) };
}

function textOf(standing: Standing, business: Business, session: Session): string {
  const { verdict, attention } = standing;
  const { paint, columns } = session;
  const { state, sentence, lacks } = verdict;
  const colour =
    state === "archived" ? paint.good : state === "no_worker" || attention.length > 0 ? paint.bad : paint.warning;
  const lines = [colour(`● ${paint.strong(sentence)}`)];
  if (lacks.length > 0) lines.push(hanging("  ", `${lacks.join(", ")}.`, columns));
  if (state === "incomplete" && attention.length === 0) lines.push("  Nothing to do: it goes on by itself.");
  const facts = factsOf(standing, business, session).map(([label, text]) =>
    hanging(`  ${label.padEnd(11)}`, text, columns),
  );
  lines.push("", ...facts);
  if (attention.length > 0) lines.push("", paint.strong("Needs you"));
  for (const group of attention) lines.push(...needOf(group, business, session));
  return lines.join("\n");
}

function factsOf(
  { facts, service, queue, lastSync }: Standing,
  { zone, time }: Business,
  { show }: Session,
): [string, string][] {
  const { firstDay, lastDay, completeDays, openDays, calls, oldest } = facts;
  const oldestOpen = oldest ? `; the oldest that is not: ${oldest}` : "";
  const days =
    firstDay === null
      ? "none yet; the nightly run fetches yesterday"
      : `${firstDay} to ${lastDay}: ${grouped(completeDays)} of ${grouped(completeDays + openDays)} complete, ${counted(calls, "call")}${oldestOpen}`;
  const seen = service.lastHeartbeatAt
    ? `none since ${time(service.lastHeartbeatAt)}: start the service`
    : "none has ever started";
  const lines: [string, string][] = [
    ["days", days],
    ["worker", service.workers > 0 ? `${grouped(service.workers)} alive` : seen],
    ["queue", queueText(queue)],
    ["last sync", lastSync ? syncText(lastSync, time, show) : "none yet"],
    ["next runs", scheduleText(service, zone)],
  ];
  if (!service.driveEnabled) lines.push(["Drive", "disabled: recordings stay at the PBX"]);
  return lines;
}

function queueText(queue: readonly QueueRow[]): string {
  const busy = queue.filter(({ ready, scheduled, running, failed }) => ready + scheduled + running + failed > 0);
  if (busy.length === 0) return "empty";
  const words = ({ task, running, ready, scheduled, failed, oldestReadySeconds }: QueueRow) => {
    const states = [
      running > 0 && `${grouped(running)} running`,
      ready > 0 && `${grouped(ready)} ready`,
      scheduled > 0 && `${grouped(scheduled)} for later`,
      failed > 0 && `${grouped(failed)} failed`,
      oldestReadySeconds > 60 && `the first waits for ${span(oldestReadySeconds * 1_000)}`,
    ];
    return `${task} ${states.filter((state) => state !== false).join(", ")}`;
  };
  return busy.map(words).join("; ");
}

function syncText(sync: ListedSync, time: Business["time"], show: Session["show"]): string {
  const { dateFrom, syncType, status, totalRecords, failedCount, endTime, startTime, errorMessage } = sync;
  const when = endTime ? time(endTime) : `began ${time(startTime)}`;
  const refused = failedCount > 0 ? `, ${grouped(failedCount)} refused` : "";
  const why = errorMessage && status !== "completed" ? `: ${show(errorMessage)}` : "";
  return `${dateFrom} ${status} (${syncType}), ${counted(totalRecords, "call")}${refused}, ${when}${why}`;
}

function scheduleText({ syncEnabled, schedule }: ServiceFacts, zone: string): string {
  if (!syncEnabled) return "none: CALLCENTER_SYNC_ENABLED=false. What is queued by hand still runs.";
  const next = ["daily_sync", "missing_check", "retry_syncs", "verify_drive"].flatMap((task) => {
    const at = schedule[task]?.[0];
    return at ? [`${task} ${at.slice(0, 16).replace("T", " ")}`] : [];
  });
  return next.length > 0 ? `${next.join(", ")} (${zone})` : "told once a worker has started";
}

function needOf(
  { kind, count, since, reason, hint, subjects }: AttentionGroup,
  { time }: Business,
  session: Session,
): string[] {
  const { paint, columns, show } = session;
  const named = `${subjects.map(show).join(", ")}${count > subjects.length ? `, and ${grouped(count - subjects.length)} more` : ""}`;
  return [
    hanging("  ! ", `${kind.replaceAll("_", " ")}: ${named}`, columns, paint.warning),
    hanging("    ", `${show(reason)} Since ${time(since)}.`, columns),
    hanging("    → ", hint, columns),
  ];
}
