import { ConfigError } from "../../errors.ts";
import { findServiceFacts } from "../../store/dashboard_verdict.ts";
import { countDriveFlags, findDriveCheck, requestDriveCheck } from "../../store/drive_check.ts";
import { type Business, findBusiness } from "../business.ts";
import { type Answer, defineCommand, failuresIf, waitOption } from "../command.ts";
import type { Session } from "../session.ts";
import { counted, hanging } from "../text.ts";
import { watch } from "../watch.ts";
import { findObstacle } from "../work.ts";

/** What a look into Drive may find, in words. */
const FLAGS: Record<string, string> = {
  altered_in_drive: "deleted or changed in Drive: uploaded again while the PBX has them",
  not_seen_in_drive: "linked by the old system to a file that this account does not see",
  twin_in_drive: "in Drive more than once",
};

export const verifyDrive = defineCommand<{ wait?: boolean }>({
  name: "verify-drive",
  summary: "hold what lies in Drive against the table of calls",
  options: waitOption,
  examples: [
    ["verify-drive", "what the service itself does every Sunday"],
    ["verify-drive --wait", "stay until it is done; exit code 1 where something is not as it should be"],
  ],
  async run(session, { wait = false }) {
    const { sql, columns } = session;
    const business = await findBusiness(session);
    if (!(await findServiceFacts(sql)).driveEnabled) {
      throw new ConfigError("Google Drive is disabled (GOOGLE_DRIVE_ENABLED=false): there is nothing to verify.");
    }
    const before = await findDriveCheck(sql);
    const isNew = await requestDriveCheck(sql);
    const first = isNew ? "The look into Drive is queued." : "A look into Drive was queued already.";
    if (!wait) {
      const obstacle = await findObstacle(session, business);
      const lines = [first, ...(obstacle ? [obstacle] : [])];
      return { text: lines.map((line) => hanging("", line, columns)).join("\n"), json: { queued: isNew, obstacle } };
    }
    session.say(first);
    return watchCheck(session, business, isNew, isNew || before.isComplete ? before.beganAt : null);
  },
});

/** `before`: when the newest look of before began, where that is not the one that is watched. */
async function watchCheck(session: Session, business: Business, isNew: boolean, before: Date | null): Promise<Answer> {
  const { sql, columns, show } = session;
  const { files } = await watch(session, async () => {
    const { isUnderWay, lastError, files, beganAt } = await findDriveCheck(sql);
    const isItsOwn = beganAt !== null && beganAt.getTime() !== before?.getTime();
    const seen = isItsOwn ? files : 0;
    const failed = lastError === null ? null : `The last attempt failed, another one comes: ${show(lastError)}`;
    const obstacle = isUnderWay ? ((await findObstacle(session, business)) ?? failed) : null;
    const track = { things: "files seen", done: seen, failed: 0, total: isUnderWay ? null : seen };
    return { files: seen, isOver: !isUnderWay, tracks: [track], obstacle };
  });
  const flags = await countDriveFlags(sql);
  const found = Object.entries(flags).map(([flag, count]) => `${counted(count, "recording")} ${FLAGS[flag] ?? flag}`);
  const headline = `${counted(files, "file")} seen in Drive; ${found.length === 0 ? "all is as it should be." : "not all is as it should be:"}`;
  const text = [headline, ...found.map((line) => hanging("  ", line, columns))].join("\n");
  return { exitCode: failuresIf(found.length > 0), text, json: { queued: isNew, files, flags } };
}
