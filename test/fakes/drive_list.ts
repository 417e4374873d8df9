import { randomBytes } from "node:crypto";
import { type Answer, type Call, meetFault, viewOf } from "./drive_call.ts";
import { parseQuery } from "./drive_query.ts";
import { refusal } from "./drive_refusals.ts";
import { listPresenter } from "./drive_resource.ts";
import { findFile, sees } from "./drive_rules.ts";
import { type DriveFile, FOLDER_TYPE } from "./drive_store.ts";

const MOST_LISTS = 50;
const ORDERS: Record<string, (file: DriveFile) => string | number> = {
  name: (file) => file.name.toLowerCase(),
  name_natural: (file) => file.name.toLowerCase(),
  createdTime: (file) => Date.parse(file.createdTime),
  modifiedTime: (file) => Date.parse(file.modifiedTime),
  folder: (file) => (file.mimeType === FOLDER_TYPE ? 0 : 1),
  quotaBytesUsed: (file) => file.size,
};

export function listFiles(call: Call): Answer {
  const { drive } = call;
  meetFault(call);
  const query = call.url.searchParams;
  const present = listPresenter(drive.store, drive.linkUrl, query.get("fields"));
  const pageSize = Number(query.get("pageSize") ?? 100);
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000) {
    throw refusal("invalidParameter", { message: "Invalid value for pageSize", location: "pageSize" });
  }
  const [listId = "", offsetText = "0"] = (query.get("pageToken") ?? "").split(".");
  const ids = listId ? drive.lists.get(listId) : search(call);
  const offset = Number(offsetText);
  if (!ids || !Number.isInteger(offset)) throw refusal("invalid", { location: "pageToken" });
  const end = offset + pageSize;
  const next = end < ids.length ? `${listId || rememberList(drive.lists, ids)}.${end}` : undefined;
  const files = ids.slice(offset, end).flatMap((id) => drive.store.get(id) ?? []);
  return { status: 200, body: present(files, next) };
}

/** What the query finds now, newest first; later pages show the same list. */
function search(call: Call): string[] {
  const { store, settings, now } = call.drive;
  const query = call.url.searchParams;
  const view = viewOf(call);
  const { test, parents } = parseQuery(query.get("q") ?? "");
  for (const id of parents) findFile(store, view, id);
  const driveId = driveOf(call);
  const includesShared = query.get("includeItemsFromAllDrives") === "true";
  const newestAt = now() - settings.searchLagMs;
  const rootParent = parents.includes("root") ? store.identity.rootId : null;
  const found: DriveFile[] = [];
  for (const file of store.files.values()) {
    const isTop = file.parents.length === 0;
    if (isTop || file.arrivedAt > newestAt || !sees(store, view, file)) continue;
    const isShared = store.isInSharedDrive(file);
    if (isShared ? !includesShared : driveId !== null) continue;
    const asked = { ...file, trashed: store.isTrashed(file) };
    if (rootParent && file.parents.includes(rootParent)) asked.parents = [...file.parents, "root"];
    if (test(asked)) found.push(file);
  }
  return sort(found.reverse(), query.get("orderBy")).map((file) => file.id);
}

/** The shared drive that a list is about; null for all that the caller has. */
function driveOf(call: Call): string | null {
  const query = call.url.searchParams;
  const driveId = query.get("driveId");
  if ((query.get("corpora") === "drive") !== (driveId !== null)) {
    const message = "The driveId parameter must be specified if and only if corpora is set to drive.";
    throw refusal("invalid", { message, location: "driveId" });
  }
  if (driveId === null) return null;
  if (driveId !== call.drive.store.identity.driveId) throw sharedDriveNotFound(driveId);
  if (query.get("includeItemsFromAllDrives") !== "true" || !viewOf(call).allDrives) {
    const message = "Both supportsAllDrives and includeItemsFromAllDrives must be true for a shared drive.";
    throw refusal("invalid", { message, location: "driveId" });
  }
  return driveId;
}

export function sharedDriveNotFound(id: string) {
  return refusal("notFound", { message: `Shared drive not found: ${id}`, location: "driveId" });
}

function sort(files: DriveFile[], orderBy: string | null): DriveFile[] {
  if (!orderBy) return files;
  const orders = orderBy.split(",").map((order) => {
    const [, key = "", direction] = /^\s*(\w+)(\s+desc)?\s*$/.exec(order) ?? [];
    const read = ORDERS[key];
    if (!read) throw refusal("invalid", { location: "orderBy" });
    return { read, sign: direction ? -1 : 1 };
  });
  return files.sort((one, other) => {
    for (const { read, sign } of orders) {
      const [a, b] = [read(one), read(other)];
      if (a !== b) return a < b ? -sign : sign;
    }
    return 0;
  });
}

function rememberList(lists: Map<string, string[]>, ids: string[]): string {
  const listId = `~!!~${randomBytes(12).toString("base64url")}`;
  lists.set(listId, ids);
  if (lists.size > MOST_LISTS) lists.delete(lists.keys().next().value ?? "");
  return listId;
}
