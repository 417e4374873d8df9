export interface PbxConfig {
  apiUrl: URL;
  recordingBaseUrl: URL;
  domain: string;
  auth: { kind: "bearer"; key: string } | { kind: "basic"; userPassword: string } | { kind: "none" };
  /** `auto`: told by the first answer; else the name of a dialect. */
  dialect: string;
  /** Records asked for at once. */
  pageSize: number;
  /** The zone in which the PBX's naive times are read, and whose days are read. */
  zone: string;
  caPem?: string | undefined;
  tlsInsecure: boolean;
  timeouts?: Partial<Timeouts>;
  /** Waits before a page is asked for again; jitter is added. */
  retryDelaysMs?: readonly number[];
}

export interface Timeouts {
  /** For the connection (Node; on Deno it counts as part of the next). */
  connectMs: number;
  /** Until the answer begins. */
  headersMs: number;
  /** Longest silence in the middle of an answer. */
  stallMs: number;
}
