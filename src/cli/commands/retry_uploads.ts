import { ConfigError } from "../../errors.ts";
import { findServiceFacts } from "../../store/dashboard_verdict.ts";
import { retryUploads as queueRetries } from "../../store/recordings.ts";
import { findUploads } from "../../store/work_progress.ts";
import { findBusiness } from "../business.ts";
import { defineCommand, failuresIf, waitOption, wholeArgument } from "../command.ts";
import { counted, grouped, hanging } from "../text.ts";
import { watch } from "../watch.ts";
import { findObstacle } from "../work.ts";

export const retryUploads = defineCommand<{ force?: boolean; limit: number; wait?: boolean }>({
  name: "retry-uploads",
  summary: "another round for recordings that are not in Drive, those tried longest ago first",
  options: (command) =>
    waitOption(
      command
        .option("--force", "also those that were given up; their attempts count again from 0")
        .option("--limit <n>", "how many at most", wholeArgument(1, 100_000), 50),
    ),
  examples: [
    ["retry-uploads", "what the service itself does every hour"],
    ["retry-uploads --force --limit 1000 --wait", "all that were given up; stay until they ended"],
  ],
  async run(session, { force = false, limit, wait = false }) {
    const { sql, columns } = session;
    const business = await findBusiness(session);
    if (!(await findServiceFacts(sql)).driveEnabled) {
      throw new ConfigError("Google Drive is disabled (GOOGLE_DRIVE_ENABLED=false): nothing is uploaded.");
    }
    const uuids = await queueRetries(sql, { limit, force });
    const queued = uuids.length;
    const first = queued === 0 ? "No recording waits for another round." : `${counted(queued, "recording")} queued.`;
    if (!wait || queued === 0) {
      const obstacle = queued === 0 ? null : await findObstacle(session, business);
      const lines = [first, ...(obstacle ? [obstacle] : [])];
      return { text: lines.map((line) => hanging("", line, columns)).join("\n"), json: { queued, force, obstacle } };
    }
    session.say(first);
    const look = await watch(session, async () => {
      const uploads = await findUploads(sql, uuids);
      const { total, done, failed } = uploads;
      const isOver = done + failed >= total;
      const track = { things: "recordings", done: done + failed, failed, total };
      return { uploads, isOver, tracks: [track], obstacle: isOver ? null : await findObstacle(session, business) };
    });
    const { uploads } = look;
    const rest = uploads.failed === 0 ? "" : `; ${grouped(uploads.failed)} are not. Why: callcenter-sync status`;
    return {
      exitCode: failuresIf(uploads.failed > 0),
      text: hanging("", `${counted(uploads.done, "recording")} of ${grouped(uploads.total)} in Drive${rest}.`, columns),
      json: { queued, force, uploads },
    };
  },
});
