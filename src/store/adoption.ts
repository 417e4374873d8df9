import type { Sql } from "./open.ts";

/** A table of the contract as it stands, before any migration has run or after. */
export interface FoundTable {
  name: "CallCenterRecord" | "CallCenterSyncLog";
  exists: boolean;
  rows: number;
  sizeBytes: number;
  /** Columns that are still `timestamp` without zone: they become `timestamptz(3)`, their text taken as UTC. */
  timestamps: string[];
  columns: string[];
  indexes: string[];
}

export interface FoundDatabase {
  serverVersion: string;
  /** True where our first migration has been applied. */
  isPrepared: boolean;
  tables: FoundTable[];
  /** Views, indexes and other things of somebody's own that use such a column, which keeps it from being converted: each with its columns. */
  obstacles: { name: string; columns: string }[];
  /** Other programs that are connected: the old system must be stopped. */
  otherSessions: number;
}

/** What the catalogue says; changes nothing, and works on any database. Counting reads both tables once. */
export async function inspectDatabase(sql: Sql): Promise<FoundDatabase> {
  const [facts] = await sql<Omit<FoundDatabase, "tables" | "obstacles">[]>`
    select current_setting('server_version') as "serverVersion", to_regclass('callcenter.migrations') is not null as "isPrepared",
           (select count(*) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
               and application_name !~ '^(callcenter-sync|psql)')::int as "otherSessions"`;
  const tables = await sql<FoundTable[]>`
    select t.name, t.oid is not null as exists, coalesce(pg_table_size(t.oid), 0)::float8 as "sizeBytes", 0 as rows,
           array(select attname::text from pg_attribute
                  where attrelid = t.oid and attnum > 0 and not attisdropped and atttypid = 'timestamp'::regtype order by attnum) as timestamps,
           array(select attname::text from pg_attribute where attrelid = t.oid and attnum > 0 and not attisdropped order by attnum) as columns,
           array(select relname::text from pg_index join pg_class c on c.oid = indexrelid where indrelid = t.oid order by relname) as indexes
      from (select name, to_regclass(format('%I', name)) as oid from unnest(array['CallCenterRecord', 'CallCenterSyncLog']) as name) t`;
  for (const table of tables) if (table.exists) table.rows = await countRows(sql, table.name);
  return { ...facts!, tables: [...tables], obstacles: await findObstacles(sql) };
}

/**
 * What uses a time of the two tables that has no zone yet in a way that PostgreSQL will not carry over to another type: a view, an expression or
 * the condition of an index, a trigger, a generated column, a policy, a function. An index of the bare column is rebuilt by itself.
 */
export async function findObstacles(sql: Sql): Promise<FoundDatabase["obstacles"]> {
  return sql<FoundDatabase["obstacles"]>`
    select name, string_agg(distinct "column", ', ') as columns
      from (
        select a.attname::text as "column",
               coalesce((select case v.relkind when 'm' then 'materialized view ' else 'view ' end || v.oid::regclass
                           from pg_rewrite w join pg_class v on v.oid = w.ev_class where d.classid = 'pg_rewrite'::regclass and w.oid = d.objid),
                        pg_describe_object(d.classid, d.objid, d.objsubid)) as name
          from pg_depend d
          join pg_attribute a on d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
          left join pg_index i on d.classid = 'pg_class'::regclass and i.indexrelid = d.objid
         where a.attrelid in (to_regclass('"CallCenterRecord"'), to_regclass('"CallCenterSyncLog"')) and a.atttypid = 'timestamp'::regtype
           and (i.indexrelid is not null and not a.attnum = any (i.indkey)
             or d.classid in ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass)
             or d.classid = 'pg_attrdef'::regclass and exists (
               select from pg_attrdef def join pg_attribute g on g.attrelid = def.adrelid and g.attnum = def.adnum
                where def.oid = d.objid and g.attgenerated <> '' and g.attnum <> a.attnum))) found
     group by name order by name`;
}

async function countRows(sql: Sql, table: string): Promise<number> {
  const [row] = await sql<{ rows: number }[]>`select count(*)::float8 as rows from ${sql(table)}`;
  return row?.rows ?? 0;
}

/** What the old system left. */
export interface AdoptionCounts {
  recordings: number;
  linked: number;
  /** Without a link: queued once, behind everything else. */
  unlinked: number;
  /** Calls whose path names no recording (`''`, `'0'`, `'null'`), which their takeover says. */
  absent: number;
  /** The newest call as it stands in the table, a time without zone taken as UTC. */
  newest: Date | null;
  /** Logs by their status. */
  logs: Record<string, number>;
}

/** Counts rows of the two tables, which must be there. `adoptedOnly`: those that the old system left in a prepared database. */
export async function countAdoption(sql: Sql, adoptedOnly: boolean): Promise<AdoptionCounts> {
  // As sql/001 and 008 take them over.
  const hasLink = sql`coalesce("googleDriveUrl" !~ '^\\s*$', false)`;
  const isAbsent = sql`"recordingPath" ~* '^\\s*(0|null)?\\s*$' and not ${hasLink}`;
  const ofOld = adoptedOnly ? sql`where "adopted"` : sql``;
  const [counts] = await sql<(Omit<AdoptionCounts, "logs" | "newest"> & { newestMs: number | null })[]>`
    select (count("recordingPath") - count(*) filter (where ${isAbsent}))::float8 as recordings,
           count("recordingPath") filter (where ${hasLink})::float8 as linked,
           count("recordingPath") filter (where not ${hasLink} and not (${isAbsent}))::float8 as unlinked,
           count(*) filter (where ${isAbsent})::float8 as absent,
           extract(epoch from max("startTime"))::float8 * 1000 as "newestMs"
      from "CallCenterRecord" ${ofOld}`;
  const logs = await sql<{ status: string; count: number }[]>`
    select "status", count(*)::float8 as count from "CallCenterSyncLog" ${ofOld} group by 1 order by 1`;
  const { newestMs, ...rest } = counts!;
  return {
    ...rest,
    newest: newestMs === null ? null : new Date(newestMs),
    logs: Object.fromEntries(logs.map(({ status, count }) => [status, count])),
  };
}

/** Calls whose uuid has white space around it, which their takeover removes. */
export interface SpacedUuids {
  calls: number;
  /** Calls that have no uuid at all: their id becomes it. */
  nameless: number;
  /** Those that keep it, for the bare uuid is another call's. */
  clashing: number;
  /** Some of these. */
  named: string[];
}

/** Clashing uuids that are named; all are counted. */
const NAMED = 10;

/** Finds them in the table of calls, which must be there. `adoptedOnly`: among those that the old system left in a prepared database. */
export async function findSpacedUuids(sql: Sql, adoptedOnly: boolean): Promise<SpacedUuids> {
  // As sql/008 has it.
  const [row] = await sql<SpacedUuids[]>`
    with spaced as (
      select r."uuid", row_number() over (partition by bare order by "googleDriveUrl" is null, "id") > 1
             or exists (select from "CallCenterRecord" other where other."uuid" = bare) as clashes,
             bare = '' as is_nameless
        from "CallCenterRecord" r cross join lateral (select regexp_replace(r."uuid", '^\\s+|\\s+$', '', 'g') as bare) trimmed
       where (r."uuid" ~ '^\\s|\\s$' or r."uuid" = '') ${adoptedOnly ? sql`and "adopted"` : sql``}
    )
    select count(*) filter (where not is_nameless)::float8 as calls, count(*) filter (where is_nameless)::float8 as nameless,
           count(*) filter (where clashes and not is_nameless)::float8 as clashing,
           (array_agg("uuid" order by "uuid") filter (where clashes and not is_nameless))[:${NAMED}] as named from spaced`;
  return { ...row!, named: row?.named ?? [] };
}

/** How many calls share their uuid with an earlier one. A unique index cannot be made over them. */
export async function countDoubled(sql: Sql): Promise<number> {
  const [row] = await sql<{ doubled: number }[]>`
    select (count(*) - count(distinct "uuid"))::float8 as doubled from "CallCenterRecord"`;
  return row?.doubled ?? 0;
}
