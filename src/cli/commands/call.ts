import { isErrorCode, meaningOf } from "../../errors.ts";
import { plain } from "../../log.ts";
import { type CallStory, findCallStory } from "../../store/call_story.ts";
import { type Business, findBusiness } from "../business.ts";
import { type Answer, defineCommand } from "../command.ts";
import { CliError, exitCodes, usageError } from "../exit.ts";
import type { Session } from "../session.ts";
import { hanging, sized, span } from "../text.ts";

export const call = defineCommand<{ uuid?: string }>({
  name: "call",
  summary: "one call's story: why its recording is in Drive, or is not",
  options: (command) => command.option("--uuid <uuid>", "the call, as the PBX names it"),
  examples: [
    ["call --uuid 3f2a…", "what the PBX said, where its recording stands, and what to do"],
    ["call --uuid 3f2a… --json | jq -r .googleDriveUrl", "its link"],
  ],
  async run(session, { uuid }) {
    if (!uuid) throw usageError("Say which call: --uuid 3f2a….");
    const [story, business] = await Promise.all([findCallStory(session.sql, uuid), findBusiness(session)]);
    if (!story) {
      const hint = "Was its day read? callcenter-sync status tells; callcenter-sync sync --from … reads it.";
      throw new CliError(exitCodes.failures, `There is no call with the uuid ${session.show(uuid)}.`, hint);
    }
    return answer(story, business, session);
  },
});

function answer(story: CallStory, business: Business, session: Session): Answer {
  const { call, events, job } = story;
  const said = (text: string | null) => text && session.show(text);
  const json = {
    ...call,
    callerName: call.callerName && plain(call.callerName),
    uploadError: said(call.uploadError),
    hint: hintOf(call.uploadErrorCode),
    acceptance: story.acceptance,
    job: job && { ...job, lastError: said(job.lastError) },
    waitsFor: story.waitsFor,
    events: events.map((event) => ({ ...event, message: said(event.message) })),
  };
  return { json, text: textOf(story, business, session) };
}

function textOf(story: CallStory, business: Business, session: Session): string {
  const { paint, columns, show } = session;
  const { sentence, because, hint, isGood } = standingOf(story, business);
  const events = [...story.events].reverse().map(({ at, event, message }) => {
    const what = `${event.replaceAll("_", " ")}${message ? `: ${show(message)}` : ""}`;
    return hanging(`  ${business.time(at)}  `, what, columns);
  });
  return [
    `${isGood ? paint.good("●") : paint.warning("●")} ${paint.strong(sentence)}`,
    ...because.map((line) => hanging("  ", show(line), columns)),
    ...(hint ? [hanging("  → ", hint, columns)] : []),
    "",
    ...factsOf(story, business).map(([label, text]) => hanging(`  ${label.padEnd(11)}`, plain(text, 300), columns)),
    ...(events.length > 0 ? ["", paint.strong("Its recording's way"), ...events] : []),
  ].join("\n");
}

interface Standing {
  sentence: string;
  because: string[];
  hint: string | null;
  isGood: boolean;
}

/** Where the recording stands, why, and what to do. */
function standingOf(story: CallStory, { time }: Business): Standing {
  const { call, acceptance } = story;
  const good = (sentence: string, ...because: string[]): Standing => ({ sentence, because, hint: null, isGood: true });
  if (call.upload === "none") return good("The PBX named no recording for this call.");
  if (call.upload === "uploaded") {
    const when = call.driveVerifiedAt ? `Size and MD5 agreed on ${time(call.driveVerifiedAt)}.` : "Not verified yet.";
    return good("Its recording is in Google Drive.", when, ...(call.recordingFlagNote ? [call.recordingFlagNote] : []));
  }
  if (call.upload === "accepted" && acceptance) {
    const { who, at, why } = acceptance;
    return good("Its recording is not in Google Drive, and that was accepted.", `${who}, ${time(at)}: ${why}`);
  }
  const isGivenUp = call.upload === "failed";
  return {
    sentence: `Its recording is not in Google Drive${isGivenUp ? ": it was given up." : " yet."}`,
    because: [...(call.uploadError ? [call.uploadError] : []), ...waiting(story, time)],
    hint: hintOf(call.uploadErrorCode) ?? (isGivenUp ? "Try it again: callcenter-sync retry-uploads --force" : null),
    isGood: false,
  };
}

/** What an upload that is not done waits for. */
function waiting({ job, waitsFor }: CallStory, time: Business["time"]): string[] {
  const away = waitsFor.map(({ neighbour, code, since }) => {
    const name = neighbour === "drive" ? "Google Drive" : "the PBX's recordings";
    return `It waits for ${name}: ${hintOf(code) ?? code} (since ${time(since)})`;
  });
  if (away.length > 0 || !job) return away;
  if (job.state === "running") return ["It is being uploaded now."];
  return job.state === "failed"
    ? []
    : [job.state === "ready" ? "Its upload waits in the queue." : `It is tried again at ${time(job.runAt)}.`];
}

function factsOf({ call }: CallStory, { time }: Business): [label: string, text: string][] {
  const { callerId, destination, direction, startTime, disposition, billSec, createdAt, recordingPath } = call;
  const facts: [string, string | null][] = [
    ["call", `${callerId ?? "?"} → ${destination ?? "?"}${direction ? `, ${direction}` : ""}`],
    ["began", startTime && time(startTime)],
    ["ended as", disposition && `${disposition}, ${span(billSec * 1_000)} of talk`],
    ["stored", time(createdAt)],
    ["at the PBX", recordingPath],
    ["in Drive", call.googleDriveUrl],
    ["size", call.driveSizeBytes === null ? null : sized(call.driveSizeBytes)],
  ];
  return facts.flatMap(([label, text]) => (text ? [[label, text] as [string, string]] : []));
}

const hintOf = (code: string | null) => (isErrorCode(code) ? meaningOf(code).hint : null);
