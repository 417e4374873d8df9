import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, SyncError } from "../errors.ts";
import type { Log } from "../log.ts";

/** How often a failure of ours is worth another try at once; what is not here is for the queue to try again, later. */
const TRIES: Partial<Record<ErrorCode, number>> = {
  drive_server_error: 4,
  drive_rate_limited: 4,
  drive_unreachable: 3,
  drive_timeout: 1,
  drive_file_lost: 4,
  drive_file_unseen: 4,
};

const DELAYS_MS = [500, 1000, 2000, 4000];

/** Whoever is asked to wait longer gives the job back. */
const LONGEST_WAIT_MS = 15_000;

/**
 * Patience with Google, shared by all that one process does there: whether to try again is a property of the error, and
 * when Google slows one request down, all of them wait.
 */
export interface Pacer {
  /** Runs it, again after failures that pass; throws the last one when they do not. */
  run<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Waits as long as Google wants nobody to ask. */
  turn(signal?: AbortSignal): Promise<void>;
  /** Waits before another try, the `failures`th so far having failed; throws the error where waiting is no use. */
  pause(error: unknown, failures: number, signal?: AbortSignal): Promise<void>;
}

export function createPacer(log: Log, delaysMs: readonly number[] = DELAYS_MS): Pacer {
  let quietUntil = 0;

  async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
    signal?.throwIfAborted();
  }

  async function pause(error: unknown, failures: number, signal?: AbortSignal): Promise<void> {
    const waitMs = waitOf(error, failures, delaysMs);
    if (waitMs === null) throw error;
    if ((error as SyncError).code === "drive_rate_limited") quietUntil = Math.max(quietUntil, Date.now() + waitMs);
    log.debug("Trying Google Drive again", { reason: (error as SyncError).message, wait_ms: Math.round(waitMs) });
    await wait(jittered(waitMs), signal);
  }

  const turn = (signal?: AbortSignal) => wait(jittered(quietUntil - Date.now()), signal);

  async function run<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let failures = 0; ; failures++) {
      await turn(signal);
      try {
        return await attempt();
      } catch (error) {
        await pause(error, failures, signal);
      }
    }
  }

  return { run, turn, pause };
}

function waitOf(error: unknown, failures: number, delaysMs: readonly number[]): number | null {
  if (!(error instanceof SyncError) || failures >= (TRIES[error.code] ?? 0)) return null;
  const waitMs = Math.max(delaysMs[Math.min(failures, delaysMs.length - 1)] ?? 0, error.retryAfterMs ?? 0);
  return waitMs > LONGEST_WAIT_MS ? null : waitMs;
}

const jittered = (ms: number) => ms * (1 + Math.random() / 2);
