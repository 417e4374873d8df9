import type { Sql } from "./open.ts";

/** What a database is, before anything is known of what it holds. */
export interface DatabaseFacts {
  version: string;
  /** `150004` for 15.4. */
  versionNumber: number;
  now: Date;
  /** Whether our migrations were ever applied here. */
  isPrepared: boolean;
}

export async function findDatabaseFacts(sql: Sql): Promise<DatabaseFacts> {
  const [facts] = await sql<DatabaseFacts[]>`
    select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
           clock_timestamp() as now, to_regclass('callcenter.migrations') is not null as "isPrepared"`;
  return facts!;
}

/** The names of the migrations that were applied, in their order. */
export async function appliedMigrations(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`select name from callcenter.migrations order by version`;
  return rows.map(({ name }) => name);
}
