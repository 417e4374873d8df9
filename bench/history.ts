import { addDays, dayOf, startOfDay } from "../src/day.ts";
import type { Sql } from "../src/store/open.ts";

export const ZONE = "Asia/Ho_Chi_Minh";
export const DAYS = 730;

/** A customer that calls now and then, the number that half the world calls, and one that nobody knows. */
export const phones = { rare: "0900000042", busy: "19001234", unknown: "0911111111" };

/** Two years of calls until yesterday, as a service that ran all that time has them: all but a few recordings in Drive. */
export async function makeHistory(sql: Sql, calls: number): Promise<void> {
  await sql`alter system set maintenance_work_mem = '512MB'`;
  await sql`alter system set max_wal_size = '8GB'`;
  await sql`select pg_reload_conf()`;
  const rebuild = await dropIndexes(sql);
  await sql.unsafe(PICK);
  const half = Math.ceil(calls / 2);
  await Promise.all([insertCalls(sql, calls, 1, half), insertCalls(sql, calls, half + 1, calls)]);
  for (const statement of rebuild) await sql.unsafe(statement);
  await sql`
    insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at)
    select ("startTime" at time zone ${ZONE})::date, count(*), array_agg("uuid"), now() from "CallCenterRecord" group by 1`;
  await sql`
    insert into callcenter.acceptances (kind, uuid, day, who, why)
    select 'recording', "uuid", callcenter.local_day("startTime"), 'bench', 'lost with the old PBX'
      from "CallCenterRecord" where "uploadRetryCount" = 3 order by "startTime" limit 50`;
  await insertLogs(sql);
  await sql`vacuum (analyze)`;
}

/** Rows come fastest into a table without indexes. Returns the statements that make them again. */
async function dropIndexes(sql: Sql): Promise<string[]> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexname as name, indexdef as definition from pg_indexes
     where tablename = 'CallCenterRecord' and indexname <> 'CallCenterRecord_pkey'`;
  await sql.unsafe('alter table "CallCenterRecord" drop constraint "CallCenterRecord_pkey"');
  for (const { name } of indexes) await sql.unsafe(`drop index "${name}"`);
  return [
    'alter table "CallCenterRecord" add constraint "CallCenterRecord_pkey" primary key ("id")',
    ...indexes.map(({ definition }) => definition),
  ];
}

/** A number below `size` that is always the same for `n`. */
const PICK = `
  create function pick(n bigint, salt bigint, size bigint) returns bigint language sql immutable parallel safe
    return (hashint8extended(n, salt) & 9007199254740991) % size`;

/** Calls `from` to `to` of `calls`, in the order of their starts: seven in ten answered and recorded, the last two hundred not yet uploaded. */
async function insertCalls(sql: Sql, calls: number, from: number, to: number): Promise<void> {
  const first = startOfDay(addDays(dayOf(new Date(), ZONE), -DAYS), ZONE);
  await sql`
    insert into "CallCenterRecord" (
      "id", "uuid", "callerId", "callerName", "destination", "direction", "duration", "billSec", "startTime", "answerTime", "endTime",
      "disposition", "recordingPath", "rawData", "googleDriveUrl", "driveFileId", "driveMd5", "driveSizeBytes", "driveMimeType",
      "driveVerifiedAt", "uploadedPath", "uploadSeconds", "uploadRetryCount", "uploadErrorCode", "uploadTriedAt")
    select gen_random_uuid(), u.uuid, u.caller, 'Nguyễn Thị Ánh', u.destination, u.direction, u.ring + u.talk, u.talk, u.start,
           case when u.talk > 0 then u.start + u.ring * interval '1 s' end, u.start + (u.ring + u.talk) * interval '1 s', u.disposition, u.path,
           jsonb_build_object('uuid', u.uuid, 'caller_id', u.caller, 'caller_name', 'Nguyễn Thị Ánh', 'destination', u.destination,
             'direction', u.direction, 'duration', u.ring + u.talk, 'billsec', u.talk, 'start_time', u.start,
             'end_time', u.start + (u.ring + u.talk) * interval '1 s', 'disposition', u.disposition, 'recording_path', u.path),
           case when u.done then 'https://drive.google.com/file/d/' || u.file || '/view' end, case when u.done then u.file end,
           case when u.done then md5(u.file) end, case when u.done then u.talk * 16000 end, case when u.done then 'audio/wav' end,
           case when u.done then u.start + interval '1 day' end, case when u.done then u.path end, case when u.done then 0.4 end,
           case when u.failed then 3 else 0 end, case when u.failed then 'recording_gone' end,
           case when u.failed then u.start + interval '2 days' end
      from generate_series(${from}::bigint, ${to}::bigint) n
      cross join lateral (
        select md5(n::text)::uuid::text as uuid, '1' || md5('file' || n) as file, pick(n, 1, 40)::int as ring,
               pick(n, 2, 10) < 6 as inbound, '09' || lpad(pick(n, 3, 100000000)::text, 8, '0') as customer,
               (array['19001234', '842871220655', '02873008899'])[pick(n, 4, 3) + 1] as trunk, (1001 + pick(n, 5, 40))::text as extension,
               (array['ANSWERED', 'ANSWERED', 'ANSWERED', 'ANSWERED', 'ANSWERED', 'ANSWERED', 'ANSWERED', 'NO ANSWER', 'NO ANSWER', 'BUSY'])[pick(n, 6, 10) + 1] as word,
               ${first}::timestamptz + (n - 1) * (${DAYS} * 86400.0 / ${calls}) * interval '1 s' as start
      ) p
      cross join lateral (
        select p.*, case when n % 10000 = 7 then 'FAILED' else p.word end as disposition,
               case when p.word = 'ANSWERED' and n % 10000 <> 7 then 3 + pick(n, 7, 300)::int else 0 end as talk,
               case when n % 200000 = 42 then ${phones.rare} when p.inbound then p.customer else p.extension end as caller,
               case when p.inbound then p.trunk else p.customer end as destination,
               case when p.inbound then 'inbound' else 'outbound' end as direction
      ) q
      cross join lateral (
        select q.*, case when q.talk > 0 then to_char(q.start, 'YYYY/MM/DD/') || p.uuid || '.wav' end as path,
               q.talk > 0 and n % 20000 = 11 as failed, q.talk > 0 and n % 20000 <> 11 and n <= ${calls} - 300 as done
      ) u
     order by n`;
}

/** A nightly log and a missing check for each day, some of them partial. */
async function insertLogs(sql: Sql): Promise<void> {
  await sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "startTime", "endTime", "dateFrom", "dateTo", "totalRecords", "successCount", "createdAt", "adopted")
    select gen_random_uuid(), kind, case when (day - date '2020-01-01') % 90 = 0 then 'partial' else 'completed' end, at, at + interval '40 s',
           callcenter.day_start(day), callcenter.day_start(day), pbx_total, pbx_total, at, false
      from callcenter.day_ledger, unnest(array['daily', 'missing_check', 'missing_check', 'missing_check']) with ordinality as k (kind, nth),
           lateral (select callcenter.day_start(day + nth::int) + interval '2 hours' as at) t`;
}
