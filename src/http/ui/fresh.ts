/** A question to the database whose answer is kept for a while. */
export type Fresh<K, T> = ((key: K) => Promise<T>) & { forget(): void };

const QUICK_MS = 50;
const TIMES = 20;
const MOST_MS = 60_000;
const MOST_KEYS = 50;

/**
 * Keeps an answer that was slow for twenty times as long as it took, a minute at most: a small database is asked every time, a large one is
 * spared. Nothing but answers is kept (no promise, no error), so it may live longer than the request that asked.
 */
export function keepFresh<K extends string, T>(
  ask: (key: K) => Promise<T>,
  clock: () => number = () => performance.now(),
): Fresh<K, T> {
  const kept = new Map<K, { answer: T; until: number }>();
  const fresh = async (key: K): Promise<T> => {
    const known = kept.get(key);
    const startedAt = clock();
    if (known && known.until > startedAt) return known.answer;
    const answer = await ask(key);
    const endedAt = clock();
    const tookMs = endedAt - startedAt;
    if (kept.size >= MOST_KEYS) kept.clear();
    if (tookMs > QUICK_MS) kept.set(key, { answer, until: endedAt + Math.min(MOST_MS, tookMs * TIMES) });
    return answer;
  };
  return Object.assign(fresh, { forget: () => kept.clear() });
}
