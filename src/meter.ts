/** What a recording can be, told by its bytes. */
export type AudioKind = "wav" | "mp3";

/** Reads a recording's length while its bytes pass, in constant memory. */
export interface Meter {
  /** Takes the next bytes, however they are cut. */
  add(chunk: Uint8Array): void;
  /** Length of what has passed; null where the bytes do not tell. */
  seconds(): number | null;
  /** Length that the file's own header promises; null where it promises none. */
  promisedSeconds(): number | null;
  /** Null until enough has passed, and for what is no audio. */
  readonly kind: AudioKind | null;
  /** False for a bare header: nothing to hear has passed. */
  hasSound(): boolean;
}

/** What a meter does with one kind of audio. */
export type KindMeter = Omit<Meter, "kind">;
