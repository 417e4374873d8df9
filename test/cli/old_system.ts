import { readFile } from "node:fs/promises";
import type { Sql } from "../../src/store/open.ts";

/** The two tables as `prisma migrate` makes them of the old system's models. */
const PRISMA = new URL("../fakes/prisma.sql", import.meta.url);

/** Makes the old system's tables, with so many calls (every fifth recording has no link) and one failed log. */
export async function makeOldSystem(sql: Sql, calls: number): Promise<void> {
  await sql.unsafe(await readFile(PRISMA, "utf8")).simple();
  await sql`
    insert into "CallCenterRecord" ("id", "uuid", "startTime", "recordingPath", "googleDriveUrl", "updatedAt")
    select 'c' || n, 'u' || n, timestamp '2024-01-14 10:00' + n * interval '1 second', n || '.wav',
           case when n % 5 > 0 then 'https://drive.google.com/file/d/file' || n || '/view' end, now()
      from generate_series(1, ${calls}) n`;
  await sql`
    insert into "CallCenterSyncLog" ("id", "syncType", "status", "startTime", "dateFrom", "dateTo", "updatedAt")
    values ('l1', 'daily', 'failed', now(), '2024-01-14', '2024-01-14', now())`;
}
