import { Buffer } from "node:buffer";

/** Nothing came for too long, though something was waited for. */
export class StalledError extends Error {
  override readonly name = "StalledError";
}

/** The bytes of an answer, one chunk at a time. */
export interface Chunks {
  /** The next chunk; null at the end. Throws a StalledError when none comes within the time, else what the network threw. */
  next(): Promise<Uint8Array | null>;
  cancel(reason?: unknown): Promise<void>;
}

/** Reads a body with a watch on progress: its time counts while a chunk is waited for, not while the taker is busy. */
export function chunksOf(body: ReadableStream<Uint8Array> | null, stallMs: number): Chunks {
  if (!body) return { next: () => Promise.resolve(null), cancel: () => Promise.resolve() };
  const reader = body.getReader();
  return {
    async next() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const stalled = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new StalledError(`Nothing came for ${stallMs} ms`)), stallMs);
      });
      try {
        const { done, value } = await Promise.race([reader.read(), stalled]);
        return done ? null : value;
      } catch (error) {
        reader.cancel(error).catch(() => {});
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/** A body's text (UTF-8, a BOM left out); undefined where it is longer than `maxBytes`. */
export async function textOf(chunks: Chunks, maxBytes: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let chunk = await chunks.next(); chunk; chunk = await chunks.next()) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      await chunks.cancel();
      return undefined;
    }
    parts.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(parts, bytes));
}
