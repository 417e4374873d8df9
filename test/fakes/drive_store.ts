import { randomBytes } from "node:crypto";
import { type Sealed, sealBytes } from "./drive_content.ts";

export const FOLDER_TYPE = "application/vnd.google-apps.folder";

export interface DriveFile {
  id: string;
  name: string;
  mimeType: string;
  parents: string[];
  size: number;
  md5: string;
  appProperties: Record<string, string>;
  properties: Record<string, string>;
  description: string;
  /** Trashed itself; `isTrashed` also asks its folders. */
  trashed: boolean;
  createdTime: string;
  modifiedTime: string;
  /** When it came to this Drive (search lags behind it), whatever `createdTime` claims. */
  arrivedAt: number;
  /** Made through the API: all that the scope drive.file sees. */
  isOfApp: boolean;
  version: number;
}

/** What a client says about a file. */
export type Draft = Partial<Omit<DriveFile, "size" | "md5" | "arrivedAt" | "isOfApp" | "version">>;

/** Which Drive this is; survives a restart. */
export interface Identity {
  kind: "shared" | "my";
  /** The shared drive, which is also its own top folder; null in My-Drive mode. */
  driveId: string | null;
  /** The caller's My Drive, `root` in queries and parents. */
  rootId: string;
  /** A folder ready for files: in the shared drive, or in My Drive. */
  folderId: string;
}

/** A change that must survive a restart. */
export type Change = { file: DriveFile; bytes: Buffer | null } | { removed: string } | { ids: string[] };

/** The files of one Drive. What callers may do with them is drive_rules.ts. */
export class DriveStore {
  readonly identity: Identity;
  readonly files = new Map<string, DriveFile>();
  readonly bytes = new Map<string, Buffer>();
  readonly readyIds = new Set<string>();
  readonly spentIds = new Set<string>();
  readonly hidden = new Set<string>();
  readonly readOnly = new Set<string>();
  quota: { limitBytes: number | null; otherBytes: number } = { limitBytes: null, otherBytes: 0 };
  keep: (change: Change) => void = () => {};
  readonly #now: () => number;
  #usedBytes = 0;

  constructor(identity: Identity, now: () => number) {
    this.identity = identity;
    this.#now = now;
  }

  get usedBytes(): number {
    return this.#usedBytes + this.quota.otherBytes;
  }

  generateIds(count: number): string[] {
    const ids = Array.from({ length: count }, newId);
    for (const id of ids) this.readyIds.add(id);
    this.keep({ ids });
    return ids;
  }

  get(id: string): DriveFile | undefined {
    return this.files.get(this.#realId(id));
  }

  /** Stores a new file; `sealed` is null for a folder or an empty file. */
  put(draft: Draft, sealed: Sealed | null, isOfApp: boolean): DriveFile {
    const arrivedAt = this.#now();
    const now = new Date(arrivedAt).toISOString();
    const file: DriveFile = {
      name: "Untitled",
      mimeType: "application/octet-stream",
      appProperties: {},
      properties: {},
      description: "",
      trashed: false,
      createdTime: now,
      modifiedTime: now,
      ...draft,
      id: draft.id ?? newId(),
      parents: (draft.parents ?? ["root"]).map((id) => this.#realId(id)),
      size: 0,
      md5: "",
      arrivedAt,
      isOfApp,
      version: 1,
    };
    this.#spend(file.id);
    this.files.set(file.id, file);
    this.#fill(file, sealed ?? (file.mimeType === FOLDER_TYPE ? null : sealBytes(Buffer.alloc(0))));
    return file;
  }

  /** Changes what `changes` names, and the content when there is any. */
  change(file: DriveFile, changes: Draft, sealed: Sealed | null = null): void {
    Object.assign(file, { modifiedTime: new Date(this.#now()).toISOString() }, changes);
    if (changes.parents) file.parents = changes.parents.map((id) => this.#realId(id));
    file.version += 1;
    this.#fill(file, sealed);
  }

  /** Removes a file for good, a folder with all that lies in it. Its id is never free again. */
  remove(file: DriveFile): void {
    this.#usedBytes -= file.size;
    this.files.delete(file.id);
    this.bytes.delete(file.id);
    this.keep({ removed: file.id });
    if (file.mimeType !== FOLDER_TYPE) return;
    for (const child of this.files.values()) if (child.parents.includes(file.id)) this.remove(child);
  }

  /** Takes over what a change said before a restart. */
  restore(change: Change): void {
    if ("ids" in change) for (const id of change.ids) this.readyIds.add(id);
    else if ("removed" in change) {
      this.#usedBytes -= this.files.get(change.removed)?.size ?? 0;
      this.files.delete(change.removed);
      this.#spend(change.removed);
    } else {
      this.#usedBytes += change.file.size - (this.files.get(change.file.id)?.size ?? 0);
      this.files.set(change.file.id, change.file);
      this.#spend(change.file.id);
    }
  }

  isTrashed(file: DriveFile): boolean {
    return file.trashed || this.#parentsOf(file).some((parent) => this.isTrashed(parent));
  }

  isUnder(file: DriveFile, marked: ReadonlySet<string>): boolean {
    if (marked.size === 0) return false;
    return marked.has(file.id) || this.#parentsOf(file).some((parent) => this.isUnder(parent, marked));
  }

  isInSharedDrive(file: DriveFile): boolean {
    const { driveId } = this.identity;
    if (driveId === null) return false;
    return file.id === driveId || this.#parentsOf(file).some((parent) => this.isInSharedDrive(parent));
  }

  #parentsOf(file: DriveFile): DriveFile[] {
    return file.parents.flatMap((id) => this.files.get(id) ?? []);
  }

  #fill(file: DriveFile, sealed: Sealed | null): void {
    if (sealed) {
      this.#usedBytes += sealed.sizeBytes - file.size;
      file.size = sealed.sizeBytes;
      file.md5 = sealed.md5;
      if (sealed.bytes) this.bytes.set(file.id, sealed.bytes);
    }
    this.keep({ file, bytes: sealed?.bytes ?? null });
  }

  #realId(id: string): string {
    return id === "root" ? this.identity.rootId : id;
  }

  #spend(id: string): void {
    this.readyIds.delete(id);
    this.spentIds.add(id);
  }
}

/** As Google's look: 33 characters, beginning with 1. */
export function newId(): string {
  return `1${randomBytes(24).toString("base64url")}`;
}

/** A Drive with its top folders and one folder for files. */
export function makeIdentity(kind: "shared" | "my"): Identity {
  const topId = () => `0A${randomBytes(12).toString("base64url")}9PVA`;
  return { kind, driveId: kind === "shared" ? topId() : null, rootId: topId(), folderId: newId() };
}
