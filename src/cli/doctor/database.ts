import { ConfigError } from "../../errors.ts";
import { findZone } from "../../store/business_days.ts";
import { appliedMigrations, findDatabaseFacts } from "../../store/database_facts.ts";
import { understand } from "../exit.ts";
import type { Session } from "../session.ts";
import { clock, type Finding, note, ok, problem, warning } from "./finding.ts";

const OLDEST_VERSION = 150_000;

/** Whether the database answers, is new enough, prepared, and reached without a pooler in transaction mode. */
export async function checkDatabase(session: Session): Promise<Finding[]> {
  const { io, sql } = session;
  const askedAt = io.now().getTime();
  const facts = await findDatabaseFacts(sql).catch((error: unknown) => understand(error));
  if (facts instanceof Error) {
    const cause = facts.exitCode === 69 ? "unreachable" : facts.exitCode === 78 ? "configuration" : undefined;
    return [problem("reachable", facts.message, facts.hint, cause)];
  }
  const answeredAt = io.now().getTime();
  const { version, versionNumber, now, isPrepared } = facts;
  if (versionNumber < OLDEST_VERSION) {
    return [
      problem("version", `PostgreSQL ${version} is too old`, "PostgreSQL 15 or newer is needed.", "configuration"),
    ];
  }
  return [
    ok("reachable", `PostgreSQL ${version} answers`),
    ...clock("clock", "the database's", now.getTime() - (askedAt + answeredAt) / 2),
    ...(await checkPooler(session)),
    ...(isPrepared ? [...(await checkMigrations(session)), ...(await checkZone(session))] : [unprepared]),
  ];
}

const unprepared = warning(
  "migrations",
  "none has been applied yet",
  "The first start applies them, or: callcenter-sync migrate. On the old system's database look first: callcenter-sync adopt --dry-run",
);

async function checkPooler({ io, config }: Session): Promise<Finding[]> {
  try {
    await io.refusePooler(config);
    return [ok("connection", "direct: no pooler in transaction mode stands between")];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const advice = "Set DATABASE_URL of the workers to the direct URL; a process with --role web may keep this one.";
    return [warning("connection", "leads through a pooler in transaction mode: a worker will refuse it", advice)];
  }
}

async function checkMigrations({ io, sql }: Session): Promise<Finding[]> {
  const [applied, known] = await Promise.all([appliedMigrations(sql), io.migrationNames()]);
  const missing = known.filter((name) => !applied.includes(name));
  const newer = applied.filter((name) => !known.includes(name));
  if (newer.length > 0) {
    return [
      problem(
        "migrations",
        `the database is newer than this program (${newer.join(", ")})`,
        "Start the newer version.",
      ),
    ];
  }
  if (missing.length === 0) return [ok("migrations", `all ${known.length} are applied`)];
  return [
    warning(
      "migrations",
      `${missing.join(", ")} not applied yet`,
      "The next start applies them, or: callcenter-sync migrate",
    ),
  ];
}

async function checkZone({ sql, config }: Session): Promise<Finding[]> {
  const zone = await findZone(sql);
  if (zone === null) return [note("zone", "no worker has started yet: the first one sets it")];
  if (zone === config.TIMEZONE) return [ok("zone", `${zone}, as TIMEZONE says`)];
  return [
    warning(
      "zone",
      `the workers count days in ${zone}, TIMEZONE here says ${config.TIMEZONE}`,
      "Set the same TIMEZONE everywhere: another one counts calls into other days.",
    ),
  ];
}
