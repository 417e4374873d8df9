import { type Answer, type Dialect, isObject } from "./dialect.ts";
import { oneposV2 } from "./onepos_v2.ts";
import { seed } from "./seed.ts";

/** Every dialect that we speak, in the order in which `auto` tries them. */
export const dialects: readonly Dialect[] = [seed, oneposV2];

/** What is wrong with the dialect that the environment asks for. */
export function dialectProblems({ PBX_DIALECT }: { PBX_DIALECT?: string | undefined }): string[] {
  const known = ["auto", ...dialects.map(({ name }) => name)];
  return PBX_DIALECT === undefined || known.includes(PBX_DIALECT)
    ? []
    : [`PBX_DIALECT must be one of ${known.join(", ")}`];
}

/**
 * Whose answer it is: the dialect whose marks its records carry most of; where it has no records, the one that was asked in if its envelope may
 * be that dialect's, else the first whose it may be. Undefined where nobody's.
 */
export function dialectOf(answer: Answer, asked?: Dialect): Dialect | undefined {
  const best = dialects
    .map((dialect) => ({ dialect, marks: recordMarks(dialect, answer) }))
    .reduce((a, b) => (b.marks > a.marks ? b : a));
  if (best.marks > 0) return best.dialect;
  const candidates = dialectsByEnvelope(answer);
  return asked && candidates.includes(asked) ? asked : candidates[0];
}

/** Those whose answer it may be, by its envelope alone. */
export const dialectsByEnvelope = (answer: Answer) =>
  dialects.filter(({ marks }) => marks.envelope.some((key) => Object.hasOwn(answer, key)));

/** True where no dialect finds a record in it. */
export const isEmpty = (answer: Answer) => dialects.every(({ page }) => page(answer).records.length === 0);

/** How many of a dialect's marks the best of its records has. */
function recordMarks({ page, marks }: Dialect, answer: Answer): number {
  const marksOf = (record: Answer) => marks.record.reduce((sum, key) => sum + Number(Object.hasOwn(record, key)), 0);
  return page(answer).records.reduce<number>(
    (most, record) => (isObject(record) ? Math.max(most, marksOf(record)) : most),
    0,
  );
}
