import type { IncomingMessage } from "node:http";
import type { FaultName, Operation } from "./drive_faults.ts";

const MOST_ENTRIES = 20_000;

export interface RequestEntry {
  at: number;
  operation: Operation | "unknown";
  method: string;
  /** Path and query. */
  url: string;
  /** `Content-Range`, as it was asked with. */
  range: string | null;
  /** Of the answer; `reset`, `silence` (never answered) or `aborted` (the client went away) where there was none. */
  status: number | "reset" | "silence" | "aborted" | "open";
  fault: FaultName | null;
  durationMs: number;
}

/** What was asked and how it ended: the last 20,000 requests, and counts of all. */
export class RequestLog {
  #entries: RequestEntry[] = [];
  #counts = new Map<string, number>();
  #openCount = 0;
  mostAtOnce = 0;

  get entries(): readonly RequestEntry[] {
    return this.#entries;
  }

  /** All requests of an operation, or all at all, also those that the log has dropped. */
  count(operation?: Operation | "unknown"): number {
    if (operation !== undefined) return this.#counts.get(operation) ?? 0;
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  clear(): void {
    this.#entries = [];
    this.#counts.clear();
    this.mostAtOnce = this.#openCount;
  }

  begin(operation: RequestEntry["operation"], { method = "", url = "", headers }: IncomingMessage): RequestEntry {
    const asked = { operation, method, url, range: headers["content-range"] ?? null };
    const entry: RequestEntry = { at: Date.now(), ...asked, status: "open", fault: null, durationMs: 0 };
    if (this.#entries.length >= MOST_ENTRIES) this.#entries = this.#entries.slice(MOST_ENTRIES / 2);
    this.#entries.push(entry);
    this.#counts.set(operation, this.count(operation) + 1);
    this.#openCount += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#openCount);
    return entry;
  }

  end(entry: RequestEntry, status: RequestEntry["status"], fault: FaultName | null): void {
    entry.status = status;
    entry.fault = fault;
    entry.durationMs = Date.now() - entry.at;
    this.#openCount -= 1;
  }
}
