import { addDays, type Day } from "../../src/day.ts";
import type { ErrorCode } from "../../src/errors.ts";
import type { Sql } from "../../src/store/open.ts";
import type { Seeded } from "./seed.ts";
import { isRefused, type SeededCall, storeCalls, storeDays, storeLogs } from "./seed_rows.ts";

/** Days in every state, recordings that were given up, a neighbour that refuses. Returns the id of the backfill under way. */
export async function troubles(sql: Sql, { days, calls: named, today }: Seeded, calls: SeededCall[]): Promise<string> {
  const back = (count: number) => addDays(today, -count);
  const notRead = new Set([days.not_read, back(13)]);
  const kept = calls.filter((call) => !notRead.has(call.day));
  for (const [place, call] of kept.entries()) {
    if (call.recordingPath === null) continue;
    const later = place % 3;
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
