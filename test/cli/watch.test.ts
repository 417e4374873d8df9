import { expect, test } from "vitest";
import type { CliIo } from "../../src/cli/cli.ts";
import { openSession } from "../../src/cli/session.ts";
import { type Look, watch } from "../../src/cli/watch.ts";

/** A session whose clock runs only while it pauses, and what it wrote on standard error. */
function sessionOnAClock(interrupted = new AbortController().signal) {
  let now = 0;
  let written = "";
  const io = {
    environment: {},
    stdout: { write: () => {}, isTerminal: false, columns: 100 },
    stderr: {
      write: (text: string) => {
        written += text;
      },
      isTerminal: false,
      columns: 100,
    },
    now: () => new Date(now),
    pause: async (ms: number) => {
      now += ms;
    },
    interrupted,
  } as unknown as CliIo;
  return { session: openSession(io, false), lines: () => written.split("\n").slice(0, -1), seconds: () => now / 1_000 };
}

const lookAt = (done: number, total: number): Look => ({
  tracks: [{ things: "days", done, failed: 0, total }],
  obstacle: null,
  isOver: done === total,
});

const refused = () => Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

test("in a file, a line comes when something changed and some seconds have passed; the last always comes", async () => {
  const { session, lines } = sessionOnAClock();
  let done = 0;
  await watch(session, async () => lookAt(done++, 24));
  expect(lines().map((line) => line.replace(/ \(.*/, ""))).toEqual([
    "0 of 24 days",
    "10 of 24 days",
    "20 of 24 days",
    "24 of 24 days",
  ]);
  expect(lines()[1]).toBe("10 of 24 days (2/s, 7 s left)");
});

test("a database that restarts is waited for, and the progress goes on", async () => {
  const { session, lines } = sessionOnAClock();
  let looks = 0;
  const last = await watch(session, async () => {
    looks++;
    if (looks > 2 && looks < 40) throw refused();
    return lookAt(looks < 40 ? 1 : 2, 2);
  });
  expect(last.isOver).toBe(true);
  expect(lines()).toContainEqual(
    expect.stringContaining("The database does not answer: the connection is refused. Trying again."),
  );
});

test("a database that stays away for a minute ends the watching", async () => {
  const { session, seconds } = sessionOnAClock();
  await expect(watch(session, () => Promise.reject(refused()))).rejects.toThrow("connect");
  expect(seconds()).toBeGreaterThan(60);
  expect(seconds()).toBeLessThan(62);
});

test("Ctrl-C ends the watching and says how far the work has come", async () => {
  const { session } = sessionOnAClock(AbortSignal.abort());
  await expect(watch(session, async () => lookAt(1, 3))).rejects.toMatchObject({
    exitCode: 130,
    message: "No longer watching: the queued work goes on without this command. So far: 1 of 3 days.",
  });
});
