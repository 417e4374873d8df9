import type { Call } from "./drive_call.ts";
import { refusal } from "./drive_refusals.ts";
import type { Draft, DriveFile } from "./drive_store.ts";

const TEXTS = ["id", "name", "mimeType", "description", "createdTime", "modifiedTime"] as const;
const READ_ONLY = ["size", "md5Checksum", "webViewLink", "webContentLink", "version", "capabilities", "driveId"];
const LONGEST_PROPERTY_BYTES = 124;
const MOST_PROPERTIES = 30;

/** A change of a file's metadata; a property set to null is taken away. */
export interface Changes extends Omit<Draft, "appProperties" | "properties"> {
  appProperties?: Record<string, string | null>;
  properties?: Record<string, string | null>;
}

/** Reads what a client says about a new file. */
export function draftOf(body: Record<string, unknown>): Draft {
  const { appProperties, properties, ...changes } = readChanges(body);
  return {
    ...changes,
    ...(appProperties && { appProperties: withoutNulls(appProperties) }),
    ...(properties && { properties: withoutNulls(properties) }),
  };
}

/** Reads what a client wants changed in a file. */
export function changesOf(body: Record<string, unknown>): Changes {
  if (body.parents !== undefined) {
    const advice = "Use the addParents and removeParents parameters instead.";
    const message = `The parents field is not directly writable in update requests. ${advice}`;
    throw refusal("fieldNotWritable", { message });
  }
  if (body.id !== undefined) throw refusal("fieldNotWritable");
  return readChanges(body);
}

/** The change as it applies to this file: properties are merged, not replaced. */
export function mergeProperties(file: DriveFile, { appProperties, properties, ...changes }: Changes): Draft {
  return {
    ...changes,
    ...(appProperties && { appProperties: withoutNulls({ ...file.appProperties, ...appProperties }) }),
    ...(properties && { properties: withoutNulls({ ...file.properties, ...properties }) }),
  };
}

/** The file's parents after `addParents` and `removeParents`. */
export function movedParents(call: Call, file: DriveFile): string[] {
  const read = (name: string) => call.url.searchParams.get(name)?.split(",") ?? [];
  const [added, removed] = [read("addParents"), read("removeParents")];
  const parents = [...new Set([...file.parents.filter((id) => !removed.includes(id)), ...added])];
  if (added.length > 0 && parents.length !== 1) {
    throw refusal("invalid", { message: "A file must have exactly one parent.", location: "addParents" });
  }
  return parents;
}

/** What a fault's `match` may name. */
export function subjectOf(draft: Changes): string {
  return `${draft.id ?? ""} ${draft.name ?? ""}`;
}

function readChanges(body: Record<string, unknown>): Changes {
  if (READ_ONLY.some((field) => field in body)) throw refusal("fieldNotWritable");
  const changes: Changes = {};
  for (const field of TEXTS) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") throw refusal("invalid", { location: field });
    changes[field] = value;
  }
  if (typeof body.trashed === "boolean") changes.trashed = body.trashed;
  if (body.parents !== undefined) changes.parents = readParents(body.parents);
  for (const field of ["appProperties", "properties"] as const) {
    if (body[field] !== undefined) changes[field] = readProperties(body[field], field);
  }
  return changes;
}

function readParents(value: unknown): string[] {
  const isList = Array.isArray(value) && value.every((id) => typeof id === "string");
  if (!isList) throw refusal("invalid", { location: "parents" });
  return value;
}

function readProperties(value: unknown, location: string): Record<string, string | null> {
  const entries = value !== null && typeof value === "object" ? Object.entries(value) : [];
  const fits = entries.every(
    ([key, text]) =>
      text === null || (typeof text === "string" && Buffer.byteLength(key + text) <= LONGEST_PROPERTY_BYTES),
  );
  if (fits && entries.length <= MOST_PROPERTIES) return Object.fromEntries(entries);
  const message = `At most ${MOST_PROPERTIES} properties, each of at most ${LONGEST_PROPERTY_BYTES} bytes.`;
  throw refusal("invalid", { message, location });
}

function withoutNulls(properties: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
}
