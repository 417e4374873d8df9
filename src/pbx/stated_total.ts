/** What a PBX states of how many calls it has, over the pages of one reading, and whether that can be believed. */
export class StatedTotal {
  readonly #stated = new Set<number | null>();
  #last: number | null = null;
  /** Where it cannot be how many calls there are: it counts a page, or less than was met. */
  #misleads = false;

  /** Takes what a page states. What an empty page says counts only where no page had calls: some servers state 0 behind the end. */
  note(total: number | null, rows: number): void {
    if (rows === 0 && this.#stated.size > 0) return;
    this.#last = total;
    this.#stated.add(total);
  }

  /** A total that is no more than a full page counts that page; one below the calls that were met is wrong. */
  holdAgainst(rows: number, isFull: boolean, met: number): void {
    if (this.#last !== null && ((isFull && this.#last <= rows) || this.#last < met)) this.#misleads = true;
  }

  /** What was stated last; null where nothing was. */
  get last(): number | null {
    return this.#last;
  }

  /** Whether all calls lie before the offset; false where it does not say so, or cannot be believed. */
  isReached(offset: number): boolean {
    return this.#last !== null && !this.#misleads && offset >= this.#last;
  }

  /** Whether every page stated this number. One that changed on the way proves nothing: a call that vanished may have hidden another one. */
  isSteadily(count: number): boolean {
    return this.#stated.size === 1 && this.#stated.has(count) && !this.#misleads;
  }
}
