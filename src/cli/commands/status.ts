import { type AttentionGroup, findAttention } from "../../store/dashboard_attention.ts";
import { findYesterday, type Yesterday } from "../../store/dashboard_days.ts";
import { findServiceFacts, findVerdictFacts, type ServiceFacts } from "../../store/dashboard_verdict.ts";
import { findQueue, type QueueRow } from "../../store/queue.ts";
import { type ListedSync, listSyncs } from "../../store/sync_list.ts";
import type { Facts, State } from "../../store/verdict.ts";
import { type Business, findBusiness } from "../business.ts";
import { type Answer, defineCommand } from "../command.ts";
import type { Session } from "../session.ts";
import { counted, grouped, hanging, span } from "../text.ts";
import { sayVerdict } from "../verdict.ts";

/** Of each kind of thing that needs a person, so many days are named. */
const NAMED = 8;

interface Standing extends Facts {
  yesterday: Yesterday | undefined;
  lastSync: ListedSync | undefined;
}

export const status = defineCommand({
  name: "status",
  summary: "is everything archived? what needs a person, what is under way",
  options: () => {},
  examples: [
    ["status", "one sentence, and what is behind it"],
    ["status --json | jq -r .state", "archived, working, needs_you, nothing or no_worker"],
  ],
  async run(session) {
    const { sql } = session;
    const business = await findBusiness(session);
    const [verdict, service, attention, queue, yesterday, [lastSync]] = await Promise.all([
      findVerdictFacts(sql),
      findServiceFacts(sql),
      findAttention(sql, NAMED),
      findQueue(sql),
      findYesterday(sql),
      listSyncs(sql, {}, { limit: 1 }),
    ]);
    return answer({ verdict, service, attention, queue, yesterday, lastSync }, business, session);
  },
});

function answer(standing: Standing, business: Business, session: Session): Answer {
  const { attention, queue, service, lastSync } = standing;
  const { show } = session;
  const { state, sentence, lacks, detail } = sayVerdict(standing);
  const json = {
    state,
    sentence,
    lacks,
    detail,
    zone: business.zone,
    days: standing.verdict,
    yesterday: standing.yesterday ?? null,
    service: { ...service, schedule: comingRuns(service, business) },
    queue,
    attention: attention.map((group) => ({ ...group, reason: show(group.reason), subject: show(group.subject) })),
    lastSync: lastSync ? { ...lastSync, errorMessage: lastSync.errorMessage && show(lastSync.errorMessage) } : null,
  };
  return { json, text: textOf(standing, business, session) };
}

function textOf(standing: Standing, business: Business, session: Session): string {
  const { attention } = standing;
  const { paint, columns } = session;
  const { state, sentence, lacks, detail } = sayVerdict(standing);
  const colours: Record<State, (text: string) => string> = {
    archived: paint.good,
    working: paint.warning,
    needs_you: paint.bad,
    nothing: paint.quiet,
    no_worker: paint.bad,
  };
  const facts = factsOf(standing, business, session);
  return [
    `${colours[state]("●")} ${paint.strong(sentence)}`,
    ...(lacks.length > 0 ? [hanging("  ", `${lacks.join(", ")}.`, columns)] : []),
    hanging("  ", detail, columns),
    "",
    ...facts.map(([label, text]) => hanging(`  ${label.padEnd(11)}`, text, columns)),
    ...(attention.length > 0 ? ["", paint.strong("Needs you")] : []),
    ...attention.flatMap((group) => needOf(group, business, session)),
  ].join("\n");
}

function factsOf({ verdict, service, queue, yesterday, lastSync }: Standing, business: Business, { show }: Session) {
  const { firstDay, lastDay, completeDays, openDays, calls, oldest } = verdict;
  const all = `${firstDay} to ${lastDay}: ${grouped(completeDays)} of ${grouped(completeDays + openDays)} complete`;
  const oldestOpen = oldest ? `; the oldest that is not: ${oldest}` : "";
  const lines: [label: string, text: string][] = [
    ["days", firstDay === null ? "none yet" : `${all}, ${counted(calls, "call")}${oldestOpen}`],
    ["yesterday", yesterdayText(yesterday, service)],
    ["worker", workerText(service, business)],
    ["queue", queueText(queue)],
    ["last sync", lastSync ? syncText(lastSync, business, show) : "none yet"],
    ["next runs", scheduleText(service, business)],
  ];
  if (!service.driveEnabled) lines.push(["Drive", "switched off: recordings stay at the PBX"]);
  return lines;
}

function yesterdayText(yesterday: Yesterday | undefined, { driveEnabled }: ServiceFacts): string {
  if (!yesterday) return "not read yet";
  const { day, complete, records, pbxTotal, recordings, uploaded } = yesterday;
  const calls = `${grouped(records)} of ${pbxTotal === null ? "an unknown number of calls" : counted(pbxTotal, "call")} stored`;
  const files = driveEnabled ? `, ${grouped(uploaded)} of ${counted(recordings, "recording")} in Drive` : "";
  return `${day} ${complete ? "complete" : "not complete"}: ${calls}${files}`;
}

function workerText({ workers, lastHeartbeatAt }: ServiceFacts, { time }: Business): string {
  if (workers > 0) return `${grouped(workers)} alive`;
  return lastHeartbeatAt ? `none since ${time(lastHeartbeatAt)}` : "none has ever started";
}

function queueText(queue: readonly QueueRow[]): string {
  const words = ({ task, running, ready, scheduled, failed, oldestReadySeconds }: QueueRow) => {
    const states = [
      running > 0 && `${grouped(running)} running`,
      ready > 0 && `${grouped(ready)} ready`,
      scheduled > 0 && `${grouped(scheduled)} for later`,
      failed > 0 && `${grouped(failed)} failed`,
      oldestReadySeconds > 60 && `the first waits for ${span(oldestReadySeconds * 1_000)}`,
    ].filter((state) => state !== false);
    return states.length > 0 ? [`${task} ${states.join(", ")}`] : [];
  };
  return queue.flatMap(words).join("; ") || "empty";
}

function syncText(sync: ListedSync, { time }: Business, show: Session["show"]): string {
  const { dateFrom, syncType, status, totalRecords, failedCount, endTime, startTime, errorMessage } = sync;
  const when = endTime ? time(endTime) : `began ${time(startTime)}`;
  const refused = failedCount > 0 ? `, ${grouped(failedCount)} refused` : "";
  const why = errorMessage && status !== "completed" ? `: ${show(errorMessage)}` : "";
  return `${dateFrom} ${status} (${syncType}), ${counted(totalRecords, "call")}${refused}, ${when}${why}`;
}

/** The runs to come, of those that the last worker noted at its start. */
function comingRuns({ schedule }: ServiceFacts, { now }: Business): Record<string, string[]> {
  const isComing = (run: string) => new Date(run).getTime() > now.getTime();
  return Object.fromEntries(Object.entries(schedule).map(([task, runs]) => [task, runs.filter(isComing)]));
}

function scheduleText(service: ServiceFacts, business: Business): string {
  if (!service.syncEnabled) return "none: CALLCENTER_SYNC_ENABLED=false; what is queued by hand still runs";
  const coming = comingRuns(service, business);
  const next = ["daily_sync", "missing_check", "retry_syncs", "retry_uploads", "verify_drive"].flatMap((task) => {
    const [run] = coming[task] ?? [];
    return run ? [`${task} ${business.time(new Date(run))}`] : [];
  });
  return next.length > 0 ? `${next.join(", ")} (${business.zone})` : "told once a worker has started";
}

function needOf(group: AttentionGroup, { time }: Business, { paint, columns, show }: Session): string[] {
  const { kind, count, since, reason, hint, subject, days } = group;
  const named = days.map(({ day, count }) => (count > 1 ? `${day} (${grouped(count)})` : day));
  const subjects = count === 1 || named.length === 0 ? show(subject) : named.join(", ");
  const title = `${kind.replaceAll("_", " ")}${count > 1 ? ` (${grouped(count)})` : ""}: ${subjects}`;
  return [
    hanging("  ! ", title, columns, paint.warning),
    hanging("    ", `${show(reason)} (since ${time(since)})`, columns),
    hanging("    → ", hint, columns),
  ];
}
