import { isoInZone } from "../day.ts";
import type { AdoptionCounts, SpacedUuids } from "../store/adoption.ts";
import type { Session } from "./session.ts";
import { counted, grouped } from "./text.ts";

/** What becomes of what the old system left, in lines of a label and a text. */
export function leftovers(counts: AdoptionCounts, spaced: SpacedUuids, { config, show }: Session): [string, string][] {
  const { recordings, linked, unlinked, absent, newest, logs } = counts;
  const lines: [string, string][] = [];
  if (recordings > 0) {
    const queued = unlinked === 0 ? "" : `; ${grouped(unlinked)} without are queued once, behind everything else`;
    lines.push(["recordings", `${grouped(linked)} of ${grouped(recordings)} have their link and keep it${queued}`]);
  }
  if (absent > 0) {
    const which = absent === 1 ? "1 call has a path that names" : `${grouped(absent)} calls have a path that names`;
    lines.push(["", `${which} no recording ('', 'null' or '0'): it becomes null`]);
  }
  lines.push(...ofUuids(spaced, show));
  const statuses = Object.entries(logs).map(([status, count]) => `${grouped(count)} ${status}`);
  if (statuses.length > 0)
    lines.push(["sync logs", `${statuses.join(", ")}: they stay history, nothing of them is retried`]);
  if (newest) {
    const zone = config.TIMEZONE;
    const local = isoInZone(newest, zone).slice(0, 16).replace("T", " ");
    lines.push(["newest call", `${local} in ${zone}; if that is hours off, the old system wrote other times than UTC`]);
  }
  return lines;
}

function ofUuids({ calls, nameless, clashing, named }: SpacedUuids, show: Session["show"]): [string, string][] {
  const lines: [string, string][] = [];
  if (calls > clashing) lines.push(["uuids", `${counted(calls - clashing, "uuid")} with spaces around it: they go`]);
  if (nameless > 0) lines.push(["uuids", `${counted(nameless, "call")} without a uuid: the id becomes it`]);
  if (clashing > 0) {
    const names = named.map((uuid) => `'${show(uuid)}'`).join(", ") + (clashing > named.length ? ", …" : "");
    const which = `${counted(clashing, "call")} whose uuid without its spaces is another call's, kept apart`;
    lines.push(["uuids", `${which}; delete what is one too many: ${names}`]);
  }
  return lines;
}
