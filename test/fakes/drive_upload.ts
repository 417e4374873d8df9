import { type Answer, beforeCommit, type Call, callerOf, meetFault, parseJson, Reset, viewOf } from "./drive_call.ts";
import { Content, type Sealed, spoil } from "./drive_content.ts";
import { changesOf, draftOf, mergeProperties, subjectOf } from "./drive_draft.ts";
import { openMultipart } from "./drive_multipart.ts";
import { filePresenter } from "./drive_resource.ts";
import { admitNew, findFile, findWritable, makeRoom, refuseReadOnlyScopes, type View } from "./drive_rules.ts";
import type { Draft, DriveFile } from "./drive_store.ts";

/** A file or a new content that was admitted and waits for its bytes. */
export interface Upload {
  subject: string;
  /** Refuses again what has become impossible meanwhile; else stores it and gives the answer. */
  commit: (sealed: Sealed) => Answer;
}

/** Metadata and bytes in one request. */
export async function uploadMultipart(call: Call): Promise<Answer> {
  const { request } = call;
  const parts = await openMultipart(call.body, request.headers["content-type"] ?? "");
  const body = parseJson(parts.metadata);
  meetFault(call, subjectOf(call.id ? changesOf(body) : draftOf(body)));
  const upload = admitUpload(call, body, parts.mediaType, Number(request.headers["content-length"] ?? 0));
  return upload.commit(await receive(call, parts.media));
}

/** Bytes alone: `uploadType=media`. */
export async function uploadMedia(call: Call): Promise<Answer> {
  const { request } = call;
  meetFault(call);
  const sizeBytes = Number(request.headers["content-length"] ?? 0);
  const upload = admitUpload(call, {}, request.headers["content-type"] ?? null, sizeBytes);
  return upload.commit(await receive(call, call.body));
}

/** Checks everything that can be checked before the first byte: ids, folders, permissions, room, the `fields` mask. */
export function admitUpload(
  call: Call,
  body: Record<string, unknown>,
  mediaType: string | null,
  sizeBytes: number,
): Upload {
  const { store, linkUrl } = call.drive;
  const view = viewOf(call);
  const present = filePresenter(store, linkUrl, call.url.searchParams.get("fields"));
  if (call.id) return admitNewContent(call, view, body, mediaType, sizeBytes, present);
  const draft = draftOf(body);
  draft.mimeType ??= mediaType ?? "application/octet-stream";
  admitNew(store, view, draft, sizeBytes);
  return {
    subject: subjectOf(draft),
    commit: (sealed) => {
      admitNew(store, view, draft, sealed.sizeBytes);
      return { status: 200, body: present(store.put(draft, sealed, true)) };
    },
  };
}

function admitNewContent(
  call: Call,
  view: View,
  body: Record<string, unknown>,
  mediaType: string | null,
  sizeBytes: number,
  present: (file: DriveFile) => unknown,
): Upload {
  const { store } = call.drive;
  refuseReadOnlyScopes(callerOf(call));
  const changes = changesOf(body);
  const check = (newBytes: number) => {
    const file = findWritable(store, view, call.id);
    makeRoom(store, view, file, newBytes - file.size);
    return file;
  };
  check(sizeBytes);
  return {
    subject: `${call.id} ${subjectOf(changes)}`,
    commit: (sealed) => {
      const file = check(sealed.sizeBytes);
      const change: Draft = { mimeType: mediaType ?? file.mimeType, ...mergeProperties(file, changes) };
      store.change(file, change, sealed);
      return { status: 200, body: present(findFile(store, view, call.id)) };
    },
  };
}

/** Reads a whole body, with what the call's fault does to it on the way. */
async function receive(call: Call, media: AsyncIterable<Buffer>): Promise<Sealed> {
  const { fault, request } = call;
  const content = new Content(call.drive.keepsBytes);
  const declaredBytes = Number(request.headers["content-length"] ?? 0);
  const breakAfterBytes = fault?.name === "resetMidChunk" ? (fault.keepBytes ?? declaredBytes / 2) : Number.NaN;
  let receivedBytes = 0;
  for await (const part of media) {
    const isSpoilt = fault?.name === "corrupt" && receivedBytes === 0;
    content.write(isSpoilt ? spoil(part) : part);
    receivedBytes += part.length;
    if (receivedBytes >= breakAfterBytes) throw new Reset();
  }
  beforeCommit(call);
  return content.seal();
}
