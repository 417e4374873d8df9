import type { Day } from "../day.ts";
import type { ErrorCode } from "../errors.ts";
import type { PbxApi } from "./api.ts";
import { DayReader, type HowToRead } from "./day_reader.ts";
import { createIntake, type DayPage } from "./intake.ts";
import { SeenIds } from "./seen.ts";

export interface ReadDayOptions extends HowToRead {
  /** Called with one page after another, never two at a time. */
  onPage(page: DayPage): Promise<void>;
}

/** What a day's reading came to. */
export interface DayReading {
  /** Name of the dialect that the PBX spoke. */
  dialect: string;
  /** Whether it is certain that these are all: as many as the PBX's steady total, or the same in two readings in a row. */
  complete: boolean;
  /** Ids of the day's calls and of its refused records; where the reading is not complete, all that any look at the day met. */
  ids: string[];
  /** What the PBX stated last; null where it states none. May be wrong: `ids` is what was seen. */
  total: number | null;
  /** How often the day was read. */
  readings: number;
  /** Ids that the PBX answered though they belong to other days. */
  outside: number;
  /** Why it is not complete. */
  reason: { code: ErrorCode; message: string } | null;
}

/**
 * Into how many parts of the day each reading is cut, where the PBX can be asked by time; a busy part is cut once more. No two readings are cut
 * alike: lists that end after so many calls, and pages that stay empty with calls behind them, as where a PBX cuts pages before it leaves out
 * other tenants' calls, would else hide the same calls from both.
 */
const PARTS = [1, 4, 5, 6, 7];

/**
 * Reads a day until it is certain that nothing was missed, at most five times. Certain is as many ids as the PBX's steady total (twice, where
 * records without a uuid are among them), or two readings in a row that met the same ids and no page that stays empty with calls behind it.
 * The latter proves that no list ended early unless both did at the same call: before two empty pages or more in the day as in a part of it,
 * or, where the PBX can only be asked for whole days, before five. Throws a SyncError where the PBX fails.
 */
export async function readDay(
  api: PbxApi,
  day: Day,
  zone: string,
  { onPage, ...how }: ReadDayOptions,
): Promise<DayReading> {
  const seen = new SeenIds();
  const intake = createIntake({ day, zone, seen, onPage });
  const reader = new DayReader(api, seen, intake, how);
  const counts: number[] = [];
  try {
    for (const parts of PARTS) {
      seen.startReading();
      const reachedEnd = await reader.readDay(day, parts);
      counts.push(seen.count);
      intake.checkWindow(reader.dialect?.asksByTime ?? false);
      if (!reachedEnd) return resultOf(reader, seen, counts, stuck(day));
      if (reader.isCertain) return resultOf(reader, seen, counts, null);
    }
    return resultOf(reader, seen, counts, unstable(day, counts, reader));
  } finally {
    await intake.drain();
  }
}

function resultOf(reader: DayReader, seen: SeenIds, counts: number[], reason: DayReading["reason"]): DayReading {
  const idsNow = seen.inside("this reading");
  return {
    dialect: reader.dialect?.name ?? "",
    complete: reason === null,
    ids: reason === null ? idsNow : seen.inside("any reading"),
    total: reader.total,
    readings: counts.length,
    outside: seen.count - idsNow.length,
    reason,
  };
}

function stuck(day: Day): DayReading["reason"] {
  return {
    code: "day_paging_stuck",
    message: `Cannot read calls of ${day} to the end: the PBX answers the same calls whatever offset is asked for`,
  };
}

function unstable(day: Day, counts: number[], { total, holes }: DayReader): DayReading["reason"] {
  const said = total === null ? "states no total" : `states ${total}`;
  const why = holes > 0 ? `; ${holes} of its pages stay empty` : "";
  return {
    code: "day_unstable",
    message: `Cannot be certain of the calls of ${day}: ${counts.length} readings met ${counts.join(", ")} and the PBX ${said}${why}`,
  };
}
