import { ConfigError, messageOf, type SyncError } from "../../errors.ts";
import { isMisconfigured } from "../exit.ts";

/** `note`: nothing to judge, such as what is switched off. */
export type FindingState = "ok" | "note" | "warning" | "problem";

/** What one check found: one line, and what to do where it is not well. */
export interface Finding {
  check: string;
  state: FindingState;
  message: string;
  advice?: string;
  /** What the exit code says of a problem; neither: 1. */
  cause?: "unreachable" | "configuration";
}

export const ok = (check: string, message: string): Finding => ({ check, state: "ok", message });
export const note = (check: string, message: string): Finding => ({ check, state: "note", message });
export const warning = (check: string, message: string, advice: string): Finding => {
  return { check, state: "warning", message, advice };
};
export const problem = (check: string, message: string, advice?: string, cause?: Finding["cause"]): Finding => {
  return { check, state: "problem", message, ...(advice && { advice }), ...(cause && { cause }) };
};

/** Codes that say: nobody answers there now. */
const UNREACHABLE = /_(unreachable|timeout|server_error|rate_limited)$/;

/** A neighbour's failure, with the hint of its code. */
export function failed(check: string, error: SyncError): Finding {
  const { code, message, meaning } = error;
  const cause = UNREACHABLE.test(code) ? "unreachable" : isMisconfigured(code) ? "configuration" : undefined;
  return problem(check, `${message}.`, meaning.hint, cause);
}

/** A check that could not be done is a finding too. */
export function broken(check: string, error: unknown): Finding {
  const cause = error instanceof ConfigError ? "configuration" : undefined;
  return problem(check, messageOf(error), undefined, cause);
}

/** How two clocks differ; `null` where the other does not tell. */
export function clock(check: string, whose: string, skewMs: number | null): Finding[] {
  if (skewMs === null) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const differs = `${whose} clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} ours`;
  if (seconds <= 5) return [ok(check, `${whose} clock and ours agree`)];
  const advice = "Let this machine and the other one keep their time by NTP (timedatectl set-ntp true).";
  return [seconds < 60 ? ok(check, differs) : warning(check, differs, advice)];
}
