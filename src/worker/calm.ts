import type { WorkerPool } from "graphile-worker";

/** How often new jobs may wake the idle workers of a calmed runner. */
const BETWEEN_MS = 1_000;

/**
 * Lets a runner's idle workers hear of new jobs once a second at most: at once after a quiet moment, of a stream of them in that beat. A
 * worker that looks for a job goes past all jobs of tasks that are not its own, 50 ms where a hundred thousand uploads wait, and every page
 * of a large day announces uploads: the database would do little else.
 */
export function calm(pool: Pick<WorkerPool, "nudge">, isOver: () => boolean, betweenMs = BETWEEN_MS): void {
  const nudge = pool.nudge.bind(pool);
  let announced = 0;
  let timer: NodeJS.Timeout | undefined;
  const beat = () => {
    timer = undefined;
    if (announced === 0 || isOver()) return;
    timer = setTimeout(beat, betweenMs).unref();
    nudge(announced);
    announced = 0;
  };
  pool.nudge = (count) => {
    announced += count;
    if (!timer) beat();
  };
}
