import { type Answer, type Dialect, isObject, recordsIn } from "./dialect.ts";
import { oneposV2 } from "./onepos_v2.ts";
import { seed } from "./seed.ts";

/** Every dialect that we speak, in the order in which `auto` tries them. */
export const dialects: readonly Dialect[] = [seed, oneposV2];

/** Whose answer it is, by the keys of its records, else of its envelope; undefined where nobody's. */
export function dialectOf(answer: Answer): Dialect | undefined {
  const records = recordsIn(answer.data);
  return (
    dialects.find(({ marks }) => records.some((record) => isObject(record) && hasOne(record, marks.record))) ??
    dialects.find(({ marks }) => hasOne(answer, marks.envelope))
  );
}

const hasOne = (object: Answer, keys: readonly string[]) => keys.some((key) => Object.hasOwn(object, key));
