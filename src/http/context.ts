import type { Log, Redact } from "../log.ts";
import type { Sql } from "../store/open.ts";

/** All that the HTTP app has. It may be made for one request alone, as edge runtimes want it. */
export interface HttpContext {
  sql: Sql;
  /** IANA zone of the business: the environment's, until it is known in which the workers count days. */
  zone: string;
  /** The bearer token of the API and the dashboard's password; undefined closes both. */
  apiToken: string | undefined;
  /** Undefined opens /metrics. */
  metricsToken: string | undefined;
  now(): Date;
  log: Log;
  redact: Redact;
  version: string;
  /** Which half of the service this process is: `all`, `web` or `worker`. */
  role: string;
  /** What this process alone can tell (memory, event loop), as Prometheus text. */
  processMetrics?(): Promise<string>;
  /** A file of Swagger UI by its name; undefined where there is none. */
  asset?(name: string): Promise<{ body: Uint8Array; type: string } | undefined>;
}

/** What Hono carries through one request. */
export interface HttpEnv {
  Variables: {
    /** Stands in the answer's `X-Request-Id`, in problems and in the log. */
    requestId: string;
  };
}
