import {
  type AdoptionCounts,
  countAdoption,
  countDoubled,
  type FoundDatabase,
  type FoundTable,
  findSpacedUuids,
  inspectDatabase,
  type SpacedUuids,
} from "../../store/adoption.ts";
import { type Answer, defineCommand, failuresIf } from "../command.ts";
import { usageError } from "../exit.ts";
import { leftovers } from "../leftovers.ts";
import type { Session } from "../session.ts";
import { counted, hanging, sized, span } from "../text.ts";

/** What the old system's Prisma models have; `sql/001` makes what is missing of the indexes, never of the columns. */
const EXPECTED: Record<FoundTable["name"], { columns: string; indexes: string[] }> = {
  CallCenterRecord: {
    columns:
      "id uuid callerId callerName destination direction duration billSec startTime answerTime endTime disposition " +
      "recordingPath googleDriveUrl uploadRetryCount rawData createdAt updatedAt",
    indexes: ["uuid_key", "startTime_idx", "callerId_idx", "destination_idx"],
  },
  CallCenterSyncLog: {
    columns:
      "id syncType status startTime endTime dateFrom dateTo totalRecords successCount failedCount retryCount " +
      "errorMessage failedItems createdAt updatedAt",
    indexes: ["status_idx", "syncType_idx", "dateFrom_dateTo_idx"],
  },
};

/** Measured: 9 s for 500,000 rows on two cores, nearly all of it indexes; a slower disk is allowed for. */
const LOCK_MS_PER_ROW = 0.025;
const LOCK_MS_AT_LEAST = 500;

type State = "new" | "old" | "adopted" | "ready";

interface Plan {
  state: State;
  found: FoundDatabase;
  counts: AdoptionCounts | null;
  spaced: SpacedUuids | null;
  /** By table: indexes of the contract that are made. */
  newIndexes: string[];
  /** Why it cannot be taken over as it stands. */
  problems: string[];
  lockMs: number;
}

export const adopt = defineCommand<{ dryRun?: boolean }>({
  name: "adopt",
  summary: "say what becomes of a database that the old system (Prisma) made",
  options: (command) => command.option("--dry-run", "only look; the first start (or migrate) does it"),
  examples: [["adopt --dry-run", "what would change, for how long the tables are locked"]],
  async run(session, { dryRun }) {
    if (!dryRun) {
      const hint = "To look before: callcenter-sync adopt --dry-run. To do it now: callcenter-sync migrate";
      throw usageError("Nothing to do: the first start of the service takes the database over by itself.", hint);
    }
    return answer(await makePlan(session), session);
  },
});

async function makePlan({ sql }: Session): Promise<Plan> {
  const found = await inspectDatabase(sql);
  const isThere = found.tables.every(({ exists }) => exists);
  const counts = isThere ? await countAdoption(sql, found.isPrepared) : null;
  const spaced = isThere ? await findSpacedUuids(sql, found.isPrepared) : null;
  const newIndexes = found.isPrepared ? [] : found.tables.flatMap(missingIndexes);
  const doubled = newIndexes.includes("CallCenterRecord_uuid_key") ? await countDoubled(sql) : 0;
  const rows = found.tables.reduce((sum, table) => sum + table.rows, 0);
  return {
    state: stateOf(found, counts),
    found,
    counts,
    spaced,
    newIndexes,
    problems: problemsOf(found, doubled),
    lockMs: found.isPrepared || rows === 0 ? 0 : LOCK_MS_AT_LEAST + rows * LOCK_MS_PER_ROW,
  };
}

function stateOf({ isPrepared, tables }: FoundDatabase, counts: AdoptionCounts | null): State {
  const hasOld = counts !== null && (counts.newest !== null || Object.keys(counts.logs).length > 0);
  if (isPrepared) return hasOld ? "adopted" : "ready";
  return tables.some(({ exists }) => exists) ? "old" : "new";
}

function missingIndexes({ name, exists, indexes }: FoundTable): string[] {
  if (!exists) return [];
  return EXPECTED[name].indexes.map((index) => `${name}_${index}`).filter((index) => !indexes.includes(index));
}

function problemsOf({ tables, isPrepared, serverVersion, obstacles }: FoundDatabase, doubled: number): string[] {
  const problems: string[] = [];
  if (Number.parseInt(serverVersion, 10) < 15)
    problems.push(`PostgreSQL ${serverVersion} is too old: 15 or newer is needed.`);
  for (const { name, exists, columns } of isPrepared ? [] : tables) {
    const lacking = EXPECTED[name].columns.split(" ").filter((column) => exists && !columns.includes(column));
    if (lacking.length > 0) problems.push(`"${name}" lacks ${lacking.join(", ")}: it is not the old system's table.`);
  }
  for (const { name, columns } of obstacles)
    problems.push(`The ${name} uses ${columns}: drop it before the first start, and create it again afterwards.`);
  if (doubled > 0) {
    problems.push(`${counted(doubled, "call")} share their uuid with another one: delete the copies first.`);
  }
  return problems;
}

function answer(plan: Plan, session: Session): Answer {
  const { state, found, counts, spaced, newIndexes, problems, lockMs } = plan;
  const { serverVersion, otherSessions, tables } = found;
  const json = {
    state,
    serverVersion,
    otherSessions,
    tables,
    counts,
    spacedUuids: spaced && { ...spaced, named: spaced.named.map(session.show) },
    newIndexes,
    problems,
    lockSeconds: lockMs / 1_000,
  };
  return { exitCode: failuresIf(problems.length > 0), json, text: textOf(plan, session) };
}

const HEADLINES: Record<State, string> = {
  new: "The database is new: the first start makes both tables. There is nothing to take over.",
  old: "The old system made this database. The first start takes it over in place; no row is lost.",
  adopted: "The database was taken over already. There is nothing left to do.",
  ready: "The database is this system's own. There is nothing to take over.",
};

function textOf(plan: Plan, session: Session): string {
  const { paint, columns } = session;
  const { state, found, counts, spaced, problems } = plan;
  const line = (label: string, text: string) => hanging(`  ${label.padEnd(12)}`, text, columns);
  const lines = [hanging("", HEADLINES[state], columns, paint.strong)];
  const tables = found.tables.filter(({ exists }) => exists);
  if (tables.length > 0) {
    const sizes = tables.map(({ name, rows, sizeBytes }) => `${name} ${counted(rows, "row")} (${sized(sizeBytes)})`);
    lines.push("", line("tables", sizes.join(", ")));
  }
  if (state === "old") lines.push(...changes(plan).map(([label, text]) => line(label, text)));
  if (counts && spaced && (state === "old" || state === "adopted"))
    lines.push(...leftovers(counts, spaced, session).map(([label, text]) => line(label, text)));
  for (const problem of problems) lines.push(hanging("  ✗ ", problem, columns, paint.bad));
  return lines.join("\n");
}

function changes({ found, newIndexes, lockMs }: Plan): [string, string][] {
  const { tables, otherSessions } = found;
  const converted = tables.flatMap(({ name, timestamps }) =>
    timestamps.length > 0 ? [`${name} ${timestamps.join(", ")}`] : [],
  );
  return [
    [
      "columns",
      converted.length > 0 ? `become timestamptz, as UTC: ${converted.join("; ")}` : "all times have a zone already",
    ],
    ["", "more are added for what the old system did not keep (ids, sizes and MD5 in Drive, reasons)"],
    [
      "indexes",
      `${newIndexes.length > 0 ? `${newIndexes.join(", ")}, and ` : ""}those for lists and searches are built`,
    ],
    [
      "lock",
      lockMs > 0 ? `both tables for some ${span(lockMs)} at most; waits 10 s for others, then gives up` : "a moment",
    ],
    [
      "meanwhile",
      otherSessions > 0
        ? `stop the old system first: ${counted(otherSessions, "other connection")} to this database now`
        : "no other program is connected now; the old system must stay stopped",
    ],
  ];
}
