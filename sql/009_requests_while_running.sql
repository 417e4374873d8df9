-- What is asked for again while it runs takes nothing from the job that runs.

/*
 * Queues one job of any other task under its own name as the key, unless it is queued already and does not run yet. Returns true
 * where it is new. A wish that a waiting job with another payload would not fulfil has a `job_key` of its own.
 *
 * While such a job runs, the next one has a key beside it: under the same, Graphile Worker would take the running job its key and its attempts,
 * and should that fail or die it would lie in the queue as a failure for good.
 */
create or replace function callcenter.queue_task(task text, payload json default '{}', job_key text default null) returns boolean
  language sql as $$
  with keys as (
    select coalesce(job_key, task) || suffix as key, nth from unnest(array['', '#2', '#3']) with ordinality as s (suffix, nth)
  ), jobs as (
    select keys.key, keys.nth, j.locked_at is not null as runs, j.locked_at is null and j.attempts < j.max_attempts as waits
      from keys left join graphile_worker.jobs j on j.key = keys.key
  )
  select count(*) > 0
    from graphile_worker.add_jobs(array(
      select row(task, payload, null, null, 25::smallint, (select key from jobs order by runs, nth limit 1), 0::smallint, null)::graphile_worker.job_spec
       where not exists (select from jobs where waits)))
$$;
