-- Queuing with SQL alone: what tasks, the API and psql call.

/*
 * True where a job of this key waits or runs; one that failed for good does not count, a new one takes its place. In PL/pgSQL: one look into
 * the index a key, whatever the planner believes of a queue that grew a moment ago.
 */
create function callcenter.is_queued(job_key text) returns boolean
  language plpgsql stable as $$
begin
  return exists (
    select from graphile_worker.jobs j where j.key = job_key and (j.attempts < j.max_attempts or j.locked_at is not null));
end $$;

/*
 * Queues one day job for each day, in the order given, skipping those whose job is queued or runs already. Returns a row for each
 * day: the id that its sync log has (or will have), and whether the job is new. The first new job tries even while the PBX's
 * circuit is open, so that who asks gets an answer (unless the PBX asked to wait); the others wait.
 */
create function callcenter.queue_days(days date[], sync_type text, priority integer default 10)
  returns table (day date, sync_log_id text, is_new boolean)
  language plpgsql as $$
#variable_conflict use_column
begin
  -- Who asks at the same time waits, and then sees these jobs.
  perform pg_advisory_xact_lock(hashtext('callcenter.queue_days'));
  return query with wanted as (
    select distinct on (d.day) d.day, d.nth, format('daily_sync:%s:%s', sync_type, d.day) as key, gen_random_uuid()::text as sync_log_id
      from unnest(days) with ordinality as d (day, nth)
     order by d.day, d.nth
  ), fresh as (
    select *, row_number() over (order by nth) as place, count(*) over () as days
      from wanted
     where not callcenter.is_queued(wanted.key)
  ), queued as (
    select count(*) as jobs
      from graphile_worker.add_jobs(array(
        select row(
          'daily_sync',
          json_build_object('dateFrom', f.day, 'dateTo', f.day, 'syncType', queue_days.sync_type, 'syncLogId', f.sync_log_id, 'probe', f.place = 1),
          'pbx_' || (f.day - date '2000-01-01') % greatest(callcenter.setting('pbx_concurrency', '2')::int, 1),
          now() - (f.days - f.place) * interval '1 millisecond', -- jobs run in the order of their times: the first day first
          25::smallint, f.key, queue_days.priority::smallint, null)::graphile_worker.job_spec
          from fresh f order by f.nth))
  ), noted as (
    insert into callcenter.day_jobs (sync_log_id, day, sync_type)
      select f.sync_log_id, f.day, queue_days.sync_type from fresh f
  )
  select w.day,
         coalesce(f.sync_log_id, (
           select j.sync_log_id from callcenter.day_jobs j
            where j.day = w.day and j.sync_type = queue_days.sync_type order by j.queued_at desc limit 1), w.sync_log_id),
         f.day is not null
    from wanted w left join fresh f using (day), queued
   where queued.jobs >= 0
   order by w.nth;
end $$;

/*
 * Puts the day jobs that wait in queues above the limit, for it was higher or unknown when they were queued, into those that are left, and
 * changes nothing else of them; those that run stay. Returns how many it moved. No public function of Graphile Worker moves a job.
 */
create function callcenter.keep_to_queues() returns bigint
  language plpgsql as $$
declare
  queues integer := greatest(callcenter.setting('pbx_concurrency', '2')::int, 1);
  moved bigint;
begin
  -- Who queues days by the old limit ends first.
  perform pg_advisory_xact_lock(hashtext('callcenter.queue_days'));
  insert into graphile_worker._private_job_queues (queue_name)
    select 'pbx_' || n from generate_series(0, queues - 1) as n on conflict do nothing;
  with numbered as (
    select id, substring(queue_name from '^pbx_(\d{1,9})$')::int as number from graphile_worker._private_job_queues
  )
  update graphile_worker._private_jobs job set job_queue_id = kept.id
    from numbered above join numbered kept on kept.number = above.number % queues
   where above.number >= queues and job.job_queue_id = above.id and job.locked_at is null;
  get diagnostics moved = row_count;
  return moved;
end $$;

/*
 * Queues the upload of each recording, skipping those that are queued or run already. Returns how many are new. A session keeps the plan
 * that Graphile Worker's add_jobs() got while the queue was small, and would read the whole queue for each page of a large day: here it may
 * do nothing but look keys up.
 */
create function callcenter.queue_uploads(uuids text[], priority integer default 0) returns bigint
  language sql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select count(*)
    from graphile_worker.add_jobs(array(
      select row('upload_recording', json_build_object('uuid', u.uuid), null, null, 6::smallint,
                 'upload_recording:' || u.uuid, priority::smallint, null)::graphile_worker.job_spec
        from (select distinct uuid from unnest(uuids) as uuid) u
       where not callcenter.is_queued('upload_recording:' || u.uuid)))
$$;

/* True where a job of that key runs, or would run now: nothing could bring it forward. */
create function callcenter.is_under_way(job_key text) returns boolean
  language plpgsql stable as $$
begin
  return exists (
    select from graphile_worker.jobs j
     where j.key = job_key and (j.locked_at is not null or (j.attempts < j.max_attempts and j.run_at <= now())));
end $$;

/*
 * Queues one job of any other task under its own name as the key, unless it is queued already and does not run yet. Returns true
 * where it is new. A wish that a waiting job with another payload would not fulfil has a `job_key` of its own.
 */
create function callcenter.queue_task(task text, payload json default '{}', job_key text default null) returns boolean
  language sql as $$
  select count(*) > 0
    from graphile_worker.add_jobs(array(
      select row(task, payload, null, null, 25::smallint, coalesce(job_key, task), 0::smallint, null)::graphile_worker.job_spec
       where not exists (select from graphile_worker.jobs j where j.key = coalesce(job_key, task) and j.locked_at is null and j.attempts < j.max_attempts)))
$$;

/* These jobs, which were put off, are due now. Returns how many. */
create function callcenter.wake(ids bigint[]) returns bigint
  language plpgsql as $$
declare
  woken bigint;
begin
  select count(*) into woken from graphile_worker.reschedule_jobs(ids, run_at := now());
  -- Who has nothing to do hears of new jobs alone.
  if woken > 0 then perform pg_notify('jobs:insert', format('{"count":%s}', woken)); end if;
  return woken;
end $$;

/* True where a job waits until the PBX has its recording: half an hour at most. (In an outage such a job rests for longer, as all others.) */
create function callcenter.is_not_ready(job_key text, run_at timestamptz) returns boolean
  language sql stable
  as $$ select run_at <= now() + interval '30 minutes' and exists (
    select from "CallCenterRecord" where "uuid" = substr(job_key, length('upload_recording:') + 1) and "uploadErrorCode" = 'recording_not_ready') $$;

/*
 * Work that waits for a neighbour goes on now: fresh jobs (no attempt yet) of these tasks that were put off. Returns how many. A request for days
 * waits for nobody, and means other days at another time: of daily_sync the day jobs alone, known by their key.
 */
create function callcenter.wake_jobs(tasks text[]) returns bigint
  language plpgsql as $$
begin
  return callcenter.wake(array(
    select id from graphile_worker.jobs
     where task_identifier = any (tasks) and locked_at is null and attempts = 0 and run_at > now()
       and (task_identifier <> 'daily_sync' or key like 'daily\_sync:%') and not callcenter.is_not_ready(key, run_at)));
end $$;

/* Brings those of these uploads forward that were put off. Returns how many. */
create function callcenter.hurry_uploads(uuids text[]) returns bigint
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  return callcenter.wake(array(
    select j.id from unnest(uuids) as u (uuid) join graphile_worker.jobs j on j.key = 'upload_recording:' || u.uuid
     where j.locked_at is null and j.attempts < j.max_attempts and j.run_at > now()));
end $$;

/*
 * When a job shall run that waits for these neighbours until then: at that time while one of their circuits is open, now where all have
 * closed meanwhile. Who closes a circuit waits for the caller's transaction, and then finds its job: none sleeps through the end of an outage.
 */
create function callcenter.waiting_time(neighbours text[], until timestamptz) returns timestamptz
  language plpgsql as $$
begin
  perform from callcenter.circuits where neighbour = any (neighbours) and state = 'open' limit 1 for share;
  return case when found then until else now() end;
end $$;

/*
 * Brings a few of the uploads that rest forward, by lot, where a probe is due and nobody is there for it. Whoever comes first is the probe, the
 * others go to rest again. What the PBX does not have yet comes last, if at all: it would say nothing of Drive. Returns how many it woke.
 */
create function callcenter.call_probers() returns bigint
  language plpgsql as $$
begin
  if (select coalesce(max(next_probe_at) > now(), true) from callcenter.circuits
       where state = 'open' and neighbour in ('pbx_recordings', 'drive'))
    or exists (select from graphile_worker.jobs
                where task_identifier = 'upload_recording' and locked_at is null and attempts < max_attempts and run_at <= now()) then
    return 0;
  end if;
  -- One at a time, and not while a circuit closes, which wakes all.
  perform from callcenter.circuits where state = 'open' and neighbour in ('pbx_recordings', 'drive') for update skip locked;
  if not found then return 0; end if;
  return callcenter.wake(array(
    select j.id
      from graphile_worker.jobs j left join "CallCenterRecord" r on r."uuid" = substr(j.key, length('upload_recording:') + 1)
     where j.task_identifier = 'upload_recording' and j.locked_at is null and j.attempts = 0 and j.run_at > now()
       and not callcenter.is_not_ready(j.key, j.run_at)
     order by coalesce(r."uploadErrorCode" = 'recording_not_ready', false), random() limit 3));
end $$;

/*
 * The queue, a row for each task. In PL/pgSQL, so that no view of ours hangs on Graphile Worker's: it may replace that at an upgrade.
 * A million jobs take some 0.4 s: callers that ask often keep the answer for a while.
 */
create function callcenter.queue_counts()
  returns table (task text, ready bigint, scheduled bigint, running bigint, failed bigint, oldest_ready_seconds double precision)
  language plpgsql stable as $$
begin
  return query
    with known (task) as (
      values ('daily_sync'), ('upload_recording'), ('retry_syncs'), ('retry_uploads'), ('missing_check'), ('verify_drive'), ('send_alert'), ('prune')
    ), counted as (
      select j.task_identifier as task,
             count(*) filter (where j.locked_at is null and j.attempts < j.max_attempts and j.run_at <= now()) as ready,
             count(*) filter (where j.locked_at is null and j.attempts < j.max_attempts and j.run_at > now()) as scheduled,
             count(*) filter (where j.locked_at is not null) as running,
             count(*) filter (where j.locked_at is null and j.attempts >= j.max_attempts) as failed,
             extract(epoch from now() - min(j.run_at) filter (
               where j.locked_at is null and j.attempts < j.max_attempts and j.run_at <= now()))::double precision as oldest
        from graphile_worker.jobs j group by 1
    )
    select coalesce(c.task, k.task), coalesce(c.ready, 0), coalesce(c.scheduled, 0), coalesce(c.running, 0), coalesce(c.failed, 0),
           coalesce(c.oldest, 0)
      from known k full join counted c using (task)
     order by 1;
exception when undefined_table or invalid_schema_name then
  return; -- no worker has ever started
end $$;

create view callcenter.queue as select * from callcenter.queue_counts();
