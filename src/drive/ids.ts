import { SyncError } from "../errors.ts";
import type { Google } from "./google.ts";

/** Ids asked for at once: one question a hundred recordings. */
const BATCH = 100;

/** Hands out ids to make files with, each once. Those left over when the process ends are lost, and nobody misses them. */
export function createIdStore(google: Google): () => Promise<string> {
  const ids: string[] = [];
  let refill: Promise<void> | null = null;

  async function fetchIds(): Promise<void> {
    const doing = "reserve file ids in Google Drive";
    const { body } = await google.call(doing, (api, options) =>
      api.files.generateIds({ count: BATCH, space: "drive", type: "files" }, options),
    );
    const fresh = (body as { ids?: unknown }).ids;
    if (!Array.isArray(fresh) || fresh.length === 0) {
      throw new SyncError("drive_bad_answer", `Cannot ${doing}: Google gave none`);
    }
    ids.push(...fresh.filter((id) => typeof id === "string"));
  }

  return async () => {
    for (;;) {
      const id = ids.pop();
      if (id !== undefined) return id;
      refill ??= fetchIds().finally(() => {
        refill = null;
      });
      await refill;
    }
  };
}
