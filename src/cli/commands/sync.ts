import { countDays, type Day, daysBetween } from "../../day.ts";
import { MAX_REQUESTED_DAYS } from "../../jobs.ts";
import { findBackfillDays, requestBackfill } from "../../store/backfills.ts";
import { findBusiness } from "../business.ts";
import { dayArgument, defineCommand, failuresIf, waitOption } from "../command.ts";
import { usageError } from "../exit.ts";
import { counted, hanging } from "../text.ts";
import { daysReport, findObstacle, watchDays } from "../work.ts";

export const sync = defineCommand<{ from?: Day; to?: Day; wait?: boolean }>({
  name: "sync",
  summary: "fetch days again from the PBX: what is missing is stored, what changed is updated",
  options: (command) =>
    waitOption(
      command
        .option("--from <day>", "the first day, YYYY-MM-DD", dayArgument)
        .option("--to <day>", "the last day (without it: the first day alone)", dayArgument),
    ),
  examples: [
    ["sync --from 2024-01-10 --to 2024-01-15", "queue six days, the newest first"],
    ["sync --from 2024-01-10 --wait", "one day; stay until its recordings are in Drive"],
  ],
  async run(session, { from, to = from, wait = false }) {
    const { sql, columns } = session;
    if (!from || !to) throw usageError("Say which days: --from 2024-01-10 --to 2024-01-15 (--from alone: that day).");
    if (from > to) throw usageError("--from is after --to.");
    if (countDays(from, to) > MAX_REQUESTED_DAYS)
      throw usageError(`More than ${MAX_REQUESTED_DAYS} days: ask for them in parts.`);
    const business = await findBusiness(session);
    if (to > business.today) throw usageError(`${to} has not come yet: today is ${business.today} (${business.zone}).`);

    const { id: backfillId, days, jobs } = await requestBackfill(sql, daysBetween(from, to).reverse());
    const queued = { backfillId, days, jobs };
    const already =
      jobs === days ? "" : jobs === 0 ? " already" : `; ${counted(days - jobs, "day")} were queued already`;
    const first = `${counted(jobs === 0 ? days : jobs, "day")} queued${already}.`;
    if (!wait) {
      const obstacle = await findObstacle(session, business);
      const next = obstacle ?? "Progress: callcenter-sync status";
      return {
        text: [first, next].map((line) => hanging("", line, columns)).join("\n"),
        json: { ...queued, obstacle },
      };
    }
    session.say(first);
    const look = await watchDays(session, business, async () => (await findBackfillDays(sql, backfillId)) ?? []);
    const { text, hasFailures } = daysReport(look);
    return {
      exitCode: failuresIf(hasFailures),
      text: text.map((line) => hanging("", line, columns)).join("\n"),
      json: { ...queued, days: look.days, uploads: look.uploads },
    };
  },
});
