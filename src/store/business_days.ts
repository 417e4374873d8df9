import type { Sql } from "./open.ts";

/** The zone in which the workers count days; null where none has started on this database yet. */
export async function findZone(sql: Sql): Promise<string | null> {
  const [row] = await sql<{ zone: string | null }[]>`select callcenter.setting('zone', null) as zone`;
  return row?.zone ?? null;
}

/** The newest day that has a recording, as the workers count days; null where there is none. */
export async function newestRecordedDay(sql: Sql): Promise<string | null> {
  const [row] = await sql<{ day: string | null }[]>`
    select callcenter.local_day(max("startTime"))::text as day from "CallCenterRecord" where "recordingPath" is not null`;
  return row?.day ?? null;
}
