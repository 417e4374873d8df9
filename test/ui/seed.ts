import { addDays, type Day, dayOf, startOfDay } from "../../src/day.ts";
import { type ErrorCode, meanings } from "../../src/errors.ts";
import type { Sql } from "../../src/store/open.ts";
import { shareSettings } from "../../src/store/settings.ts";
import { makeCalls } from "../fakes/calls.ts";
import { seededRandom } from "../fakes/pbx_random.ts";
import { isRefused, type SeededCall, storeCalls, storeDays, storeLogs } from "./seed_rows.ts";

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
  await shareSettings(sql, settings(today));
  await sql`
    insert into callcenter.worker_leases (process_id, instance, backend_pid, version, upload_concurrency, started_at)
    values ('seed', 'worker-1', 1, '1.0.0', 4, now() - interval '3 days')`;
  const length = options.days ?? 110;
  const calls = Array.from({ length: length + 1 }, (_, index) => callsOf(back(length - index), now)).flat();
  const find = (day: Day, match: (call: SeededCall) => boolean) => {
    const found = calls.find((call) => call.day === day && match(call));
    if (!found) throw new Error(`The seed has no such call on ${day}`);
    return found;
  };
  const isUploaded = (call: SeededCall) => call.recordingPath !== null;
  const picked: Seeded = {
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
      failed: find(back(6), isUploaded),
      attacker: find(back(2), (call) => call.direction === "inbound"),
      unanswered: find(back(2), (call) => call.answerTime === null),
      short: find(back(20), isUploaded),
    },
    backfillId: null,
  };
  picked.calls.attacker.callerName = ATTACK;
  if (mood === "calm") {
    await storeCalls(sql, calls);
    await storeDays(sql, calls, today);
    await storeLogs(sql, calls, today);
    return picked;
  }
  return { ...picked, backfillId: await troubles(sql, picked, calls, back) };
}

async function troubles(
  sql: Sql,
  { days, calls: named, today }: Seeded,
  calls: SeededCall[],
  back: (count: number) => Day,
) {
  const notRead = new Set([days.not_read, back(13)]);
  const kept = calls.filter((call) => !notRead.has(call.day));
  for (const call of kept) {
    if (call.recordingPath === null) continue;
    const later = calls.indexOf(call) % 3;
    if (call.day === days.waiting && later === 0) Object.assign(call, { url: null });
    if (call.day === back(6) && later < 1) fail(call, "recording_gone", "PBX answered 404");
    if (call.day === back(24) && later === 2) fail(call, "recording_cut_short", "PBX sent 41,210 of 96,044 bytes");
  }
  fail(named.failed, "recording_gone", "PBX answered 404");
  Object.assign(named.short, { flag: "too_short", flagNote: "The file holds 4.1 s of sound, the call lasted 61 s." });
  const refused = new Set(kept.filter(({ day }) => day === days.incomplete).filter(isRefused));
  await storeCalls(
    sql,
    kept.filter((call) => !refused.has(call)),
  );
  await storeDays(sql, kept, today, new Set([days.unproved, days.running]));
  await storeLogs(sql, kept, today, days);
  await sql`
    insert into callcenter.missing_calls (day, uuid, reason)
    select l.day, id, 'start_time is not a time: "0000-00-00 00:00:00"' from callcenter.day_ledger l, unnest(l.expected) id
     where l.day = ${days.incomplete} and not exists (select from "CallCenterRecord" r where r."uuid" = id)`;
  await sql`
    insert into callcenter.day_ledger (day, last_code, last_reason)
    values (${days.unproved}, 'day_unstable', 'Five readings of this day never agreed: 131, 133, 130, 134 and 132 calls.')`;
  await sql`
    insert into callcenter.acceptances (kind, uuid, day, who, why)
    values ('day', ${days.accepted}, ${days.accepted}, 'lan', 'The PBX was down until noon; its maker lost the morning.')`;
  await sql`
    update callcenter.circuits set state = 'open', code = 'drive_full', failures = 4, since = now() - interval '3 hours',
           reason = 'Cannot upload: Google Drive answered 403 storageQuotaExceeded', next_probe_at = now() + interval '50 seconds'
     where neighbour = 'drive'`;
  await sql`update callcenter.circuits set last_success_at = now() - interval '20 seconds' where neighbour <> 'drive'`;
  await sql`
    select callcenter.queue_uploads(array(
      select "uuid" from "CallCenterRecord" where "recordingPath" is not null and "googleDriveUrl" is null and "uploadRetryCount" < 3))`;
  return backfill(sql, back(70), back(58));
}

function fail(call: SeededCall, code: ErrorCode, why: string) {
  const error = `Cannot download recording "${call.recordingPath}": ${why}`;
  Object.assign(call, { url: null, errorCode: code, error, rounds: 3 });
}

/** A backfill of which some days are done, one failed, one runs and the rest wait in the queue. */
async function backfill(sql: Sql, from: Day, to: Day): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into callcenter.backfills (date_from, date_to, created_at) values (${from}, ${to}, now() - interval '7 minutes') returning id`;
  await sql`
    insert into callcenter.backfill_days (backfill_id, day, sync_log_id)
    select ${row!.id}, q.day, q.sync_log_id
      from callcenter.queue_days(array(select generate_series(${to}::date, ${from}::date, '-1 day')::date), 'manual') q`;
  await sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "startTime", "endTime", "dateFrom", "dateTo", "totalRecords", "successCount",
      "failedCount", "errorCode", "errorMessage", "createdAt", "triedAt")
    select sync_log_id, 'manual', case place when 3 then 'failed' when 6 then 'running' else 'completed' end,
           now() - (7 - place) * interval '1 minute', case when place < 6 then now() - (6.2 - place) * interval '1 minute' end,
           callcenter.day_start(day), callcenter.day_start(day), 90 + place * 7, case place when 3 then 0 else 90 + place * 7 end, 0,
           case place when 3 then 'pbx_timeout' end, case place when 3 then 'Cannot read page 2: the PBX sent nothing for 30 s' end,
           now() - (7 - place) * interval '1 minute', now()
      from (select *, row_number() over (order by day desc) as place from callcenter.backfill_days where backfill_id = ${row!.id}) d
     where place <= 6`;
  await sql`
    select graphile_worker.complete_jobs(array(
      select j.id from graphile_worker.jobs j join "CallCenterSyncLog" l
          on j.key = format('daily_sync:manual:%s', callcenter.local_day(l."dateFrom")) and l."status" <> 'running'
       where l."id" in (select sync_log_id from callcenter.backfill_days where backfill_id = ${row!.id})))`;
  return row!.id;
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

/** Every code that can stand on a circuit, for tests that go through all of them. */
export const circuitCodes = Object.keys(meanings).filter(
  (code) => "circuit" in meanings[code as ErrorCode],
) as ErrorCode[];
