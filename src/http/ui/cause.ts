import type { ErrorCode } from "../../errors.ts";

/** The kinds of `callcenter.attention` that are no error code. */
export type AttentionKind =
  | "day_incomplete"
  | "days_not_read"
  | "recording_given_up"
  | "recording_stuck"
  | "recording_too_short"
  | "recording_not_seen_in_drive"
  | "recording_altered_in_drive"
  | "recording_twin_in_drive"
  | "no_calls"
  | "nightly_run_missing"
  | "zone_changed"
  | "no_worker"
  | "alert_undelivered";

export type Cause = ErrorCode | AttentionKind;
