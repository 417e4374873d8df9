-- What proves that nothing is missing, and what the workers share.

/* Facts of this installation that views and functions need: zone, drive_enabled, sync_enabled, pbx_concurrency, schedule, … */
create table callcenter.settings (
  key        text        primary key,
  value      jsonb       not null,
  updated_at timestamptz not null default now()
);

create function callcenter.setting(name text, otherwise text) returns text
  language sql stable parallel safe
  as $$ select coalesce((select value #>> '{}' from callcenter.settings where key = name), otherwise) $$;

/* The zone of the business. Every 'day' of this schema is a day there, whatever zone the session is in. */
create function callcenter.zone() returns text
  language sql stable parallel safe
  as $$ select callcenter.setting('zone', 'Asia/Ho_Chi_Minh') $$;

create function callcenter.local_day(instant timestamptz) returns date
  language sql stable strict parallel safe
  as $$ select (instant at time zone callcenter.zone())::date $$;

/*
 * The first instant of a day, as startOfDay() of src/day.ts has it: of a midnight that comes twice, an hour apart (as in the Azores, each
 * autumn), the earlier, where PostgreSQL itself takes the later. With a zone at hand it is plain arithmetic. Not strict: else it would not be inlined.
 */
create function callcenter.day_start(day date, zone text) returns timestamptz
  language sql stable parallel safe
  as $$
  select day::timestamp at time zone zone
         - case when (day::timestamp at time zone zone - interval '1 hour') at time zone zone >= day::timestamp
                then interval '1 hour' else interval '0' end $$;

create function callcenter.day_start(day date) returns timestamptz
  language sql stable strict parallel safe
  as $$ select callcenter.day_start(day, callcenter.zone()) $$;

/* What the PBX said a day holds: the largest reading that was proved complete. A smaller one later does not lower it. */
create table callcenter.day_ledger (
  day             date        primary key,
  pbx_total       integer,                 -- size of `expected`; null until a reading was proved
  expected        text[],                  -- ids of the calls, and of records that were refused
  agreed_at       timestamptz,             -- when the last reading that was proved began
  last_checked_at timestamptz not null default now(),
  last_code       text,                    -- why the last reading proved nothing; null where it did
  last_reason     text,
  constraint proved_has_ids check ((pbx_total is null) = (expected is null))
);

/* A reading proves a day only where it began after the day's end: what came later in the day it has not seen. */
create function callcenter.is_proved(day date, agreed_at timestamptz) returns boolean
  language sql stable parallel safe
  as $$ select coalesce(callcenter.local_day(agreed_at) > day, false) $$;

/* Ids of the ledger, and of records that the last proved reading refused, that the table of calls lacks. Empty where all is well. */
create table callcenter.missing_calls (
  day    date        not null,
  uuid   text        not null,
  reason text        not null,
  since  timestamptz not null default now(),
  primary key (day, uuid)
);

/* What a person said may stay as it is: a missing call, a recording, a day that cannot be proved, a notice. */
create table callcenter.acceptances (
  kind text        not null,
  uuid text        not null,
  day  date        not null,
  who  text        not null,
  why  text        not null,
  at   timestamptz not null default now(),
  primary key (kind, uuid),
  constraint kind_is_known check (kind in ('call', 'recording', 'day', 'notice'))
);
create index acceptances_by_day on callcenter.acceptances (day);

/*
 * A call that somebody deletes stays in the ledger: it is missing from then on. A session keeps the plan that one deleted call got, and would
 * go through a day's ids for each call of thousands: no nested loop may.
 */
create function callcenter.note_deleted_calls() returns trigger language plpgsql set enable_nestloop = off as $$
begin
  if tg_op = 'TRUNCATE' then
    insert into callcenter.missing_calls (day, uuid, reason)
      select day, unnest(expected), 'deleted from the table' from callcenter.day_ledger where expected is not null
      on conflict do nothing;
  else
    -- Each day's ids are read once, not once for each of its calls.
    insert into callcenter.missing_calls (day, uuid, reason)
      with deleted as materialized (
        select callcenter.local_day("startTime") as day, "uuid" from gone
      ), expected as materialized (
        select ledger.day, unnest(ledger.expected) as uuid
          from callcenter.day_ledger ledger where ledger.day in (select day from deleted)
      )
      select day, uuid, 'deleted from the table' from expected join deleted using (day, uuid)
      on conflict do nothing;
  end if;
  return null;
end $$;
create trigger note_deleted_calls after delete on "CallCenterRecord"
  referencing old table as gone for each statement execute function callcenter.note_deleted_calls();
create trigger note_truncated_calls after truncate on "CallCenterRecord"
  for each statement execute function callcenter.note_deleted_calls();

/* What happened to one call, beyond what its row says: every failed attempt, every change. Pruned after some months. */
create table callcenter.call_events (
  id      bigint      generated always as identity primary key,
  uuid    text        not null,
  at      timestamptz not null default now(),
  event   text        not null,
  code    text,
  message text
);
create index call_events_by_call on callcenter.call_events (uuid, at);
create index call_events_by_time on callcenter.call_events (at);

/* One row a neighbour: what it answers, all workers wait for together. */
create table callcenter.circuits (
  neighbour       text        primary key,
  state           text        not null default 'closed',
  failures        integer     not null default 0,  -- in a row
  code            text,                            -- while open the cause as it was told, ...
  reason          text,                            -- ... and what the last failure said
  since           timestamptz not null default now(),
  next_probe_at   timestamptz,
  probing         boolean     not null default false, -- somebody tries right now
  last_success_at timestamptz,
  constraint neighbour_is_known check (neighbour in ('pbx_api', 'pbx_recordings', 'drive')),
  constraint state_is_known check (state in ('closed', 'open')),
  constraint open_has_code check (state = 'closed' or code is not null)
);
insert into callcenter.circuits (neighbour) values ('pbx_api'), ('pbx_recordings'), ('drive');

/* Sub-folders in Drive. The row is made before the folder, with a reserved id: two workers make one folder. */
create table callcenter.folders (
  parent_id  text        not null,
  name       text        not null,
  folder_id  text        not null unique,
  created_at timestamptz,
  primary key (parent_id, name)
);

/* One row a worker process; Graphile Worker's locks belong to its pools. */
create table callcenter.worker_leases (
  process_id         text        primary key,
  instance           text        not null,
  pool_ids           text[]      not null default '{}',
  backend_pid        integer,
  backend_start      timestamptz,
  started_at         timestamptz not null default now(),
  heartbeat_at       timestamptz not null default now(),
  ended_at           timestamptz,
  ended_why          text,
  version            text,
  upload_concurrency integer
);
create index live_leases on callcenter.worker_leases (heartbeat_at) where ended_at is null;

/* Counts that only grow, from every process: /metrics. */
create table callcenter.counters (
  name  text             not null,
  label text             not null default '',
  value double precision not null default 0,
  primary key (name, label)
);

/* One row a cause that was told; it is told again when it is over. */
create table callcenter.alerts (
  id            text        primary key default gen_random_uuid()::text,
  kind          text        not null,
  subject       text        not null,
  reason        text        not null,
  hint          text        not null,
  since         timestamptz not null,
  raised_at     timestamptz not null default now(),
  sent_at       timestamptz,
  cleared_at    timestamptz,
  clear_sent_at timestamptz,
  last_error    text
);
create unique index one_open_alert_a_cause on callcenter.alerts (kind, subject) where cleared_at is null;

/* Every day job that was queued, and by which backfill: its sync log has the same id once it starts. */
create table callcenter.day_jobs (
  sync_log_id text        primary key,
  day         date        not null,
  sync_type   text        not null,
  queued_at   timestamptz not null default now()
);
create index day_jobs_by_day on callcenter.day_jobs (day, sync_type, queued_at desc);

create table callcenter.backfills (
  id         text        primary key default gen_random_uuid()::text,
  date_from  date        not null,
  date_to    date        not null,
  created_at timestamptz not null default now()
);
create table callcenter.backfill_days (
  backfill_id text not null references callcenter.backfills on delete cascade,
  day         date not null,
  sync_log_id text not null,
  primary key (backfill_id, day)
);

/* What the weekly look saw in Drive. */
create table callcenter.drive_files (
  file_id    text        primary key,
  uuid       text,
  name       text        not null,
  size_bytes bigint,
  md5        text,
  url        text,
  trashed    boolean     not null,
  seen_at    timestamptz not null
);
create index drive_files_by_call on callcenter.drive_files (uuid) where uuid is not null;

/* A row a look into Drive. One that is cut short goes on where it was: what it has listed, and the calls that it has held against that. */
create table callcenter.drive_looks (
  job_id     text        primary key,
  began_at   timestamptz not null,
  listed_at  timestamptz,                      -- when every file of the folder had been noted
  checked_to text        not null default '',  -- the calls up to this uuid are checked
  ended_at   timestamptz,
  files      integer     not null default 0,
  verified   integer     not null default 0,
  restored   integer     not null default 0,
  lost       integer     not null default 0,
  unseen     integer     not null default 0
);
