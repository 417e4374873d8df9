import type { FaultOrder } from "../../../test/fakes/drive.ts";
import type { Fault, Match } from "../../../test/fakes/pbx_faults.ts";
import type { Plan } from "./plan.ts";

/** A fault as a plan would have it this time. */
export type FaultOf = (plan: Plan) => Fault & Match;

const ELSEWHERE = "http://127.0.0.2:9/login";

/** What goes wrong with any answer of the PBX. */
const ANY_ANSWER = {
  "401": () => ({ name: "status", status: 401 }),
  "403": () => ({ name: "status", status: 403 }),
  "429, Retry-After in seconds": () => ({ name: "status", status: 429, retryAfter: 1 }),
  "429, Retry-After as a date": () => ({ name: "status", status: 429, retryAfter: 1, retryAfterAs: "date" }),
  "500": () => ({ name: "status", status: 500 }),
  "502": () => ({ name: "status", status: 502 }),
  "503, Retry-After": () => ({ name: "status", status: 503, retryAfter: 1 }),
  "redirect to another host": () => ({ name: "redirect", location: ELSEWHERE }),
  "redirect to itself": () => ({ name: "redirect", location: "{path}" }),
  "connection reset": () => ({ name: "reset" }),
  "never answers": () => ({ name: "hang" }),
  "answers late": () => ({ name: "slow", ms: 700 }),
  "stalls in the body": () => ({ name: "stall" }),
  "pauses in the body": () => ({ name: "stall", ms: 1_500 }),
  "breaks off in the body": () => ({ name: "cut" }),
  trickles: () => ({ name: "trickle", chunkBytes: 65_536, everyMs: 50 }),
  "no Content-Length": () => ({ name: "no_length" }),
  "a page instead": () => ({ name: "html_page" }),
  "clock an hour off": () => ({ name: "clock_skew", ms: 3_600_000 }),
} as const satisfies Record<string, FaultOf>;

/** What goes wrong with a page of calls. */
export const PAGE_FAULTS: Record<string, FaultOf> = {
  ...ANY_ANSWER,
  "error envelope": () => ({ name: "error_envelope" }),
  "truncated JSON": () => ({ name: "truncated_json" }),
  "byte order mark": () => ({ name: "bom" }),
  gzip: () => ({ name: "gzip" }),
  "limit lowered": () => ({ name: "cap_limit", limit: 7 }),
  "no total": () => ({ name: "no_total" }),
  "total too large": () => ({ name: "wrong_total", by: 3 }),
  "total too small": () => ({ name: "wrong_total", by: -2 }),
  "short page": () => ({ name: "short_page" }),
  "empty page": () => ({ name: "empty_page" }),
  "next_offset stands still": () => ({ name: "stuck_offset" }),
  "first page again": () => ({ name: "same_page" }),
  "calls of all days": () => ({ name: "other_days" }),
  "calls arrive meanwhile": ({ random, recentDays }) => ({
    name: "calls_arrive",
    count: random.between(1, 3),
    path: random.pick(recentDays),
  }),
  "calls vanish meanwhile": ({ random, oldDays }) => ({
    name: "calls_vanish",
    count: 1,
    times: 1,
    path: random.pick(oldDays),
  }),
  "calls twice": ({ random }) => ({ name: "duplicate_uuids", count: random.between(1, 4) }),
  "records that are none": () => ({ name: "bad_records", times: 1 }),
  "numbers as strings": () => ({ name: "numbers_as_strings" }),
  "strings as numbers": () => ({ name: "strings_as_numbers" }),
  "absent written in five ways": ({ random }) => ({
    name: "absent_as",
    as: random.pick([null, "", "null", "0", "missing"] as const),
  }),
  "spaces around ids": () => ({ name: "spaces_around_ids" }),
  "unknown keys": () => ({ name: "extra_keys" }),
  "names that PostgreSQL refuses": () => ({ name: "strange_names" }),
  "a name of 100,000 characters": () => ({ name: "long_strings" }),
  "times in three ways": ({ random }) => ({
    name: "times_as",
    as: random.pick(["naive", "epoch_seconds", "epoch_ms"] as const),
  }),
};

/** What goes wrong with a recording, and is over later. */
export const RECORDING_FAULTS: Record<string, FaultOf> = {
  ...ANY_ANSWER,
  "404: not there yet": () => ({ name: "status", status: 404 }),
  "empty file": () => ({ name: "empty" }),
  "header without a sound": () => ({ name: "header_only" }),
  "no ranges": () => ({ name: "ignore_range", times: 4 }),
};

/** What goes wrong with Google Drive. */
export const DRIVE_FAULTS: Record<string, FaultOrder> = {
  "403 userRateLimitExceeded": { name: "userRateLimitExceeded" },
  "403 rateLimitExceeded": { name: "rateLimitExceeded" },
  "429, Retry-After": { name: "tooManyRequests", retryAfterSeconds: 1 },
  "403 dailyLimitExceeded": { name: "dailyLimitExceeded" },
  "403 storageQuotaExceeded": { name: "storageQuotaExceeded", on: ["multipart", "start", "create"] },
  "403 teamDriveFileLimitExceeded": { name: "teamDriveFileLimitExceeded", on: ["multipart", "start", "create"] },
  "403 insufficientFilePermissions": { name: "insufficientFilePermissions" },
  "404 notFound": { name: "notFound" },
  "404 for a file that is there": { name: "notFound", on: "get" },
  "401 token revoked": { name: "tokenRevoked" },
  "500 internalError": { name: "internalError" },
  "502 bad gateway": { name: "badGateway" },
  "503 backendError": { name: "backendError" },
  "token: invalid_grant": { name: "invalid_grant" },
  "token: invalid_client": { name: "invalid_client" },
  "token: 500": { name: "internalError", on: "token" },
  "token: answer lost": { name: "answerLost", on: "token" },
  "answer lost": { name: "answerLost" },
  "answer lost: small upload": { name: "answerLost", on: "multipart" },
  "answer lost: session begun": { name: "answerLost", on: "start" },
  "answer lost: chunk": { name: "answerLost", on: "chunk" },
  "answer lost: folder made": { name: "answerLost", on: "create" },
  "answer lost: ids": { name: "answerLost", on: "generateIds" },
  "reset before anything is kept": { name: "resetBeforeCommit" },
  "reset in the middle of a body": { name: "resetMidChunk" },
  "reset in the middle of a chunk": { name: "resetMidChunk", on: "chunk" },
  "keeps less than was sent": { name: "keptFewer" },
  "keeps nothing": { name: "noRange" },
  "session gone, 404": { name: "sessionExpired", status: 404 },
  "session gone, 410": { name: "sessionExpired", status: 410 },
  "a byte changes on the way": { name: "corrupt" },
  "a byte changes in a chunk": { name: "corrupt", on: "chunk" },
  "never answers": { name: "stall", times: 1 },
  "answers late": { name: "slow", delayMs: 900 },
};

/** Somebody waits for half a minute or more. */
export const SLOW_FAULTS = new Set(["never answers", "stalls in the body"]);

/** A recording is gone for good afterwards: it takes three rounds of attempts until somebody is told. */
export const LASTING_FAULTS = new Set(["calls vanish meanwhile"]);
