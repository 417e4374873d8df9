import { describe, expect, it } from "vitest";
import { createPacer } from "../../src/drive/pacer.ts";
import { type ErrorCode, SyncError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";

/** Fails so often, then succeeds; counts. */
function failing(code: ErrorCode, times: number, retryAfterMs?: number) {
  const attempt = async () => {
    if (++attempt.count <= times) throw new SyncError(code, "no", { retryAfterMs });
    return attempt.count;
  };
  attempt.count = 0;
  return attempt;
}

describe("createPacer()", () => {
  it.each<[ErrorCode, number]>([
    ["drive_server_error", 4],
    ["drive_rate_limited", 4],
    ["drive_unreachable", 3],
    ["drive_timeout", 1],
    ["drive_full", 0],
    ["drive_forbidden", 0],
    ["drive_credentials", 0],
    ["drive_daily_limit", 0],
    ["recording_cut_short", 0],
  ])("tries again after %s %d times", async (code, tries) => {
    const pacer = createPacer(silentLog, [0]);
    expect(await pacer.run(failing(code, tries))).toBe(tries + 1);
    const attempt = failing(code, 99);
    await expect(pacer.run(attempt)).rejects.toMatchObject({ code });
    expect(attempt.count).toBe(tries + 1);
  });

  it("gives back at once what would have to wait long", async () => {
    const attempt = failing("drive_rate_limited", 1, 60_000);
    await expect(createPacer(silentLog, [0]).run(attempt)).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(attempt.count).toBe(1);
  });

  it("makes everybody wait when Google slows one down", async () => {
    const pacer = createPacer(silentLog, [0]);
    const startedAt = performance.now();
    const slowed = pacer.run(failing("drive_rate_limited", 1, 50));
    await new Promise(setImmediate);
    await Promise.all([slowed, pacer.run(async () => expect(performance.now() - startedAt).toBeGreaterThan(45))]);
  });

  it("stops waiting when it is told to", async () => {
    const stop = new AbortController();
    const waiting = createPacer(silentLog, [10_000]).run(failing("drive_server_error", 1), stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });

  it("leaves errors that are no neighbour's alone", async () => {
    const bug = new TypeError("x is not a function");
    await expect(createPacer(silentLog, [0]).run(() => Promise.reject(bug))).rejects.toBe(bug);
  });
});
