import type { Day } from "../../day.ts";
import { plain } from "../../log.ts";
import { type Accepted, acceptCall, acceptDay, acceptNotice, MAX_REASON } from "../../store/acceptances.ts";
import { findBusiness } from "../business.ts";
import { dayArgument, defineCommand } from "../command.ts";
import { CliError, exitCodes, usageError } from "../exit.ts";
import type { Session } from "../session.ts";
import { counted, grouped, hanging } from "../text.ts";

interface Options {
  uuid?: string;
  day?: Day;
  notice?: string;
  why?: string;
  who?: string;
}

export const accept = defineCommand<Options>({
  name: "accept",
  summary: "say that a gap stays: it is noted with who, when and why, and counts no longer",
  options: (command) =>
    command
      .option("--uuid <uuid>", "a call that is missing, or whose recording stays as it is")
      .option("--day <day>", "a day: all that it lacks now", dayArgument)
      .option("--notice <notice>", "a notice under attention, such as zone_changed")
      .option("--why <reason>", "the reason, for whoever asks later")
      .option("--who <name>", "who says so (without it: your user name)"),
  examples: [
    ['accept --day 2024-01-14 --why "PBX was replaced that day"', "all that this day lacks"],
    ['accept --uuid 3f2a… --why "deleted at the customer\'s wish"', "one call or its recording"],
  ],
  async run(session, options) {
    const accepted = await acceptOne(session, options);
    const things = [
      [accepted.calls, "missing call"],
      [accepted.recordings, "recording"],
      [accepted.days, "day"],
      [accepted.notices, "notice"],
    ] as const;
    const named = things.flatMap(([count, thing]) => (count > 0 ? [counted(count, thing)] : []));
    const text = named.length === 0 ? "There was nothing left to accept." : `Accepted: ${named.join(", ")}.`;
    return { text: hanging("", text, session.columns), json: accepted };
  },
});

async function acceptOne(session: Session, { uuid, day, notice, why, who }: Options): Promise<Accepted> {
  if ([uuid, day, notice].filter((what) => what !== undefined).length !== 1) {
    throw usageError("Name exactly one of --uuid, --day and --notice.");
  }
  const reason = why?.trim();
  if (!reason) throw usageError('Say why it may stay as it is: --why "…". The reason stays on record.');
  if (reason.length > MAX_REASON) throw usageError(`The reason is longer than ${grouped(MAX_REASON)} characters.`);
  const { sql, io, show, redact } = session;
  const verdict = {
    who: show(who?.trim() || io.environment.USER || "command line"),
    why: redact(plain(reason, MAX_REASON)),
  };
  if (day) {
    const { today } = await findBusiness(session);
    if (day >= today) throw usageError(`${day} is not over yet: only days before today (${today}) can be accepted.`);
    return acceptDay(sql, day, verdict);
  }
  const accepted = uuid ? await acceptCall(sql, uuid, verdict) : await acceptNotice(sql, notice!, verdict);
  if (accepted) return accepted;
  const unknown = uuid ? `No call or gap has the uuid ${show(uuid)}.` : `There is no notice ${show(notice!)}.`;
  throw new CliError(exitCodes.failures, unknown, "What needs attention: callcenter-sync status");
}
