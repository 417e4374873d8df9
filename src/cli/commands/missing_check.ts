import { addDays } from "../../day.ts";
import { MAX_REQUESTED_DAYS } from "../../jobs.ts";
import { defaultDaysBack } from "../../store/backfills.ts";
import { queueMissingCheck } from "../../store/missing_check.ts";
import { findQueuedDays } from "../../store/work_progress.ts";
import { findBusiness } from "../business.ts";
import { defineCommand, failuresIf, waitOption, wholeArgument } from "../command.ts";
import { counted, hanging } from "../text.ts";
import { daysReport, findObstacle, watchDays } from "../work.ts";

export const missingCheck = defineCommand<{ daysBack: number; wait?: boolean }>({
  name: "missing-check",
  summary: "compare the last days with the PBX, and every day that is still incomplete",
  options: (command) =>
    waitOption(command.option("--days-back <n>", "days back from yesterday", wholeArgument(1, MAX_REQUESTED_DAYS), 3)),
  examples: [
    ["missing-check --days-back 7", "queue the last seven days"],
    ["missing-check --days-back 7 --wait", "and stay until they are read"],
  ],
  async run(session, { daysBack, wait = false }) {
    const { sql, columns } = session;
    const business = await findBusiness(session);
    const yesterday = addDays(business.today, -1);
    const horizonDays = await defaultDaysBack(sql);
    const { queued, behind } = await queueMissingCheck(sql, { yesterday, daysBack, horizonDays });
    const jobs = queued.filter(({ isNew }) => isNew).length;

    const json = { days: queued.length, jobs, behind };
    const earlier = behind.length > 0 ? `, ${counted(behind.length, "incomplete earlier day")} among them` : "";
    const first = `${counted(queued.length, "day")} queued${earlier}.`;
    if (!wait) {
      const obstacle = await findObstacle(session, business);
      const next = obstacle ?? "Progress: callcenter-sync status";
      return { text: [first, next].map((line) => hanging("", line, columns)).join("\n"), json: { ...json, obstacle } };
    }
    session.say(first);
    const look = await watchDays(session, business, () => findQueuedDays(sql, queued, "missing_check"));
    const { text, hasFailures } = daysReport(look);
    return {
      exitCode: failuresIf(hasFailures),
      text: text.map((line) => hanging("", line, columns)).join("\n"),
      json: { ...json, days: look.days, uploads: look.uploads },
    };
  },
});
