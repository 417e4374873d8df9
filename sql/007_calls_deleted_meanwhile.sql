-- A call that is deleted while its day is proved is missed all the same.

/*
 * Who deletes calls of a day holds this, shared, until the deletion is there for all to see; who has proved the day waits for that. Days share
 * a few hundred locks: a deletion of many years must not use up PostgreSQL's.
 */
create function callcenter.deletion_lock(day date) returns integer
  language sql immutable strict
  as $$ select (day - date '2000-01-01') % 366 $$;

create or replace function callcenter.note_deleted_calls() returns trigger language plpgsql set enable_nestloop = off as $$
begin
  if tg_op = 'TRUNCATE' then
    insert into callcenter.missing_calls (day, uuid, reason)
      select day, unnest(expected), 'deleted from the table' from callcenter.day_ledger where expected is not null
      on conflict do nothing;
  else
    -- Before the ledger is read: a day that is proved after that is gone through by note_calls_deleted_meanwhile().
    perform pg_advisory_xact_lock_shared(hashtext('callcenter.day_ledger'), held.key)
       from (select distinct callcenter.deletion_lock(callcenter.local_day("startTime")) as key from gone where "startTime" is not null order by 1) held;
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

/*
 * For who has proved a day, in a statement of its own after that: waits for those who are deleting calls of the day, and notes what is gone.
 * They saw the ledger without it. In PL/pgSQL: each of its statements sees what was committed before it. Returns how many calls.
 */
create function callcenter.note_calls_deleted_meanwhile(proved date) returns bigint
  language plpgsql as $$
declare
  noted bigint;
begin
  perform pg_advisory_xact_lock(hashtext('callcenter.day_ledger'), callcenter.deletion_lock(proved));
  insert into callcenter.missing_calls (day, uuid, reason)
    select l.day, call.uuid, 'deleted from the table'
      from callcenter.day_ledger l, unnest(l.expected) as call (uuid)
     where l.day = proved and not starts_with(call.uuid, 'no-uuid:')
       and not exists (select from "CallCenterRecord" r where r."uuid" = call.uuid)
    on conflict do nothing;
  get diagnostics noted = row_count;
  return noted;
end $$;
