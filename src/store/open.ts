import postgres from "postgres";
import { arrayTypes } from "./array_types.ts";
import { type DatabaseAddress, searchPathOf } from "./database_url.ts";
import { openSocket } from "./socket.ts";

/** The database through `postgres`: single statements only (see ENGINEERING: a lost transaction leaks its slot for good). */
export type Sql = postgres.Sql;

/** A part of a statement. */
export type Piece = postgres.PendingQuery<postgres.Row[]>;

/** Both drivers read no other date style; a database or a user may be set to one. */
export const READABLE_DATES = "ISO, MDY";

/**
 * Makes a session's first message too long for postgres.js to hold it back. It would do so for ever after a connection that broke with
 * something unsent; so that goes out too, the server hangs up, and the next attempt is a clean one.
 */
const SENT_AT_ONCE = " ".repeat(1_024);

/**
 * Opens no connection yet; each is opened when needed and closed after a minute of rest. `forOneRequest`: for edge runtimes, where no client
 * outlives its request; nothing is prepared. `silenceMs`: a connection that is silent for so long is dead, and its statements fail; longer than
 * any statement may take, and than the minute of rest.
 */
export function openSql(
  address: DatabaseAddress,
  options: {
    max?: number;
    name?: string;
    statementTimeoutMs?: number;
    silenceMs?: number;
    forOneRequest?: boolean;
  } = {},
): Sql {
  return postgres({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    // Edge runtimes have sockets of their own.
    ...(options.forOneRequest
      ? { ssl: address.tls ? { rejectUnauthorized: address.tls.verify } : false }
      : { ssl: false, socket: () => openSocket(address, options.silenceMs) }),
    max: options.max ?? 10,
    idle_timeout: 60,
    connect_timeout: 10,
    // After an outage everything goes on within a few seconds, not after the driver's twenty.
    backoff: (retries: number) => Math.min(3 ** retries / 100, 2) * (0.5 + Math.random() / 2),
    prepare: !address.pooled && !options.forOneRequest,
    // Asked for its types on a connection that breaks, the driver leaves a rejection that nobody can catch, and the process ends.
    fetch_types: false,
    types: arrayTypes,
    onnotice: () => {},
    connection: {
      application_name: options.name ?? "callcenter-sync",
      DateStyle: READABLE_DATES, // Poolers know it, as they know application_name; what follows, they may refuse.
      ...(!address.pooled && {
        search_path: searchPathOf(address) + SENT_AT_ONCE,
        ...(options.statementTimeoutMs && { statement_timeout: options.statementTimeoutMs }),
      }),
    },
  });
}
