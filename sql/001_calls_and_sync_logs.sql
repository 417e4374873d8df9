-- The two tables of the contract, as Prisma's models have them. Where the old system made them already they are taken over in
-- place: no table is rewritten, no row is lost. In a UTC session timestamp(3) becomes timestamptz without touching the rows; only
-- timestamptz(3) would rewrite them, so that the columns of a table taken over have no precision of their own. Their values do.

create schema if not exists callcenter;

create table if not exists "CallCenterRecord" (
  "id"               text           constraint "CallCenterRecord_pkey" primary key,
  "uuid"             text           not null,
  "callerId"         text,
  "callerName"       text,
  "destination"      text,
  "direction"        text,
  "duration"         integer        not null default 0,
  "billSec"          integer        not null default 0,
  "startTime"        timestamptz(3),
  "answerTime"       timestamptz(3),
  "endTime"          timestamptz(3),
  "disposition"      text,
  "recordingPath"    text,
  "googleDriveUrl"   text,
  "uploadRetryCount" integer        not null default 0,
  "rawData"          jsonb,
  "createdAt"        timestamptz(3) not null default current_timestamp,
  "updatedAt"        timestamptz(3) not null
);

create table if not exists "CallCenterSyncLog" (
  "id"            text           constraint "CallCenterSyncLog_pkey" primary key,
  "syncType"      text           not null,
  "status"        text           not null,
  "startTime"     timestamptz(3) not null,
  "endTime"       timestamptz(3),
  "dateFrom"      timestamptz(3) not null,
  "dateTo"        timestamptz(3) not null,
  "totalRecords"  integer        not null default 0,
  "successCount"  integer        not null default 0,
  "failedCount"   integer        not null default 0,
  "retryCount"    integer        not null default 0,
  "errorMessage"  text,
  "failedItems"   jsonb,
  "createdAt"     timestamptz(3) not null default current_timestamp,
  "updatedAt"     timestamptz(3) not null
);

-- One ALTER a table: one lock, one look at the catalogue. The statement is built of the columns that still are timestamps without zone.
do $$
declare
  changes text;
  name text;
begin
  foreach name in array array['"CallCenterRecord"', '"CallCenterSyncLog"'] loop
    select string_agg(format('alter column %I type timestamptz', attname), ', ') into changes
      from pg_attribute
     where attrelid = name::regclass and attnum > 0 and not attisdropped and atttypid = 'timestamp'::regtype;
    if changes is not null then
      execute format('alter table %s %s', name, changes);
    end if;
  end loop;
end $$;

-- What the database fills in by itself, so that a plain INSERT works.
alter table "CallCenterRecord"
  alter column "id" set default gen_random_uuid()::text,
  alter column "createdAt" set default current_timestamp(3),
  alter column "updatedAt" set default current_timestamp(3);

alter table "CallCenterSyncLog"
  alter column "id" set default gen_random_uuid()::text,
  alter column "startTime" set default current_timestamp(3),
  alter column "createdAt" set default current_timestamp(3),
  alter column "updatedAt" set default current_timestamp(3);

create unique index if not exists "CallCenterRecord_uuid_key" on "CallCenterRecord" ("uuid");
create index if not exists "CallCenterRecord_startTime_idx" on "CallCenterRecord" ("startTime");
create index if not exists "CallCenterRecord_callerId_idx" on "CallCenterRecord" ("callerId");
create index if not exists "CallCenterRecord_destination_idx" on "CallCenterRecord" ("destination");
create index if not exists "CallCenterSyncLog_status_idx" on "CallCenterSyncLog" ("status");
create index if not exists "CallCenterSyncLog_syncType_idx" on "CallCenterSyncLog" ("syncType");
create index if not exists "CallCenterSyncLog_dateFrom_dateTo_idx" on "CallCenterSyncLog" ("dateFrom", "dateTo");

-- Our own columns. "adopted" is true on the rows that the old system left, false on every later one: a constant default is kept in
-- the catalogue, so the rows stay as they are.
alter table "CallCenterRecord"
  add column "adopted"           boolean not null default true,
  add column "driveFileId"       text,           -- reserved before the first byte: one recording is one file
  add column "driveSessionUri"   text,           -- a resumable upload under way; a secret
  add column "driveSizeBytes"    bigint,
  add column "driveMd5"          text,
  add column "driveMimeType"     text,
  add column "driveVerifiedAt"   timestamptz(3), -- when Drive's size and MD5 agreed with what the PBX sent, as of some weeks
  add column "uploadedPath"      text,           -- the recordingPath that lies in Drive
  add column "uploadSeconds"     real,
  add column "uploadTriedAt"     timestamptz(3), -- when a round of attempts last ended without a link
  add column "uploadErrorCode"   text,
  add column "uploadError"       text,
  add column "recordingSeconds"  real,           -- the length that the file's own headers give
  add column "recordingFlag"     text,           -- too_short, not_seen_in_drive, altered_in_drive, twin_in_drive
  add column "recordingFlagNote" text,
  add column "recordingFlaggedAt" timestamptz(3),
  add constraint "uploaded_has_file_id" check ("driveMd5" is null or "driveFileId" is not null);
alter table "CallCenterRecord" alter column "adopted" set default false;

-- The old system stored what its PBX answered for 'no recording' as a path: nothing could ever be uploaded from there.
update "CallCenterRecord" set "recordingPath" = null where "recordingPath" ~* '^\s*(0|null)?\s*$' and "googleDriveUrl" is null;

alter table "CallCenterSyncLog"
  add column "adopted"    boolean not null default true,
  add column "errorCode"  text,
  add column "triedAt"    timestamptz(3),        -- when this log's day was last read, or tried
  add column "failedAt"   timestamptz(3),        -- when a try last failed
  add column "excusedRetries" integer not null default 0, -- retries that failed by no fault of this day: CALLCENTER_MAX_RETRIES counts the others
  -- What the old system wrote stays as it is.
  add constraint "status_is_known" check ("adopted" or "status" in ('running', 'completed', 'partial', 'failed', 'retrying')),
  add constraint "sync_type_is_known" check ("adopted" or "syncType" in ('daily', 'manual', 'retry', 'missing_check'));
alter table "CallCenterSyncLog" alter column "adopted" set default false;

-- Recordings still to be uploaded, the longest untried first: retry_uploads.
create index "recordings_without_link" on "CallCenterRecord" ("uploadTriedAt" nulls first, "startTime")
  where "recordingPath" is not null and "googleDriveUrl" is null;
-- Recordings whose path changed after they were uploaded.
create index "recordings_with_new_path" on "CallCenterRecord" ("startTime") where "uploadedPath" <> "recordingPath";
-- A file in Drive to its recording: verify_drive.
create index "recordings_by_file_id" on "CallCenterRecord" ("driveFileId") where "driveFileId" is not null;
create index "recordings_flagged" on "CallCenterRecord" ("recordingFlaggedAt") where "recordingFlag" is not null;
create index "sync_logs_newest_first" on "CallCenterSyncLog" ("createdAt" desc, "id" desc);

/* One spelling for a phone number: digits only, 84, 0084 and +84 (0) written as 0. The same rule as normalPhone() in src/call.ts. */
create function callcenter.normal_phone(phone text) returns text
  language sql immutable strict parallel safe
  return regexp_replace(regexp_replace(phone, '\D', '', 'g'), '^(00)?840?(?=\d{8,10}$)', '0');
