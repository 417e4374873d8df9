import type { Day } from "../day.ts";
import { SyncError } from "../errors.ts";
import { type AnsweredPage, isTooLong, type PbxApi } from "./api.ts";
import { type Dialect, partsOf, type Span, wholeDay } from "./dialect.ts";
import type { Intake, Taken } from "./intake.ts";
import { behind, type Leap, leapOver } from "./leap.ts";
import type { SeenIds } from "./seen.ts";
import { StatedTotal } from "./stated_total.ts";

/** So many pages in a row without a call of the day: the PBX does not heed the dates asked for. */
const MAX_FOREIGN_PAGES = 50;
/** So many pages in a row that bring nothing new but records without a uuid: those change each time they are asked for. */
const MAX_NAMELESS_PAGES = 500;
/** Empty answers in a row (the first asked again) that end a list: one that another reading cuts by time, and any other. */
const EMPTY_ENDS = { cutByTime: 3, otherwise: 6 };
/** Pages in a row without a new id (the first asked again) that prove that offsets lead nowhere. */
const BARREN_ENDS = 3;

export interface HowToRead {
  signal?: AbortSignal | undefined;
  /** No day has more calls: a million, unless told. */
  maxIds?: number | undefined;
}

/** One reading after the other: where it stands in the pages, and what it noticed about them. */
export class DayReader {
  readonly #api: PbxApi;
  readonly #seen: SeenIds;
  readonly #intake: Intake;
  readonly #signal: AbortSignal | undefined;
  readonly #maxIds: number;
  #largestPage = 0;
  /** Rows of the largest answer as the PBX sent it, each row that came twice counted twice: of all, and of this pass. */
  #mostRows = 0;
  #rowsInPass = 0;
  #foreignPages = 0;
  #namelessPages = 0;
  /** Records without a uuid in this reading. */
  #nameless = 0;
  /** Readings in a row, up to this one, that met as many ids as the PBX's steady total. */
  #agreements = 0;
  /** What the PBX speaks; null until that is known. */
  dialect: Dialect | null;
  #total = new StatedTotal();
  /**
   * Where calls start between two seconds a PBX that compares exactly keeps back those behind the last second of what is asked for: from the
   * next reading on the question goes a second beyond.
   */
  #hasFractions = false;
  #secondsBeyond = 0;
  /** Until a leap failed in this reading: the PBX's count is another one than ours, or its list moves. */
  #mayLeap = true;
  /** Empty pages with calls behind them. */
  holes = 0;

  constructor(api: PbxApi, seen: SeenIds, intake: Intake, { signal, maxIds = 1_000_000 }: HowToRead) {
    this.#api = api;
    this.dialect = api.dialect ?? null;
    this.#seen = seen;
    this.#intake = intake;
    this.#signal = signal;
    this.#maxIds = maxIds;
  }

  /** Reads the day once, in so many parts where the PBX can be asked by time; false where paging leads nowhere. */
  async readDay(day: Day, parts: number): Promise<boolean> {
    this.#total = new StatedTotal();
    this.holes = 0;
    this.#nameless = 0;
    this.#mayLeap = true;
    this.#secondsBeyond = this.#hasFractions ? 1 : 0;
    const isCut = parts > 1 && this.dialect?.asksByTime;
    for (const span of isCut ? this.#intake.rush.cut(wholeDay(day), parts) : [wholeDay(day)]) {
      if (!(await this.#readSpan(span))) return false;
    }
    this.#agreements = this.#total.isSteadily(this.#seen.count) ? this.#agreements + 1 : 0;
    return true;
  }

  /** What the PBX stated last. */
  get total(): number | null {
    return this.#total.last;
  }

  /**
   * Records without a uuid may stand in for calls that were missed, so that the number is right once: with them the total has to agree twice.
   */
  get isCertain(): boolean {
    // Calls may vanish, but not all of a day: whoever finds none where there were some was answered wrongly.
    if (this.#seen.count === 0 && this.#seen.size > 0) return false;
    return this.#agreements >= (this.#nameless > 0 ? 2 : 1) || (this.#seen.agrees && this.holes === 0);
  }

  /**
   * Reads a span to its end; false where paging leads nowhere. Where the PBX can be asked by time, the span is then read in halves, down
   * to parts that show less than a page holds, in rows and in calls: a PBX may count either where it cuts its pages. So is a span whose
   * pages are too long.
   */
  async #readSpan(span: Span): Promise<boolean> {
    const canHalve = () => this.dialect?.asksByTime === true && span.fromSecond < span.toSecond;
    try {
      if (await this.#readPages(span)) return true;
      if (this.dialect?.asksByTime && this.#showedLessThanAPage) return true;
      if (!canHalve()) return false;
    } catch (error) {
      if (!isTooLong(error) || !canHalve()) throw error;
    }
    for (const half of partsOf(span, 2)) if (!(await this.#readSpan(half))) return false;
    return true;
  }

  get #showedLessThanAPage(): boolean {
    return this.#rowsInPass < this.#mostRows && this.#seen.countInPass < this.#largestPage;
  }

  /**
   * Page after page. The offset grows by the calls received: servers cap the limit, their `next_offset` may stand still, and rows that
   * come twice or are no calls may be no part of their count. To read a few again is cheap, to skip one is not: refused records are leapt
   * over only where the last row of the page stands first on the next one.
   */
  async #readPages(span: Span): Promise<boolean> {
    this.#seen.startPass();
    this.#rowsInPass = 0;
    this.#namelessPages = 0;
    let [offset, covered, empty, barren] = [0, 0, 0, 0];
    let leap: Leap | null = null;
    /** As much as a page holds: there may be more behind it, whatever the PBX says. */
    let isFull = true;
    for (;;) {
      const { total, dialect, records: rows } = await this.#ask(span, leap?.to ?? offset);
      const records: unknown[] | null = leap ? behind(leap, rows) : rows;
      if (leap && records) offset = leap.to + 1;
      leap = null;
      if (records === null) {
        this.#mayLeap = false;
        continue;
      }
      if (records.length === 0) {
        empty++;
        if (this.#total.isReached(offset) && (empty > 1 || !isFull)) return true;
        if (empty >= (dialect.asksByTime && total === null ? EMPTY_ENDS.cutByTime : EMPTY_ENDS.otherwise)) return true;
        if (empty > 1) offset += this.#largestPage || this.#api.pageSize;
        continue;
      }
      if (empty > 1) this.holes++;
      empty = 0;
      const taken = await this.#take(records, dialect, span);
      const { newIds, distinct } = taken;
      if (newIds > 0) isFull = rows.length >= this.#api.pageSize || (offset > 0 && distinct >= this.#largestPage);
      this.#largestPage = Math.max(this.#largestPage, distinct);
      if (newIds > 0) this.#total.holdAgainst(rows.length, isFull, this.#seen.countInPass);
      barren = newIds > 0 ? 0 : barren + 1;
      if (barren > (isFull ? 1 : 0) && this.#total.isReached(offset) && this.#seen.count >= (total ?? 0)) return true;
      covered = Math.max(covered, offset + records.length);
      if (barren === BARREN_ENDS) return false;
      if (barren === 0 && this.#mayLeap) leap = leapOver(records, offset, taken);
      if (barren === 0) offset += distinct;
      if (barren > 1) offset = Math.max(offset + distinct, covered);
    }
  }

  async #ask(span: Span, offset: number): Promise<AnsweredPage> {
    const asked = { ...span, toSecond: span.toSecond + this.#secondsBeyond };
    const page = await this.#api.ask({ span: asked, offset, limit: this.#api.pageSize }, { signal: this.#signal });
    this.dialect = page.dialect;
    this.#total.note(page.total, page.records.length);
    this.#rowsInPass = Math.max(this.#rowsInPass, page.records.length);
    this.#mostRows = Math.max(this.#mostRows, page.records.length);
    return page;
  }

  async #take(records: unknown[], dialect: Dialect, { day }: Span): Promise<Taken> {
    const taken = await this.#intake.take(records, dialect);
    this.#nameless += taken.newIds - taken.newUuids;
    this.#hasFractions ||= taken.hasFractions;
    this.#foreignPages = taken.inside > 0 ? 0 : this.#foreignPages + 1;
    if (taken.newIds > 0) this.#namelessPages = taken.newUuids > 0 ? 0 : this.#namelessPages + 1;
    const cannot = `Cannot read calls of ${day}`;
    if (this.#foreignPages === MAX_FOREIGN_PAGES)
      throw new SyncError("day_wrong_window", `${cannot}: the PBX answers ${MAX_FOREIGN_PAGES} pages of other days`);
    if (this.#namelessPages === MAX_NAMELESS_PAGES) {
      const what = `${MAX_NAMELESS_PAGES} pages with nothing new but records without a uuid, which change each time`;
      throw new SyncError("day_unstable", `${cannot}: the PBX answers ${what}`);
    }
    if (this.#seen.size > this.#maxIds)
      throw new SyncError("day_unstable", `${cannot}: the PBX answers more than ${this.#maxIds} different records`);
    return taken;
  }
}
