import { addDays, type Day, dayOf, startOfDay } from "../../src/day.ts";
import type { Sql } from "../../src/store/open.ts";
import { shareErrorCodes, shareSettings } from "../../src/store/settings.ts";
import { makeCalls } from "../fakes/calls.ts";
import { seededRandom } from "../fakes/pbx_random.ts";
import { type SeededCall, storeCalls, storeDays, storeLogs } from "./seed_rows.ts";
import { troubles } from "./seed_troubles.ts";

export const ZONE = "Asia/Ho_Chi_Minh";

/** What the seeding left, for tests that look for it. */
export interface Seeded {
  today: Day;
  /** A day in each state that the dashboard knows. */
  days: Record<"complete" | "incomplete" | "unproved" | "not_read" | "waiting" | "accepted" | "running", Day>;
  calls: Record<"uploaded" | "failed" | "attacker" | "unanswered" | "short", SeededCall>;
  backfillId: string | null;
}

/** A caller's name as an attacker would write it: markup, a direction mark, a bell. */
export const ATTACK = `<script>alert(1)</script>\u202Egnp.exe\u0007"'><img src=x onerror=alert(2)>`;

/**
 * Some months of calls. `calm`: all is archived. `troubled`: days in every state, recordings that were given up, a neighbour that refuses,
 * a backfill under way.
 */
export async function seed(
  sql: Sql,
  mood: "calm" | "troubled",
  options: { days?: number; now?: Date } = {},
): Promise<Seeded> {
  const now = options.now ?? new Date();
  const today = dayOf(now, ZONE);
  const back = (count: number) => addDays(today, -count);
  await shareErrorCodes(sql);
  await shareSettings(sql, settings(today));
  await sql`
    insert into callcenter.worker_leases (process_id, instance, backend_pid, version, upload_concurrency, started_at)
    values ('seed', 'worker-1', 1, '1.0.0', 4, now() - interval '3 days')`;
  const length = options.days ?? 110;
  const calls = Array.from({ length: length + 1 }, (_, index) => callsOf(back(length - index), now)).flat();
  const picked = pick(calls, today);
  picked.calls.attacker.callerName = ATTACK;
  if (mood === "calm") {
    await storeCalls(sql, calls);
    await storeDays(sql, calls, today);
    await storeLogs(sql, calls, today);
    return picked;
  }
  return { ...picked, backfillId: await troubles(sql, picked, calls) };
}

/** The days and calls that tests look for. */
function pick(calls: SeededCall[], today: Day): Seeded {
  const back = (count: number) => addDays(today, -count);
  const find = (day: Day, match: (call: SeededCall) => boolean) => {
    const found = calls.find((call) => call.day === day && match(call));
    if (!found) throw new Error(`The seed has no such call on ${day}`);
    return found;
  };
  const isUploaded = (call: SeededCall) => call.recordingPath !== null;
  return {
    today,
    days: {
      complete: back(2),
      incomplete: back(5),
      unproved: back(9),
      not_read: back(12),
      waiting: back(3),
      accepted: back(17),
      running: back(1),
    },
    calls: {
      uploaded: find(back(2), isUploaded),
      // Called out, so that its destination is one customer's number and not the trunk that half of all calls have.
      failed: find(back(6), (call) => isUploaded(call) && call.direction === "outbound"),
      attacker: find(back(2), (call) => call.direction === "inbound"),
      unanswered: find(back(2), (call) => call.answerTime === null),
      short: find(back(20), isUploaded),
    },
    backfillId: null,
  };
}

/** A working day has more calls than a Sunday. */
function callsOf(day: Day, now: Date): SeededCall[] {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  const random = seededRandom(`seed ${day}`);
  const [least, most] = weekday === 0 ? [8, 25] : weekday === 6 ? [40, 70] : [95, 160];
  return makeCalls({ day, zone: ZONE, count: random.between(least!, most!) })
    .filter((call) => call.endMs < now.getTime())
    .sort((a, b) => a.startMs - b.startMs)
    .map((call, index) => ({
      day,
      uuid: call.uuid,
      callerId: call.caller,
      callerName: call.callerName,
      destination: call.destination,
      direction: call.direction,
      duration: Math.round((call.endMs - call.startMs) / 1_000),
      billSec: call.answerMs === null ? 0 : Math.round((call.endMs - call.answerMs) / 1_000),
      startTime: new Date(call.startMs),
      answerTime: call.answerMs === null ? null : new Date(call.answerMs),
      endTime: new Date(call.endMs),
      disposition: call.disposition,
      recordingPath: call.recording ? `${day.replaceAll("-", "/")}/${call.uuid}.wav` : null,
      url: call.recording
        ? `https://drive.google.com/file/d/1${call.uuid.replaceAll("-", "")}/view?usp=drivesdk`
        : null,
      storedAt: new Date(startOfDay(addDays(day, 1), ZONE).getTime() + (2 * 3_600 + index) * 1_000),
      errorCode: null,
      error: null,
      rounds: 0,
      flag: null,
      flagNote: null,
    }));
}

function settings(today: Day) {
  const at = (day: Day, time: string) => `${day}T${time}:00.000+07:00`;
  const days = [1, 2, 3].map((count) => addDays(today, count));
  const soon = [4, 19, 34].map((minutes) => new Date(Math.ceil(Date.now() / 60_000 + minutes) * 60_000).toISOString());
  return {
    zone: ZONE,
    drive_enabled: true,
    sync_enabled: true,
    pbx_concurrency: 2,
    max_retries: 3,
    default_days_back: 30,
    daily_time: "02:00",
    schedule: {
      daily_sync: days.map((day) => at(day, "02:00")),
      missing_check: days.map((day) => at(day, "03:00")),
      retry_syncs: soon,
      retry_uploads: soon,
    },
  };
}
