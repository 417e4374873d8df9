/** How long those who ask wait for the same answer: one that hangs must not hang for all who come later. */
const PATIENCE_MS = 10_000;

/**
 * Keeps each answer for a while, by its key: who asks meanwhile gets the same one, and who asks while it is being made waits for that one.
 * What failed is not kept.
 */
export function keptAnswers<T>(keepMs: number, maxKeys = 200) {
  const answers = new Map<string, { at: number; answer: Promise<T> }>();
  return (key: string, make: () => Promise<T>): Promise<T> => {
    const kept = answers.get(key);
    if (kept && performance.now() - kept.at < keepMs) return kept.answer;
    const entry = { at: performance.now() + PATIENCE_MS, answer: make() };
    answers.delete(key);
    answers.set(key, entry);
    for (const oldest of answers.keys()) {
      if (answers.size <= maxKeys) break;
      answers.delete(oldest);
    }
    entry.answer.then(
      () => {
        entry.at = performance.now();
      },
      () => {
        if (answers.get(key) === entry) answers.delete(key);
      },
    );
    return entry.answer;
  };
}
