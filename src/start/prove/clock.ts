import type { ProveWorld } from "./world.ts";

/**
 * What hours of waiting would bring: the jobs that wait for a later time are due, the circuits may be probed, and the schedule's own tasks are
 * queued, each under its name as the schedule does. Nothing else is touched. Leaves everything as it is in a round in real time.
 */
export async function turnClock({ ask, plan }: ProveWorld): Promise<void> {
  if (plan.isRealTime) return;
  await ask(`
    select count(*) from graphile_worker.reschedule_jobs(
      array(select id from graphile_worker.jobs where run_at > now() and locked_at is null and attempts < max_attempts), run_at := now())`);
  await ask(
    "update callcenter.circuits set next_probe_at = now() where state = 'open' and next_probe_at > now() + interval '2 seconds'",
  );
  await ask("select callcenter.queue_task(task) from unnest(array['retry_syncs', 'retry_uploads']) as task");
}

/** The nightly look at the last days, and at every day that is behind. */
export async function queueMissingCheck({ ask }: ProveWorld): Promise<void> {
  await ask("select callcenter.queue_task('missing_check')");
}
