import type { Taken } from "./intake.ts";

/** To the place of a page's last row, which must be the first one there. */
export interface Leap {
  to: number;
  row: string;
}

/** The leap from a page at `offset`; null where the calls received lead as far, or where rows came twice. */
export function leapOver(records: unknown[], offset: number, { ids, distinct }: Taken): Leap | null {
  const gains = records.length - 1 > distinct && ids === records.length;
  return gains ? { to: offset + records.length - 1, row: JSON.stringify(records.at(-1)) } : null;
}

/** What comes behind the row that was leapt to; null where it is not there. */
export const behind = ({ row }: Leap, records: unknown[]) =>
  JSON.stringify(records[0]) === row ? records.slice(1) : null;
