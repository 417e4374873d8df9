import { SyncError } from "../errors.ts";
import { isSameOrigin } from "../origin.ts";
import type { Subject } from "./faults.ts";

/** The two addresses that the operator configured. */
interface Bases {
  apiUrl: URL;
  recordingBaseUrl: URL;
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Where a recording lies: below the base address, whether or not its path has a leading slash or repeats the base's own path; or at the
 * absolute address that the PBX wrote. Throws `recording_foreign_address` unless that is one of the two configured origins: a record's
 * address is somebody else's text.
 */
export function addressOf(path: string, { apiUrl, recordingBaseUrl }: Bases, subject: Subject): URL {
  const address = ABSOLUTE.test(path) ? path : below(recordingBaseUrl, path);
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || ![apiUrl, recordingBaseUrl].some((base) => isSameOrigin(url, base))) {
    throw new SyncError("recording_foreign_address", `${subject.cannot}: its address leads to another host`);
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  return url;
}

/** An address within the base's origin: even `../` cannot lead out of it. */
function below(base: URL, path: string): string {
  const root = base.pathname.replace(/\/+$/, "");
  const relative = path.replace(/^[/\\]+/, "");
  const own = root !== "" && `/${relative}`.startsWith(`${root}/`) ? relative.slice(root.length) : relative;
  return `${base.origin}${root}/${encoded(own)}${base.search}`;
}

/** Escapes what an address cannot hold; what is already escaped stays. A `?` may begin a query, a `#` is part of a name. */
function encoded(path: string): string {
  return encodeURI(path.toWellFormed())
    .replaceAll(/%25(?=[0-9a-f]{2})/gi, "%")
    .replaceAll("#", "%23")
    .replaceAll("\\", "%5C");
}
