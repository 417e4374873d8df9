import type { Open } from "./source.ts";

/** One recording to be brought to Drive. */
export interface UploadRequest {
  /** Reserved for this recording, and stored with it, before the first attempt: one recording is one file. */
  fileId: string;
  name: string;
  mimeType: string;
  parentId: string;
  appProperties: Record<string, string>;
  /** True where an earlier attempt may have made the file. */
  exists: boolean;
  /** Opens the recording at a byte. Asked once where all goes well. */
  open: Open;
  /** Sees each byte of the recording once, in order, before it is sent. */
  onChunk?(chunk: Uint8Array): void;
  /** The session that an earlier attempt saved. */
  session: string | null;
  /** Keeps the address of a session (a secret) for an attempt after this one; null forgets it. */
  saveSession(address: string | null): Promise<void>;
  signal?: AbortSignal;
}
