import { setTimeout as pause } from "node:timers/promises";

/** Asks until the answer is one, and returns it; fails with `what` after a while. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  what: string,
  timeoutMs = 20_000,
): Promise<NonNullable<T>> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > giveUpAt) throw new Error(`In vain: ${what}`);
    await pause(25);
  }
}
