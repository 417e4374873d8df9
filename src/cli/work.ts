import { type BackfillDay, countUploads } from "../store/backfills.ts";
import { countUploadJobs, findObstacles } from "../store/work_progress.ts";
import type { SyncStatus } from "../sync_log.ts";
import type { Business } from "./business.ts";
import type { Track } from "./progress.ts";
import type { Session } from "./session.ts";
import { counted, grouped } from "./text.ts";
import { type Look, watch } from "./watch.ts";

/** Days that were asked for, how far each is, and the recordings of them all. */
export interface DaysLook extends Look {
  days: BackfillDay[];
  uploads: { total: number; done: number; failed: number; waiting: number };
}

const OPEN: ReadonlySet<BackfillDay["status"]> = new Set<"queued" | SyncStatus>(["queued", "running", "retrying"]);

/** Counting the recordings of many days takes the database a while: not at every look. */
const COUNT_EVERY_MS = 5_000;

/** Watches days until each was read and no job is left for a recording of theirs. */
export function watchDays(session: Session, business: Business, find: () => Promise<BackfillDay[]>): Promise<DaysLook> {
  const { io, sql } = session;
  let uploads: DaysLook["uploads"] = { total: 0, done: 0, failed: 0, waiting: 0 };
  let countedAt = Number.NEGATIVE_INFINITY;
  return watch(session, async () => {
    const days = await find();
    const isRead = days.every(({ status }) => !OPEN.has(status));
    if (isRead || io.now().getTime() - countedAt >= COUNT_EVERY_MS) {
      const named = days.map(({ day }) => day);
      const waiting = await countUploadJobs(sql, named);
      uploads = { ...(await countUploads(sql, named)), waiting };
      countedAt = io.now().getTime();
    }
    const isOver = isRead && uploads.waiting === 0;
    return {
      days,
      uploads,
      isOver,
      tracks: tracksOf(days, uploads),
      obstacle: isOver ? null : await findObstacle(session, business),
    };
  });
}

function tracksOf(days: readonly BackfillDay[], uploads: DaysLook["uploads"]): Track[] {
  const ended = days.filter(({ status }) => !OPEN.has(status));
  const failed = ended.filter(({ status }) => status !== "completed").length;
  const tracks = [{ things: "days", done: ended.length, failed, total: days.length }];
  if (uploads.total === 0) return tracks;
  const { total, done, failed: givenUp } = uploads;
  return [...tracks, { things: "recordings", done: done + givenUp, failed: givenUp, total }];
}

/** What stands in the way of all work, in words; null where nothing does. */
export async function findObstacle({ sql, show }: Session, business: Business): Promise<string | null> {
  const { workers, circuits } = await findObstacles(sql);
  if (workers === 0) return "No worker is alive: the work waits until the service runs.";
  const [circuit] = circuits;
  if (!circuit) return null;
  const again = circuit.nextProbeAt ? `; tried again at ${business.time(circuit.nextProbeAt).slice(11)}` : "";
  return `${show(circuit.reason)}${again}`;
}

/** What the watched days came to, in words. */
export function daysReport({ days, uploads }: DaysLook): { text: string[]; hasFailures: boolean } {
  const calls = days.reduce((sum, day) => sum + day.totalRecords, 0);
  const open = days.filter(({ status }) => status !== "completed");
  const late = Math.max(0, uploads.total - uploads.done - uploads.failed);
  const complete = `${grouped(days.length - open.length)} of ${counted(days.length, "day")} complete`;
  const read = open.length === 0 ? `${counted(days.length, "day")} read` : complete;
  const hasRecordings = uploads.total > 0;
  const text = [
    `${read}: ${counted(calls, "call")}${hasRecordings ? `, ${counted(uploads.total, "recording")}` : ""}.`,
  ];
  if (hasRecordings) {
    const rest = [
      uploads.failed > 0 ? `${grouped(uploads.failed)} given up` : "",
      late > 0 ? `${grouped(late)} tried again later by the service` : "",
    ].filter(Boolean);
    text.push(`${grouped(uploads.done)} of them in Drive${rest.length > 0 ? `; ${rest.join(", ")}` : ""}.`);
  }
  const named = open.slice(0, 10).map(({ day, status }) => `${day} (${status})`);
  if (named.length > 0) {
    const more = open.length > named.length ? `, and ${grouped(open.length - named.length)} more` : "";
    text.push(`Not complete: ${named.join(", ")}${more}. Why: callcenter-sync status`);
  }
  return { text, hasFailures: open.length > 0 || uploads.failed > 0 || late > 0 };
}
