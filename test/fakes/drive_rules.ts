import type { Caller } from "./drive_auth.ts";
import { notFound, refusal } from "./drive_refusals.ts";
import { type Draft, type DriveFile, type DriveStore, FOLDER_TYPE } from "./drive_store.ts";

const FULL_SCOPE = "https://www.googleapis.com/auth/drive";
const READ_ONLY_SCOPES = ["https://www.googleapis.com/auth/drive.readonly"];

/** Whose eyes look, and whether the request said `supportsAllDrives=true`. */
export interface View {
  caller: Caller;
  allDrives: boolean;
}

/** The file, or Google's 404: whether it is gone, hidden, or in a shared drive that was not asked for, Google never tells. */
export function findFile(store: DriveStore, view: View, id: string): DriveFile {
  const file = store.get(id);
  if (!file || !sees(store, view, file)) throw notFound(id);
  return file;
}

/** The file, provided that the caller may change it. */
export function findWritable(store: DriveStore, view: View, id: string): DriveFile {
  const file = findFile(store, view, id);
  if (!mayWrite(store, file)) throw refusal("insufficientFilePermissions");
  return file;
}

export function sees(store: DriveStore, { caller, allDrives }: View, file: DriveFile): boolean {
  if (!allDrives && store.isInSharedDrive(file)) return false;
  const seesEverything = [FULL_SCOPE, ...READ_ONLY_SCOPES].some((scope) => caller.scopes.has(scope));
  return (seesEverything || file.isOfApp) && !store.isUnder(file, store.hidden);
}

export function mayWrite(store: DriveStore, file: DriveFile): boolean {
  return !store.isUnder(file, store.readOnly);
}

/** Refuses what may not be created, before its first byte is read; `sizeBytes` is 0 when nobody told it. */
export function admitNew(store: DriveStore, view: View, draft: Draft, sizeBytes: number): void {
  refuseReadOnlyScopes(view.caller);
  if (draft.id !== undefined) checkId(store, draft.id);
  const parentIds = draft.parents ?? ["root"];
  if (parentIds.length !== 1) {
    throw refusal("invalid", { message: "A file must have exactly one parent.", location: "parents" });
  }
  const parent = store.get(parentIds[0] ?? "");
  const isRoot = parent?.id === store.identity.rootId;
  const found = isRoot ? parent : findFile(store, view, parentIds[0] ?? "");
  if (found.mimeType !== FOLDER_TYPE) {
    throw refusal("insufficientFilePermissions", { message: "The specified parent is not a folder." });
  }
  if (!mayWrite(store, found)) throw refusal("insufficientFilePermissions");
  if (draft.mimeType !== FOLDER_TYPE) makeRoom(store, view, found, sizeBytes);
}

/** A service account owns no storage: what it makes in anybody's My Drive is refused, however little it is. */
export function makeRoom(store: DriveStore, view: View, parent: DriveFile, moreBytes: number): void {
  if (view.caller.kind === "service" && !store.isInSharedDrive(parent)) {
    const advice =
      "Leverage shared drives (https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use OAuth delegation (http://support.google.com/a/answer/7281227) instead.";
    throw refusal("storageQuotaExceeded", { message: `Service Accounts do not have storage quota. ${advice}` });
  }
  const { limitBytes } = store.quota;
  if (limitBytes !== null && store.usedBytes + moreBytes > limitBytes) throw refusal("storageQuotaExceeded");
}

export function refuseReadOnlyScopes({ scopes }: Caller): void {
  const mayChange = [FULL_SCOPE, `${FULL_SCOPE}.file`].some((scope) => scopes.has(scope));
  if (!mayChange) throw refusal("insufficientPermissions");
}

function checkId(store: DriveStore, id: string): void {
  if (store.spentIds.has(id)) throw refusal("fileIdInUse", { location: "file.id" });
  if (store.readyIds.has(id)) return;
  throw refusal("invalid", { message: "The provided file ID is not usable.", location: "file.id" });
}
