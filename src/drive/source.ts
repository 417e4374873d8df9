import { createHash } from "node:crypto";
import { SyncError } from "../errors.ts";

/** Opens a recording at a byte; `sizeBytes` is the size of the whole, null where the PBX does not tell. */
export type Open = (from: number) => Promise<{ body: ReadableStream<Uint8Array>; sizeBytes: number | null }>;

export interface Digest {
  sizeBytes: number;
  md5: string;
}

const NOTHING = new Uint8Array(0);

/** A connection that broke is opened again where it broke, if it got so far that the whole is not worth repeating. */
const WORTH_CONTINUING_BYTES = 4 * 1024 * 1024;
const MOST_CONTINUATIONS = 3;
/** Goes on from so far before, where the bytes must be those that came the first time: not every PBX says that a recording is another one now. */
const OVERLAP_BYTES = 64 * 1024;

/**
 * A recording on its way: read in pieces, from any place again, each byte counted and hashed once. It ends only where the
 * PBX said that it would; before that it is cut short, and that is an error (`recording_cut_short`).
 */
export class Source {
  readonly #open: Open;
  readonly #onChunk: (chunk: Uint8Array) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #hash = createHash("md5");
  #hashedBytes = 0;
  /** The chunks that were hashed last, at least as many bytes as the overlap. */
  readonly #latest: Uint8Array[] = [];
  #latestBytes = 0;
  #digest: Digest | null = null;
  #sizeBytes: number | null = null;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #openedAt = 0;
  #continuations = 0;
  /** What was received and not yet handed on; it begins at `#position`. */
  #rest: Uint8Array = NOTHING;
  #position = 0;
  #isAtEnd = false;
  readonly #stop = () => this.close();

  constructor(open: Open, onChunk: (chunk: Uint8Array) => void = () => {}, signal?: AbortSignal) {
    this.#open = open;
    this.#onChunk = onChunk;
    this.#signal = signal;
  }

  /** As the PBX announced it, or as it was counted; null while nobody knows. */
  get sizeBytes(): number | null {
    return this.#sizeBytes;
  }

  /** The byte that is handed on next. */
  get position(): number {
    return this.#position;
  }

  /** Opens the recording, if it is not open, and so learns its size where the PBX tells it. */
  async open(): Promise<void> {
    if (this.#reader || this.#isAtEnd) return;
    const isContinued = this.#position > 0 && this.#position === this.#hashedBytes;
    const overlap = isContinued ? Buffer.concat(this.#latest).subarray(-OVERLAP_BYTES) : NOTHING;
    const { body, sizeBytes } = await this.#open(this.#position - overlap.length);
    this.#reader = body.getReader();
    this.#signal?.addEventListener("abort", this.#stop);
    this.#openedAt = this.#position;
    if (this.#sizeBytes !== null && sizeBytes !== null && this.#sizeBytes !== sizeBytes) {
      throw cutShort(`it had ${this.#sizeBytes} bytes and now has ${sizeBytes}`);
    }
    this.#sizeBytes ??= sizeBytes;
    await this.#skipSame(overlap);
  }

  /** Fills the target as far as the recording goes; how many bytes that were. */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (await this.#receive())) {
      const part = this.#rest.subarray(0, target.length - filled);
      target.set(part, filled);
      this.#advance(part.length);
      filled += part.length;
    }
    return filled;
  }

  /** True when every byte was handed on. */
  async atEnd(): Promise<boolean> {
    return !(await this.#receive());
  }

  /** Goes to a byte: forward by reading on, back by asking the PBX again. */
  async seek(position: number): Promise<void> {
    if (position < this.#position) {
      this.close();
      this.#rest = NOTHING;
      this.#position = position;
      this.#isAtEnd = false;
    }
    while (this.#position < position && (await this.#receive())) {
      this.#advance(Math.min(this.#rest.length, position - this.#position));
    }
  }

  /** Size and MD5 of the whole, reading what was not yet read. */
  async digest(): Promise<Digest> {
    if (this.#hashedBytes !== this.#sizeBytes) await this.seek(Number.POSITIVE_INFINITY);
    this.#digest ??= { sizeBytes: this.#hashedBytes, md5: this.#hash.digest("hex") };
    return this.#digest;
  }

  /** Lets go of the connection, and of the signal, which outlives thousands of uploads. */
  close(): void {
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#reader?.cancel().catch(() => {});
    this.#reader = null;
  }

  #advance(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
    this.#position += bytes;
  }

  /** Reads past what came before; what follows lies ready. */
  async #skipSame(overlap: Uint8Array): Promise<void> {
    for (let left = overlap; left.length > 0; ) {
      const { value = NOTHING, done } = (await this.#reader?.read()) ?? { done: true };
      const common = Math.min(value.length, left.length);
      if (done || Buffer.compare(value.subarray(0, common), left.subarray(0, common)) !== 0) {
        throw cutShort("it changed in between");
      }
      left = left.subarray(common);
      if (common < value.length) this.#take(value.subarray(common));
    }
  }

  /** Makes sure that something lies ready; false at the end. */
  async #receive(): Promise<boolean> {
    while (this.#rest.length === 0 && !this.#isAtEnd) {
      try {
        await this.open();
        if (this.#rest.length > 0) break;
        const read = await this.#reader?.read();
        this.#signal?.throwIfAborted();
        if (read?.value) this.#take(read.value);
        else this.#finish();
      } catch (error) {
        this.#continueAfter(error);
      }
    }
    return this.#rest.length > 0;
  }

  #take(chunk: Uint8Array): void {
    const end = this.#position + chunk.length;
    if (this.#sizeBytes !== null && end > this.#sizeBytes)
      throw cutShort(`more came than its ${this.#sizeBytes} bytes`);
    this.#rest = chunk;
    if (end <= this.#hashedBytes) return;
    const fresh = chunk.subarray(this.#hashedBytes - this.#position);
    this.#hash.update(fresh);
    this.#onChunk(fresh);
    this.#hashedBytes = end;
    this.#remember(fresh);
  }

  #remember(chunk: Uint8Array): void {
    this.#latest.push(chunk);
    this.#latestBytes += chunk.length;
    while (this.#latestBytes - this.#latest[0]!.length >= OVERLAP_BYTES)
      this.#latestBytes -= this.#latest.shift()!.length;
  }

  #finish(): void {
    this.#sizeBytes ??= this.#position;
    if (this.#position < this.#sizeBytes) throw cutShort(`${this.#position} of ${this.#sizeBytes} bytes came`);
    this.#isAtEnd = true;
  }

  #continueAfter(error: unknown): void {
    this.#signal?.throwIfAborted();
    const gotFar = this.#position - this.#openedAt >= WORTH_CONTINUING_BYTES;
    if (!this.#reader || !gotFar || this.#continuations >= MOST_CONTINUATIONS) throw readErrorOf(error);
    this.#continuations += 1;
    this.close();
  }
}

function cutShort(why: string): SyncError {
  return new SyncError("recording_cut_short", `Cannot read the recording: ${why}`);
}

function readErrorOf(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new SyncError("recording_cut_short", `Cannot read the recording: ${why}`, { cause: error });
}
