import type { Client } from "./rescue.ts";

/**
 * Jobs with a key that failed in this process. Another may have taken the key, and with it all further attempts, before the failure was
 * written: it does the work, and as a failure the old row would lie in the queue for good.
 */
export class Superseded {
  readonly #suspects = new Set<string>();

  suspect(id: string): void {
    this.#suspects.add(id);
  }

  /** Forgets those that were replaced; whose failure is not written yet is looked at again the next time. */
  async forget(client: Client): Promise<void> {
    if (this.#suspects.size === 0) return;
    const ids = [...this.#suspects];
    const { rows } = await client.query<{ id: string; is_locked: boolean; is_replaced: boolean }>(
      `select id::text, locked_at is not null as is_locked, key is null as is_replaced
         from graphile_worker.jobs where id = any ($1::bigint[])`,
      [ids],
    );
    const left = new Map(rows.map((row) => [row.id, row]));
    const replaced = rows.filter((row) => !row.is_locked && row.is_replaced).map(({ id }) => id);
    await client.query("select count(*) from graphile_worker.complete_jobs($1::bigint[])", [replaced]);
    for (const id of ids) if (!left.get(id)?.is_locked) this.#suspects.delete(id);
  }
}
