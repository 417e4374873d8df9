import type { Source } from "./source.ts";

/** Drive takes parts in multiples of this, but for the last. */
export const GRANULE_BYTES = 256 * 1024;

/** Bytes for Drive: where they belong, and in how large a whole (null while nobody knows). */
export interface Part {
  from: number;
  bytes: Uint8Array<ArrayBuffer>;
  totalBytes: number | null;
}

/** The stretch of a recording that Drive has not confirmed yet, in one buffer that lasts the whole upload. */
export class Parts {
  readonly #source: Source;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #from = 0;
  #length = 0;

  /** Takes over the buffer, whose first `length` bytes are the recording's, already read from the source. */
  constructor(source: Source, buffer: Uint8Array<ArrayBuffer>, length: number) {
    this.#source = source;
    this.#buffer = buffer;
    this.#length = length;
  }

  /** Of the whole recording; null while nobody knows. */
  get sizeBytes(): number | null {
    return this.#source.sizeBytes;
  }

  /** Goes to the byte that Drive wants next: what lies before is let go, what is not at hand is read. */
  async moveTo(position: number): Promise<void> {
    const confirmed = position - this.#from;
    const isAtHand = confirmed >= 0 && confirmed <= this.#length;
    if (isAtHand) this.#buffer.copyWithin(0, confirmed, this.#length);
    else await this.#source.seek(position);
    this.#length = isAtHand ? this.#length - confirmed : 0;
    this.#from = position;
  }

  /** The bytes to send next; none when all are confirmed. They stay until `moveTo` goes past them. */
  async next(): Promise<Part> {
    this.#length += await this.#source.fill(this.#buffer.subarray(this.#length));
    const isLast = await this.#source.atEnd();
    const length = isLast ? this.#length : this.#length - (this.#length % GRANULE_BYTES);
    return { from: this.#from, bytes: this.#buffer.subarray(0, length), totalBytes: this.#source.sizeBytes };
  }
}
