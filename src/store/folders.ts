import type { Sql } from "./open.ts";

/**
 * The ids of the sub-folders in Drive. The first worker that asks decides a folder's id (a reserved one, or that of the folder which is there
 * already); the others get the same one, so that no twins are made. `isMade`: whether somebody saw it in Drive.
 */
export function folderMemory(sql: Sql) {
  return {
    async find(parentId: string, name: string): Promise<string | undefined> {
      const [row] = await sql<{ id: string }[]>`
        select folder_id as id from callcenter.folders where parent_id = ${parentId} and name = ${name} and created_at is not null`;
      return row?.id;
    },

    async reserve(parentId: string, name: string, candidate: string): Promise<{ id: string; isMade: boolean }> {
      const [row] = await sql<{ id: string; isMade: boolean }[]>`
        insert into callcenter.folders as f (parent_id, name, folder_id) values (${parentId}, ${name}, ${candidate})
        on conflict (parent_id, name) do update set name = f.name
        returning folder_id as id, created_at is not null as "isMade"`;
      return row!;
    },

    /** The next upload finds the folder, or makes it anew. */
    async forget(id: string): Promise<void> {
      await sql`delete from callcenter.folders where folder_id = ${id}`;
    },

    async noteMade(id: string): Promise<void> {
      await sql`update callcenter.folders set created_at = coalesce(created_at, now()) where folder_id = ${id}`;
    },
  };
}
