import { type Answer, beforeCommit, type Call, callerOf, meetFault, readJson, viewOf } from "./drive_call.ts";
import { changesOf, draftOf, mergeProperties, movedParents, subjectOf } from "./drive_draft.ts";
import { parseFields, pickFields } from "./drive_fields.ts";
import { sharedDriveNotFound } from "./drive_list.ts";
import { notFound, refusal } from "./drive_refusals.ts";
import { filePresenter } from "./drive_resource.ts";
import { admitNew, findFile, findWritable, mayWrite, refuseReadOnlyScopes } from "./drive_rules.ts";
import { type DriveFile, FOLDER_TYPE } from "./drive_store.ts";

export function generateIds(call: Call): Answer {
  meetFault(call);
  const query = call.url.searchParams;
  const count = Number(query.get("count") ?? 10);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    const message = `Invalid value '${query.get("count")}'. Values must be within the range: [1, 1000]`;
    throw refusal("invalidParameter", { message, location: "count" });
  }
  const space = query.get("space") ?? "drive";
  const body = { kind: "drive#generatedIds", space, ids: call.drive.store.generateIds(count) };
  const fields = query.get("fields");
  return { status: 200, body: fields ? pickFields(body, parseFields(fields)) : body };
}

/** A file without content: a folder, or empty. */
export async function createFile(call: Call): Promise<Answer> {
  const { store } = call.drive;
  const draft = draftOf(await readJson(call.body));
  meetFault(call, subjectOf(draft));
  const present = filePresenter(store, call.drive.linkUrl, call.url.searchParams.get("fields"));
  admitNew(store, viewOf(call), draft, 0);
  beforeCommit(call);
  return { status: 200, body: present(store.put(draft, null, true)) };
}

export function getFile(call: Call): Answer {
  const { store, linkUrl } = call.drive;
  meetFault(call);
  const file = findFile(store, viewOf(call), call.id);
  return { status: 200, body: filePresenter(store, linkUrl, call.url.searchParams.get("fields"))(file) };
}

export function downloadFile(call: Call): Answer {
  meetFault(call);
  return contentOf(call, findFile(call.drive.store, viewOf(call), call.id));
}

/** What a `webViewLink` of this fake shows: the file itself, to anybody. */
export function viewFile(call: Call): Answer {
  const file = call.drive.store.get(call.id);
  if (!file) throw notFound(call.id);
  return contentOf(call, file);
}

export async function patchFile(call: Call): Promise<Answer> {
  const { store, linkUrl } = call.drive;
  const changes = changesOf(await readJson(call.body));
  meetFault(call, subjectOf(changes));
  refuseReadOnlyScopes(callerOf(call));
  const view = viewOf(call);
  const file = findWritable(store, view, call.id);
  const present = filePresenter(store, linkUrl, call.url.searchParams.get("fields"));
  const parents = movedParents(call, file);
  for (const id of parents) if (!file.parents.includes(id)) findWritable(store, view, id);
  beforeCommit(call);
  store.change(file, { ...mergeProperties(file, changes), parents });
  return { status: 200, body: present(file) };
}

export function deleteFile(call: Call): Answer {
  const { store } = call.drive;
  meetFault(call);
  refuseReadOnlyScopes(callerOf(call));
  const file = findWritable(store, viewOf(call), call.id);
  beforeCommit(call);
  store.remove(file);
  return { status: 204 };
}

export function about(call: Call): Answer {
  meetFault(call);
  const fields = call.url.searchParams.get("fields");
  if (!fields) {
    throw refusal("required", { message: "The 'fields' parameter is required for this method.", location: "fields" });
  }
  const { store } = call.drive;
  const { email, kind } = callerOf(call);
  const used = kind === "service" ? 0 : store.usedBytes;
  const limit = kind === "service" ? 0 : store.quota.limitBytes;
  const body = {
    kind: "drive#about",
    user: { kind: "drive#user", displayName: email.split("@")[0], me: true, permissionId: "0123", emailAddress: email },
    storageQuota: {
      ...(limit !== null && { limit: String(limit) }),
      usage: String(used),
      usageInDrive: String(used),
      usageInDriveTrash: "0",
    },
  };
  return { status: 200, body: pickFields(body, parseFields(fields)) };
}

export function getSharedDrive(call: Call): Answer {
  meetFault(call);
  const { store } = call.drive;
  const top = call.id === store.identity.driveId ? store.get(call.id) : undefined;
  if (!top || store.hidden.has(top.id)) throw sharedDriveNotFound(call.id);
  const capabilities = { canAddChildren: mayWrite(store, top), canListChildren: true };
  const body = { kind: "drive#drive", id: top.id, name: top.name, createdTime: top.createdTime, capabilities };
  return { status: 200, body: pickFields(body, parseFields(call.url.searchParams.get("fields") ?? "kind,id,name")) };
}

function contentOf(call: Call, file: DriveFile): Answer {
  if (file.mimeType === FOLDER_TYPE) {
    throw refusal("insufficientFilePermissions", { message: "Only files with binary content can be downloaded." });
  }
  const bytes = call.drive.store.bytes.get(file.id);
  if (!bytes) throw refusal("internalError", { message: "This simulated Drive counts bytes without keeping them." });
  const headers: Record<string, string> = { "content-type": file.mimeType, "accept-ranges": "bytes" };
  const range = /^bytes=(\d+)-(\d*)$/.exec(call.request.headers.range ?? "");
  if (!range) return { status: 200, headers, body: bytes };
  const from = Number(range[1]);
  const end = Math.min(bytes.length, range[2] ? Number(range[2]) + 1 : bytes.length);
  if (from >= end) return { status: 416, headers: { "content-range": `bytes */${bytes.length}` } };
  headers["content-range"] = `bytes ${from}-${end - 1}/${bytes.length}`;
  return { status: 206, headers, body: bytes.subarray(from, end) };
}
