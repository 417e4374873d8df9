import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, SyncError } from "../errors.ts";
import type { Log } from "../log.ts";

export interface Patience {
  /** Waits between tries, hence one try more than there are waits. */
  delaysMs: readonly number[];
  /** What may be over in a few seconds. */
  retries: ReadonlySet<ErrorCode>;
  log: Log;
  signal?: AbortSignal | undefined;
}

/** A neighbour that asks for more than this is left alone: the job ends, and its error says for how long. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Tries again what may be over in a few seconds, honouring `Retry-After`; throws the last error. */
export async function patiently<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const delayMs = delayAfter(error, patience.delaysMs[failures], patience.retries);
      if (delayMs === null) throw error;
      patience.log.debug("Trying again", { error, delay_ms: Math.round(delayMs) });
      await pause(delayMs, patience.signal);
    }
  }
}

function delayAfter(error: unknown, delayMs: number | undefined, retries: Patience["retries"]): number | null {
  if (!(error instanceof SyncError) || delayMs === undefined || !retries.has(error.code)) return null;
  const { retryAfterMs = 0 } = error;
  if (retryAfterMs > MAX_RETRY_AFTER_MS) return null;
  return Math.max(retryAfterMs, delayMs * (0.75 + Math.random() / 2));
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
