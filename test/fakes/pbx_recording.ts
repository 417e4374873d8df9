import type { SimulatedCall } from "./calls.ts";
import { type Fault, struckBy } from "./pbx_faults.ts";
import type { CallBook } from "./pbx_page.ts";
import { type Answer, whole } from "./pbx_send.ts";
import { blocksOf, type RecordingSpec, sizeOf } from "./recordings.ts";

const TYPES = { wav: "audio/wav", mp3: "audio/mpeg" };

/** The path below `baseUrl` at which a client finds a call's recording; undefined where it has none or it lies elsewhere. */
export function recordingPathname(book: CallBook, call: SimulatedCall, baseUrl: string): string | undefined {
  if (!call.recording) return undefined;
  const path = book.dialect.recordingPath(call, book.zone, book.domain);
  const base = new URL(baseUrl);
  const url = new URL(/^https?:/.test(path) ? path : `${baseUrl}/${path.replace(/^\/+/, "")}`);
  return url.origin === base.origin ? decoded(url.pathname) : undefined;
}

/** The call whose recording lies at a path, found by the uuid in it or, for paths of their own, by looking at them all. */
export function callAt(book: CallBook, pathname: string, baseUrl: string): SimulatedCall | undefined {
  const wanted = decoded(pathname).replaceAll(/\/{2,}/g, "/");
  const uuid = /([^/]+)\.(?:wav|mp3)$/.exec(wanted)?.[1] ?? "";
  const call = book.calls.get(uuid);
  if (call && recordingPathname(book, call, baseUrl) === wanted) return call;
  return [...book.calls.withOwnPath()].find((other) => recordingPathname(book, other, baseUrl) === wanted);
}

/** The recording, or the part of it that `range` asks for. */
export function recordingAnswer(call: SimulatedCall, range: string | undefined, faults: Fault[]): Answer {
  const spec = spoilt(call.recording!, faults);
  if (struckBy(faults, "empty")) return whole(200, TYPES[spec.format], "");
  const early = struckBy(faults, "ends_early");
  const size = sizeOf(early ? { ...spec, seconds: Math.min(early.seconds, spec.seconds) } : spec);
  const headers: Record<string, string> = { "Content-Type": TYPES[spec.format] };
  if (struckBy(faults, "ignore_range")) return part(spec, call.uuid, 200, headers, 0, size);
  headers["Accept-Ranges"] = "bytes";
  const span = range === undefined ? undefined : spanOf(range, size);
  if (span === undefined) return part(spec, call.uuid, 200, headers, 0, size);
  if (span === null) return whole(416, "text/plain", "", { "Content-Range": `bytes */${size}` });
  headers["Content-Range"] = `bytes ${span.from}-${span.to - 1}/${size}`;
  return part(spec, call.uuid, 206, headers, span.from, span.to);
}

function part(
  spec: RecordingSpec,
  seed: string,
  status: number,
  headers: Record<string, string>,
  from: number,
  to: number,
): Answer {
  return { status, headers, sizeBytes: to - from, blocks: blocksOf(spec, seed, from, to) };
}

function spoilt(spec: RecordingSpec, faults: Fault[]): RecordingSpec {
  if (struckBy(faults, "header_only")) return { format: "wav", seconds: 0 };
  const short = struckBy(faults, "short_audio");
  return short ? { ...spec, seconds: Math.min(short.seconds, spec.seconds) } : spec;
}

/** RFC 9110 §14: one span; undefined where the header is to be ignored, null where it cannot be satisfied. */
function spanOf(range: string, size: number): { from: number; to: number } | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range);
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  if (match[1] === "") {
    const last = Math.min(Number(match[2]), size);
    return last === 0 ? null : { from: size - last, to: size };
  }
  const from = Number(match[1]);
  const to = match[2] === "" ? size : Math.min(Number(match[2]) + 1, size);
  if (from >= size) return null;
  return from < to ? { from, to } : undefined;
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
