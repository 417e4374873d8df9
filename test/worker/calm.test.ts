import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { calm } from "../../src/worker/calm.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a calmed runner hears of a new job at once, of a stream of them in the beat, and of none when it stops", () => {
  const heard: number[] = [];
  let isOver = false;
  const pool = { nudge: (count: number) => void heard.push(count) };
  calm(pool, () => isOver, 1_000);
  pool.nudge(1);
  expect(heard).toEqual([1]);
  for (let page = 0; page < 5; page++) pool.nudge(200);
  expect(heard).toEqual([1]);
  vi.advanceTimersByTime(1_000);
  expect(heard).toEqual([1, 1_000]);
  vi.advanceTimersByTime(5_000);
  pool.nudge(2);
  expect(heard).toEqual([1, 1_000, 2]);
  pool.nudge(3);
  isOver = true;
  vi.advanceTimersByTime(5_000);
  expect(heard).toEqual([1, 1_000, 2]);
});
