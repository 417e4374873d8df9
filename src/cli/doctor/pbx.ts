import { pbxVariables } from "../../config.ts";
import { addDays, type Day, dayOf } from "../../day.ts";
import type { PbxReport } from "../../pbx/pbx.ts";
import { newestRecordedDay } from "../../store/business_days.ts";
import type { Session } from "../session.ts";
import { counted, grouped, sized } from "../text.ts";
import { clock, type Finding, failed, note, ok, warning } from "./finding.ts";

/** What the PBX says to a few questions about yesterday, or about the last day that had recordings. */
export async function checkPbx(session: Session): Promise<Finding[]> {
  const { io, config, log } = session;
  const lacking = pbxVariables(config).filter((name) => config[name] === undefined);
  if (lacking.length > 0) return [note("PBX", `not asked: ${lacking.join(", ")} not set`)];
  const pbx = await io.pbx(config, log);
  try {
    const yesterday = addDays(dayOf(io.now(), config.TIMEZONE), -1);
    const report = await pbx.examine(yesterday, io.interrupted);
    if (report.failure || report.recording) return findings(report, yesterday, session);
    const day = await newestRecordedDay(session.sql).catch(() => null);
    if (day === null || day === yesterday) return findings(report, yesterday, session);
    return findings(await pbx.examine(day as Day, io.interrupted), day as Day, session);
  } finally {
    await pbx.close();
  }
}

function findings(report: PbxReport, day: Day, session: Session): Finding[] {
  const { failure, reachable, certificate, key, clockSkewMs } = report;
  if (!reachable && failure && certificate !== "refused") return [failed("reachable", failure)];
  return [
    ...(certificate === "refused" ? [] : [ok("reachable", "it answers")]),
    ...certificateFinding(report),
    ...(key === "refused" && failure ? [failed("key", failure)] : []),
    ...(failure && key !== "refused" && certificate !== "refused" ? [failed("calls", failure)] : []),
    ...(failure ? [] : answered(report, day, session)),
    ...clock("clock", "the PBX's", clockSkewMs),
  ];
}

function certificateFinding({ certificate, failure }: PbxReport): Finding[] {
  if (certificate === "refused" && failure) return [failed("certificate", failure)];
  if (certificate === "accepted") return [ok("certificate", "is trusted")];
  const advice = "Whoever listens on the way reads the key and every call. Use https:// in PBX_API_URL.";
  if (certificate === "none") return [warning("certificate", "none: it is reached over plain http://", advice)];
  if (certificate !== "unchecked") return [];
  return [
    warning("certificate", "is not checked (PBX_TLS_INSECURE)", "Set PBX_CA_FILE to its CA's PEM bundle instead."),
  ];
}

function answered(report: PbxReport, day: Day, session: Session): Finding[] {
  const { dialect, records, total, order, pageCap, answersWithoutKey, key } = report;
  const open = "Anybody who reaches it reads all calls: let its maker close it, or let only this machine reach it.";
  const calls = `${day} has ${total === null ? `${counted(records, "call")} on its first page` : counted(total, "call")}`;
  const spoken =
    records === 0 ? note("dialect", "unknown: that day has no calls") : ok("dialect", `${dialect}, ${calls}`);
  const capped =
    pageCap === null ? "" : `; it sends ${grouped(pageCap)} a page though more are asked for, which is coped with`;
  return [
    key === "none" ? note("key", "none is sent (PBX_AUTH=none)") : ok("key", "is accepted"),
    ...(answersWithoutKey ? [warning("without key", "it answers anybody, with or without a key", open)] : []),
    spoken,
    ...(records > 1 ? [ok("pages", `${ORDERS[order]}${capped}`)] : []),
    recordingFinding(report, session),
  ];
}

const ORDERS: Record<PbxReport["order"], string> = {
  newest_first: "newest first",
  oldest_first: "oldest first",
  mixed: "in no order",
  unknown: "in an order that cannot be told",
};

function recordingFinding({ recording }: PbxReport, { show }: Session): Finding {
  if (!recording) return note("recording", "none was tried: no call of that day has one");
  const { failure, kind, sizeBytes, path } = recording;
  if (!failure) return ok("recording", `can be read (${kind}${sizeBytes === null ? "" : `, ${sized(sizeBytes)}`})`);
  return { ...failed("recording", failure), message: `${show(path)}: ${failure.message}.` };
}
