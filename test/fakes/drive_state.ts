import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Secrets } from "./drive_auth.ts";
import type { Change, DriveStore, Identity } from "./drive_store.ts";

/** What makes a Drive this one and no other. */
export interface Origin {
  identity: Identity;
  secrets: Secrets;
}

/** A Drive's files, ids and credentials in a folder, so that the next start goes on with them. */
export class StateFolder {
  #path: string;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(join(path, "content"), { recursive: true });
  }

  /** Identity and secrets as they were, or the given new ones, which stay from now on. */
  async originOr(makeOrigin: () => Promise<Origin>): Promise<Origin> {
    const file = join(this.#path, "drive.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
    const origin = await makeOrigin();
    writeFileSync(file, JSON.stringify(origin), { mode: 0o600 });
    return origin;
  }

  /** Fills the store, then writes down each change of it, one line each; a last line cut short by a crash is ignored. */
  attach(store: DriveStore): void {
    const journal = join(this.#path, "changes.jsonl");
    const lines = existsSync(journal) ? readFileSync(journal, "utf8").split("\n") : [];
    const whole = lines.slice(0, -1);
    for (const line of whole) store.restore(JSON.parse(line));
    if (lines.at(-1)) writeFileSync(journal, whole.map((line) => `${line}\n`).join(""));
    for (const id of store.files.keys()) {
      const content = this.#contentOf(id);
      if (existsSync(content)) store.bytes.set(id, readFileSync(content));
    }
    store.keep = (change) => {
      if ("file" in change && change.bytes) writeFileSync(this.#contentOf(change.file.id), change.bytes);
      if ("removed" in change) rmSync(this.#contentOf(change.removed), { force: true });
      appendFileSync(journal, `${JSON.stringify(withoutBytes(change))}\n`);
    };
  }

  #contentOf(id: string): string {
    return join(this.#path, "content", id);
  }
}

function withoutBytes(change: Change): Change {
  return "file" in change ? { file: change.file, bytes: null } : change;
}
