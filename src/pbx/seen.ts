interface Entry {
  hash: number;
  inside: boolean;
  reading: number;
  pass: number;
}

/**
 * The ids that a day's readings have met, and a small hash of each record: all that is kept of a day. A reading is a whole look at the
 * day; a pass is one run through the pages of a span, of which a reading has several where paging fails.
 */
export class SeenIds {
  readonly #entries = new Map<string, Entry>();
  #reading = 0;
  #pass = 0;
  #count = 0;
  #countBefore = 0;
  #inBoth = 0;
  #countInPass = 0;

  startReading(): void {
    this.#reading++;
    this.#countBefore = this.#count;
    this.#count = 0;
    this.#inBoth = 0;
  }

  startPass(): void {
    this.#pass++;
    this.#countInPass = 0;
  }

  /** `newInPass`: this pass has not met it; `changed`: no reading has met it with this content. */
  note(id: string, hash: number, inside: boolean): { newInPass: boolean; changed: boolean } {
    const entry = this.#entries.get(id);
    if (!entry) {
      this.#entries.set(id, { hash, inside, reading: this.#reading, pass: this.#pass });
      this.#count++;
      this.#countInPass++;
      return { newInPass: true, changed: true };
    }
    const newInPass = entry.pass !== this.#pass;
    const changed = entry.hash !== hash;
    if (newInPass) this.#countInPass++;
    if (entry.reading !== this.#reading) this.#count++;
    if (entry.reading === this.#reading - 1) this.#inBoth++;
    entry.hash = hash;
    entry.inside = inside;
    entry.reading = this.#reading;
    entry.pass = this.#pass;
    return { newInPass, changed };
  }

  /** Ids met in this reading. */
  get count(): number {
    return this.#count;
  }

  get countInPass(): number {
    return this.#countInPass;
  }

  /** Whether this reading met the same ids as the one before. */
  get agrees(): boolean {
    return this.#reading > 1 && this.#count === this.#countBefore && this.#count === this.#inBoth;
  }

  /** Ids within the window: those of this reading, or all that any reading met. */
  inside(which: "this reading" | "any reading"): string[] {
    const ids: string[] = [];
    for (const [id, entry] of this.#entries) {
      if (entry.inside && (which === "any reading" || entry.reading === this.#reading)) ids.push(id);
    }
    return ids;
  }
}
