import type { Call, RefusedRecord } from "../call.ts";
import { type Day, windowOf } from "../day.ts";
import type { Dialect } from "./dialect.ts";
import { type ReadRecord, readRecord } from "./record.ts";
import { Rush } from "./rush.ts";
import type { SeenIds } from "./seen.ts";
import { timeReader } from "./times.ts";
import { AnsweredWindow, MadeAt } from "./wrong_zone.ts";

/** What is new or changed since earlier readings of the day; no uuid twice. */
export interface DayPage {
  calls: Call[];
  refused: RefusedRecord[];
}

/** What a page came to. */
export interface Taken {
  /** Ids that this pass had not met. */
  newIds: number;
  /** Those of them that are uuids. */
  newUuids: number;
  /** Records within the window. */
  inside: number;
  /** Different ids, of calls and of refused records. */
  ids: number;
  /** Different calls; on a page without any, `ids`. */
  distinct: number;
  /** Whether calls start between two seconds. */
  hasFractions: boolean;
}

export interface Intake {
  /** Reads a page's records and passes on what is news. */
  take(records: unknown[], dialect: Dialect): Promise<Taken>;
  /** Throws `day_wrong_zone` where the PBX read the question in another zone. */
  checkWindow(asksByTime: boolean): void;
  /** When the calls come that were met. */
  readonly rush: Rush;
  /** Waits until everything has been taken over; throws what the taker threw. */
  drain(): Promise<void>;
}

/** A PBX that ignores the limit may answer a whole day at once: it is passed on in parts of this size. */
const MAX_PASSED_ON = 1_000;

export interface IntakeOptions {
  day: Day;
  zone: string;
  seen: SeenIds;
  onPage(page: DayPage): Promise<void>;
}

/** Between the PBX's pages and whoever stores them: the next page is fetched while the last one is being stored. */
export function createIntake({ day, zone, seen, onPage }: IntakeOptions): Intake {
  const window = windowOf(day, zone);
  const readTime = timeReader(zone);
  const rush = new Rush(window);
  const made = new MadeAt(zone, `calls of ${day}`);
  const answered = new AnsweredWindow(window);
  let storing: Promise<void> = Promise.resolve();

  const passOn = async (page: DayPage) => {
    await storing;
    storing = onPage(page);
    storing.catch(() => {}); // The next page, or drain(), throws it.
  };

  return {
    async take(records, dialect) {
      const read = records.map((record) => readRecord(record, { dialect, window, readTime }));
      made.check(read);
      answered.note(read);
      const { news, ...counts } = sift(read, seen);
      for (const { call } of news) if (call) rush.note(call.startedAt);
      for (let at = 0; at < news.length; at += MAX_PASSED_ON) await passOn(pageOf(news.slice(at, at + MAX_PASSED_ON)));
      return counts;
    },
    rush,
    checkWindow: (asksByTime) => answered.check(zone, `calls of ${day}`, asksByTime),
    drain: () => storing,
  };
}

/** Notes every id; what is news within the window comes out, the first of each id, a call rather than a refusal. */
function sift(read: ReadRecord[], seen: SeenIds): Taken & { news: ReadRecord[] } {
  const news = new Map<string, ReadRecord>();
  const calls = new Set<string>();
  let newIds = 0;
  let newUuids = 0;
  let inside = 0;
  for (const record of read) {
    const { newInPass, changed } = seen.note(record.id, record.hash, record.inside ? (record.call ? 2 : 1) : 0);
    if (newInPass) newIds++;
    if (newInPass && record.isNamed) newUuids++;
    if (record.call) calls.add(record.id);
    if (!record.inside) continue;
    inside++;
    if (changed) news.set(record.id, record);
  }
  const ids = new Set(read.map(({ id }) => id)).size;
  const hasFractions = read.some(({ statedStart }) => statedStart !== null && statedStart.getTime() % 1_000 !== 0);
  return { news: [...news.values()], newIds, newUuids, inside, ids, distinct: calls.size || ids, hasFractions };
}

function pageOf(news: ReadRecord[]): DayPage {
  return {
    calls: news.flatMap(({ call }) => call ?? []),
    refused: news.flatMap(({ refused }) => refused ?? []),
  };
}
