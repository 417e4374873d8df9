import { dayOf } from "../day.ts";
import type { Drive } from "./drive.ts";

/** Where the ids of sub-folders are kept, so that two workers make one folder: PostgreSQL, behind this. */
export interface FolderMemory {
  find(parentId: string, name: string): Promise<string | undefined>;
  reserve(parentId: string, name: string, candidate: string): Promise<{ id: string; isMade: boolean }>;
  noteMade(id: string): Promise<void>;
  forget(id: string): Promise<void>;
}

/** The sub-folders of a call under a layout such as `{YYYY}/{MM}/{DD}`; none under `flat`. */
export function folderNames(
  layout: string,
  call: { startedAt: Date; direction: string | null; disposition: string | null },
  zone: string,
): string[] {
  if (layout === "flat") return [];
  const [year = "", month = "", date = ""] = dayOf(call.startedAt, zone).split("-");
  const words: Record<string, string> = {
    YYYY: year,
    MM: month,
    DD: date,
    direction: call.direction ?? "unknown",
    disposition: call.disposition ?? "unknown",
  };
  return layout
    .split("/")
    .map((name) => name.replaceAll(/\{(\w+)\}/g, (_all, word) => words[word] ?? "").replaceAll("/", "_"));
}

/**
 * The id of the innermost folder. A folder that a person made is used; else it is made with an id that was kept before, so that whoever comes
 * second, also after a crash, makes the same one.
 */
export async function ensureFolders(
  drive: Drive,
  rootId: string,
  names: string[],
  memory: FolderMemory,
): Promise<string> {
  let parentId = rootId;
  for (const name of names) {
    parentId = (await memory.find(parentId, name)) ?? (await makeFolder(drive, parentId, name, memory));
  }
  return parentId;
}

/** Forgets the outermost of these folders that somebody deleted, so that the next upload makes it anew. */
export async function forgetLostFolder(
  drive: Drive,
  rootId: string,
  names: string[],
  memory: FolderMemory,
): Promise<void> {
  let parentId = rootId;
  for (const name of names) {
    const id = await memory.find(parentId, name);
    if (!id) return;
    if (await drive.isGone(id, parentId)) return memory.forget(id);
    parentId = id;
  }
}

async function makeFolder(drive: Drive, parentId: string, name: string, memory: FolderMemory): Promise<string> {
  const found = await drive.findFolder(name, parentId);
  const { id, isMade } = await memory.reserve(parentId, name, found ?? (await drive.reserveId()));
  if (!isMade && id !== found) await drive.createFolder({ id, name, parentId });
  await memory.noteMade(id);
  return id;
}
