import { findServiceFacts } from "../../store/dashboard_verdict.ts";
import { businessIn } from "../business.ts";
import { understand } from "../exit.ts";
import type { Session } from "../session.ts";
import { counted } from "../text.ts";
import { type Finding, note, ok, problem, warning } from "./finding.ts";

const RUNS = 3;

/** Whether a worker lives. */
export async function checkWorker({ io, sql, config }: Session): Promise<Finding[]> {
  const facts = await findServiceFacts(sql).catch((error: unknown) => understand(error));
  if (facts instanceof Error) return [note("worker", "not known: the database does not tell")];
  const { workers, lastHeartbeatAt } = facts;
  if (workers > 0) return [ok("worker", `${counted(workers, "process", "processes")} alive`)];
  const advice = "Start the service (npm start), or look at its log.";
  if (!lastHeartbeatAt) return [warning("worker", "none has ever started on this database", advice)];
  const since = businessIn(config.TIMEZONE, io.now()).time(lastHeartbeatAt);
  return [problem("worker", `none is alive since ${since}: nothing is fetched or uploaded`, advice)];
}

/** When the next runs are, in business time. */
export async function checkSchedule({ io, config }: Session): Promise<Finding[]> {
  const { zone, time } = businessIn(config.TIMEZONE, io.now());
  const schedule = await io.schedule(config, RUNS);
  if (!config.CALLCENTER_SYNC_ENABLED) {
    const advice = "Set CALLCENTER_SYNC_ENABLED=true when the nightly runs shall begin.";
    return [warning("schedule", "CALLCENTER_SYNC_ENABLED=false: nothing is scheduled", advice)];
  }
  const nightly = schedule.daily_sync ?? [];
  if (nightly.length === 0)
    return [warning("nightly run", "the crontab has none", "Add a line for daily_sync to crontab.")];
  const others = ["missing_check", "retry_syncs", "retry_uploads", "verify_drive"].flatMap((task) => {
    const [next] = schedule[task] ?? [];
    return next ? [`${task} ${time(next)}`] : [];
  });
  return [ok("nightly run", `${nightly.map(time).join(", ")} (${zone})`), ok("others next", others.join(", "))];
}
