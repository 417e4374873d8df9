import { cpus, totalmem } from "node:os";
import { silentLog } from "../src/log.ts";
import { parseDatabaseUrl } from "../src/store/database_url.ts";
import { migrate } from "../src/store/migrate.ts";
import { openSql, type Sql } from "../src/store/open.ts";
import { createPool, type PatientPool } from "../src/worker/pool.ts";
import { migrateGraphile } from "../src/worker/runner.ts";
import { startEmbedded } from "../test/fakes/postgres.ts";

/** A migrated database of its own, on an embedded server in its own process. */
export interface BenchDatabase {
  url: string;
  sql: Sql;
  pool: PatientPool;
  close(): Promise<void>;
}

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const cluster = await startEmbedded();
  const address = parseDatabaseUrl(cluster.url);
  const pool = createPool(address, { max: 20, log: silentLog });
  const sql = openSql(address, { max: 4 });
  await migrateGraphile(pool, silentLog);
  await migrate(sql);
  return {
    url: cluster.url,
    sql,
    pool,
    close: async () => {
      await sql.end({ timeout: 1 });
      await pool.end().catch(() => {});
      await cluster.stop();
    },
  };
}

/** Seconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** A table of figures under a heading, as Markdown. */
export function printTable(title: string, heads: string[], rows: (string | number)[][]): void {
  const lines = [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  process.stdout.write(`\n### ${title}\n\n${lines.join("\n")}\n`);
}

export const machine = () =>
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;

export const round = (value: number, digits = 0) =>
  Number(value.toFixed(digits)).toLocaleString("en", { maximumFractionDigits: digits });
