/** How a record stands: outside the window, refused within it, or a call within it. */
export type Standing = 0 | 1 | 2;

/** Ids that there is room for at first; it is doubled whenever they fill it. */
const FIRST_ROOM = 1_024;

/**
 * The ids that a day's readings have met, and a small hash of each record: all that is kept of a day. A reading is a whole look at the
 * day; a pass is one run through the pages of a span, of which a reading has several where paging fails.
 */
export class SeenIds {
  /** Where an id stands in the arrays: an object for each id would take as much memory again as the ids. */
  readonly #places = new Map<string, number>();
  #hashes = new Int32Array(FIRST_ROOM);
  /** The pass that met it last, and how its record stands: pass * 4 + standing. */
  #marks = new Int32Array(FIRST_ROOM);
  #readings = 0;
  #pass = 0;
  /** The first pass of this reading, and of the one before. */
  #first = 1;
  #firstBefore = 1;
  #count = 0;
  #countBefore = 0;
  #inBoth = 0;
  #countInPass = 0;

  startReading(): void {
    this.#readings++;
    this.#firstBefore = this.#first;
    this.#first = this.#pass + 1;
    this.#countBefore = this.#count;
    this.#count = 0;
    this.#inBoth = 0;
  }

  startPass(): void {
    this.#pass++;
    this.#countInPass = 0;
  }

  /**
   * `newInPass`: this pass has not met it; `changed`: no reading has met it with this content. Of several records of one id the first that
   * stands highest is what a reading goes by: it is the same in each, and none takes turns with another.
   */
  note(id: string, hash: number, standing: Standing): { newInPass: boolean; changed: boolean } {
    const known = this.#places.get(id);
    const place = known ?? this.#add(id);
    const lastPass = this.#marks[place]! >> 2;
    const newInPass = lastPass !== this.#pass;
    const counts = lastPass < this.#first || standing > (this.#marks[place]! & 3);
    const changed = known === undefined || (counts && this.#hashes[place] !== hash);
    if (newInPass) this.#countInPass++;
    if (lastPass < this.#first) {
      this.#count++;
      if (lastPass >= this.#firstBefore) this.#inBoth++;
    }
    if (counts) this.#hashes[place] = hash;
    this.#marks[place] = this.#pass * 4 + (counts ? standing : this.#marks[place]! & 3);
    return { newInPass, changed };
  }

  /** Ids met in all readings. */
  get size(): number {
    return this.#places.size;
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
    return this.#readings > 1 && this.#count === this.#countBefore && this.#count === this.#inBoth;
  }

  /** Ids within the window: those of this reading, or all that any reading met. */
  inside(which: "this reading" | "any reading"): string[] {
    const from = which === "this reading" ? this.#first : 0;
    const ids: string[] = [];
    for (const [id, place] of this.#places) {
      const mark = this.#marks[place]!;
      if ((mark & 3) > 0 && mark >> 2 >= from) ids.push(id);
    }
    return ids;
  }

  /** The place of an id that no pass has met. */
  #add(id: string): number {
    const place = this.#places.size;
    if (place === this.#marks.length) {
      this.#hashes = doubled(this.#hashes);
      this.#marks = doubled(this.#marks);
    }
    this.#places.set(id, place);
    return place;
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
