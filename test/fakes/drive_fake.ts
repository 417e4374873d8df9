import type { Drive } from "./drive_call.ts";
import { sealBytes } from "./drive_content.ts";
import type { Faults } from "./drive_faults.ts";
import type { RequestLog } from "./drive_log.ts";
import type { Port } from "./drive_server.ts";
import { type Draft, type DriveFile, FOLDER_TYPE } from "./drive_store.ts";
import { findTwins, type Twin } from "./drive_twins.ts";

export interface NewFile extends Draft {
  bytes?: Buffer;
}

/**
 * A Google Drive of one's own: a real HTTP server on 127.0.0.1 that speaks Drive v3, resumable uploads and OAuth as
 * Google does, fails on demand, and lets itself be inspected.
 */
export class FakeDrive {
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Where other processes steer it; null unless asked for. */
  readonly controlUrl: string | null;
  readonly #drive: Drive;
  readonly #apiPort: Port;
  readonly #controlPort: Port | null;

  constructor(drive: Drive, requests: RequestLog, apiPort: Port, controlPort: Port | null) {
    this.#drive = drive;
    this.#apiPort = apiPort;
    this.#controlPort = controlPort;
    this.requests = requests;
    this.faults = drive.faults;
    this.controlUrl = controlPort && `http://127.0.0.1:${controlPort.number}/_control/`;
  }

  /** Ends with a slash. */
  get rootUrl(): string {
    return this.#drive.rootUrl;
  }

  get tokenUrl(): string {
    return `${this.rootUrl}token`;
  }

  /** A folder ready for files. */
  get folderId(): string {
    return this.#drive.store.identity.folderId;
  }

  get driveId(): string | null {
    return this.#drive.store.identity.driveId;
  }

  /** Copies of all files, trashed ones included, oldest first. */
  get files(): DriveFile[] {
    return this.#select((file) => file.mimeType !== FOLDER_TYPE);
  }

  /** Copies of all folders, the top ones included. */
  get folders(): DriveFile[] {
    return this.#select((file) => file.mimeType === FOLDER_TYPE);
  }

  get usedBytes(): number {
    return this.#drive.store.usedBytes;
  }

  get latencyMs(): number {
    return this.#drive.settings.latencyMs;
  }

  set latencyMs(value: number) {
    this.#drive.settings.latencyMs = value;
  }

  get searchLagMs(): number {
    return this.#drive.settings.searchLagMs;
  }

  set searchLagMs(value: number) {
    this.#drive.settings.searchLagMs = value;
  }

  get clockOffsetMs(): number {
    return this.#drive.settings.clockOffsetMs;
  }

  set clockOffsetMs(value: number) {
    this.#drive.settings.clockOffsetMs = value;
  }

  get tokenLifetimeSeconds(): number {
    return this.#drive.accounts.lifetimeSeconds;
  }

  set tokenLifetimeSeconds(value: number) {
    this.#drive.accounts.lifetimeSeconds = value;
  }

  serviceAccountCredentials() {
    return this.#drive.accounts.serviceAccountCredentials();
  }

  authorizedUserCredentials() {
    return this.#drive.accounts.authorizedUserCredentials();
  }

  /** Clients must ask for new tokens. */
  revokeAccessTokens(): void {
    this.#drive.accounts.revokeAccessTokens();
  }

  /** The user has withdrawn the consent: `invalid_grant` from now on. */
  revokeRefreshToken(): void {
    this.#drive.accounts.revokeRefreshToken();
  }

  /** The content of a file that keeps its bytes; throws where there is none. */
  bytes(id: string): Buffer {
    const bytes = this.#drive.store.bytes.get(id);
    if (!bytes) throw new Error(`There are no bytes of file "${id}"`);
    return bytes;
  }

  /** Puts a file there as a person would, by default into the ready folder: the scope drive.file does not see it. */
  addFile({ bytes, ...draft }: NewFile): DriveFile {
    const sealed = bytes === undefined ? null : sealBytes(bytes);
    return { ...this.#drive.store.put({ parents: [this.folderId], ...draft }, sealed, false) };
  }

  addFolder(name: string, parentId = this.folderId): DriveFile {
    return this.addFile({ name, parents: [parentId], mimeType: FOLDER_TYPE });
  }

  trash(id: string, trashed = true): void {
    this.#drive.store.change(this.#find(id), { trashed });
  }

  /** Deletes a file or folder for good. */
  remove(id: string): void {
    this.#drive.store.remove(this.#find(id));
  }

  /** Changes a file's content or its metadata, as somebody else would. */
  alter(id: string, change: Buffer | Draft): void {
    const isContent = change instanceof Uint8Array;
    this.#drive.store.change(this.#find(id), isContent ? {} : change, isContent ? sealBytes(change) : null);
  }

  /** Everything in the folder becomes 404, as if it were no longer shared. */
  hide(id: string, hidden = true): void {
    if (hidden) this.#drive.store.hidden.add(id);
    else this.#drive.store.hidden.delete(id);
  }

  /** The caller may look into the folder, not change it. */
  makeReadOnly(id: string, readOnly = true): void {
    if (readOnly) this.#drive.store.readOnly.add(id);
    else this.#drive.store.readOnly.delete(id);
  }

  /** Storage of the Drive and what others use of it; null is endless. */
  setQuota(limitBytes: number | null, otherBytes = 0): void {
    this.#drive.store.quota = { limitBytes, otherBytes };
  }

  /** What is there twice and not in the trash; should be empty. */
  twins(): Twin[] {
    const { store } = this.#drive;
    return findTwins(store.files.values(), (file) => store.isTrashed(file));
  }

  /** A real outage: connections are reset and refused; it comes back on the same port, open sessions included. */
  async setDown(isDown: boolean): Promise<void> {
    await (isDown ? this.#apiPort.close() : this.#apiPort.open());
  }

  async close(): Promise<void> {
    await Promise.all([this.#apiPort.close(), this.#controlPort?.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #find(id: string): DriveFile {
    const file = this.#drive.store.get(id);
    if (!file) throw new Error(`There is no file "${id}"`);
    return file;
  }

  #select(isWanted: (file: DriveFile) => boolean): DriveFile[] {
    return [...this.#drive.store.files.values()].filter(isWanted).map((file) => ({ ...file }));
  }
}
