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
  /** The pass that met it last, and whether it is inside the window: pass * 2 + inside. */
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

  /** `newInPass`: this pass has not met it; `changed`: no reading has met it with this content. */
  note(id: string, hash: number, inside: boolean): { newInPass: boolean; changed: boolean } {
    const known = this.#places.get(id);
    const place = known ?? this.#add(id);
    const lastPass = this.#marks[place]! >> 1;
    const newInPass = lastPass !== this.#pass;
    const changed = known === undefined || this.#hashes[place] !== hash;
    if (newInPass) this.#countInPass++;
    if (lastPass < this.#first) {
      this.#count++;
      if (lastPass >= this.#firstBefore) this.#inBoth++;
    }
    this.#hashes[place] = hash;
    this.#marks[place] = this.#pass * 2 + Number(inside);
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
      if ((mark & 1) === 1 && mark >> 1 >= from) ids.push(id);
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
