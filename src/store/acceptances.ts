import type { Day } from "../day.ts";
import type { Sql } from "./open.ts";

/** How many things a person newly said may stay as they are. */
export interface Accepted {
  calls: number;
  recordings: number;
  days: number;
  notices: number;
}

/** Who says so, and why. */
export interface Verdict {
  who: string;
  why: string;
}

/** Characters of a reason: it stays on record whole. */
export const MAX_REASON = 1_000;

const NOTHING: Accepted = { calls: 0, recordings: 0, days: 0, notices: 0 };

const countByKind = (rows: readonly { kind: string }[]): Accepted => {
  const of = (kind: string) => rows.filter((row) => row.kind === kind).length;
  return { calls: of("call"), recordings: of("recording"), days: of("day"), notices: of("notice") };
};

/** Accepts that a call is missing, or that its recording stays as it is. Undefined where nobody knows the call. Safe twice. */
export async function acceptCall(sql: Sql, uuid: string, { who, why }: Verdict): Promise<Accepted | undefined> {
  const rows = await sql<{ kind: string; isNew: boolean }[]>`
    with known as (
      select 'recording' as kind, "uuid" as uuid, coalesce(callcenter.local_day("startTime"), callcenter.local_day("createdAt")) as day
        from "CallCenterRecord" where "uuid" = ${uuid} and "recordingPath" is not null
      union all
      select 'call', m.uuid, min(m.day) from callcenter.missing_calls m
       where m.uuid = ${uuid} and not exists (select from "CallCenterRecord" r where r."uuid" = m.uuid) group by m.uuid
    ), accepted as (
      insert into callcenter.acceptances (kind, uuid, day, who, why) select kind, uuid, day, ${who}, ${why} from known
      on conflict do nothing returning kind
    )
    select kind, exists (select from accepted where accepted.kind = known.kind) as "isNew" from known`;
  if (rows.length === 0) return undefined;
  return countByKind(rows.filter(({ isNew }) => isNew));
}

/**
 * Accepts all that a day lacks now: its missing calls, its recordings that are not proved to be in Drive, and, where no reading of it could
 * be proved or the PBX had no calls, the day itself. Safe twice; what goes missing later is a new gap.
 */
export async function acceptDay(sql: Sql, day: Day, { who, why }: Verdict): Promise<Accepted> {
  const rows = await sql<{ kind: string }[]>`
    with lacking as (
      select 'call' as kind, g.uuid from callcenter.gaps g where g.day = ${day}
      union all
      select 'recording', r."uuid" from "CallCenterRecord" r
       where r."recordingPath" is not null and (r."googleDriveUrl" is null or r."driveVerifiedAt" is null) and callcenter.drive_enabled()
         and r."startTime" >= callcenter.day_start(${day}) and r."startTime" < callcenter.day_start(${day}::date + 1)
      union all
      select 'day', ${day}::date::text
       where not exists (select from callcenter.day_ledger l where l.day = ${day} and l.pbx_total > 0 and callcenter.is_proved(l.day, l.agreed_at))
    )
    insert into callcenter.acceptances (kind, uuid, day, who, why)
    select kind, uuid, ${day}, ${who}, ${why} from lacking on conflict do nothing returning kind`;
  return countByKind(rows);
}

/** Accepts a notice, such as `zone_changed`. Undefined where there is no such notice. Safe twice. */
export async function acceptNotice(sql: Sql, notice: string, { who, why }: Verdict): Promise<Accepted | undefined> {
  const [row] = await sql<{ known: boolean; isNew: boolean }[]>`
    with known as (
      select key from callcenter.settings where key = ${notice} and key = 'zone_changed'
    ), accepted as (
      insert into callcenter.acceptances (kind, uuid, day, who, why)
      select 'notice', key, callcenter.local_day(now()), ${who}, ${why} from known on conflict do nothing returning kind
    )
    select exists (select from known) as known, exists (select from accepted) as "isNew"`;
  return row?.known ? { ...NOTHING, notices: row.isNew ? 1 : 0 } : undefined;
}
