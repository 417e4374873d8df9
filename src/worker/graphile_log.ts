import { Logger } from "graphile-worker";
import type { Log } from "../log.ts";

/** What Graphile Worker says, in our log. A job's end is not among it: the job's own line says that, and better. */
export function graphileLogger(log: Log): Logger {
  const worker = log.named("callcenter.worker");
  return new Logger(() => (level, message, meta) => {
    if (meta?.failure || meta?.success) return;
    if (level === "error" || level === "warning") worker.warn(message);
    else worker.debug(message);
  });
}
