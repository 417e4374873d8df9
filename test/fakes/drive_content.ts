import { createHash } from "node:crypto";

/** Google keeps an interrupted chunk in multiples of this, and wants every chunk but the last to be one. */
export const GRANULE_BYTES = 256 * 1024;

export interface Sealed {
  sizeBytes: number;
  md5: string;
  /** null when bytes are only counted and hashed. */
  bytes: Buffer | null;
}

/** A file on its way in. What is less than a granule is held apart until it is whole, so that `drop` can forget it. */
export class Content {
  #keepsBytes: boolean;
  #hash = createHash("md5");
  #parts: Buffer[] = [];
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes that stay, whatever happens to the connection. */
  keptBytes = 0;

  constructor(keepsBytes: boolean) {
    this.#keepsBytes = keepsBytes;
  }

  write(bytes: Buffer): void {
    let rest = bytes;
    while (this.#heldBytes + rest.length >= GRANULE_BYTES) {
      const missingBytes = GRANULE_BYTES - this.#heldBytes;
      this.#hold(rest.subarray(0, missingBytes));
      this.#keepHeld();
      rest = rest.subarray(missingBytes);
    }
    if (rest.length > 0) this.#hold(rest);
  }

  /** Forgets what is less than a granule. */
  drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }

  /** Forgets everything. */
  restart(): void {
    this.drop();
    this.#hash = createHash("md5");
    this.#parts = [];
    this.keptBytes = 0;
  }

  seal(): Sealed {
    this.#keepHeld();
    const bytes = this.#keepsBytes ? Buffer.concat(this.#parts, this.keptBytes) : null;
    this.#parts = [];
    return { sizeBytes: this.keptBytes, md5: this.#hash.digest("hex"), bytes };
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #keepHeld(): void {
    for (const bytes of this.#held) {
      this.#hash.update(bytes);
      if (this.#keepsBytes) this.#parts.push(bytes);
    }
    this.keptBytes += this.#heldBytes;
    this.drop();
  }
}

export function sealBytes(bytes: Buffer): Sealed {
  return { sizeBytes: bytes.length, md5: createHash("md5").update(bytes).digest("hex"), bytes };
}

/** The same bytes, the first one wrong. */
export function spoil(bytes: Buffer): Buffer {
  const spoilt = Buffer.from(bytes);
  if (spoilt.length > 0) spoilt[0] = (spoilt[0] ?? 0) ^ 0xff;
  return spoilt;
}
