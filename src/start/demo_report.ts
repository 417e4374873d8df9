import type { FakeDrive } from "../../test/fakes/drive.ts";
import type { FakePbx } from "../../test/fakes/pbx.ts";
import type { Day } from "../day.ts";
import type { Sql } from "../store/open.ts";

/** One day of the table that the demo ends with. */
export interface DayRow {
  day: Day;
  pbxCalls: number;
  calls: number;
  recordings: number;
  uploaded: number;
  bytes: number;
  seconds: number;
}

/** What our tables say of these days, beside what the simulated PBX knows. */
export async function reportDays(sql: Sql, pbx: FakePbx, days: readonly Day[]): Promise<DayRow[]> {
  const rows = await sql<Omit<DayRow, "pbxCalls">[]>`
    select d.day::text as day, d.records::int as calls, d.recordings::int as recordings, d.uploaded::int as uploaded,
           coalesce((select sum("driveSizeBytes") from "CallCenterRecord"
                      where "startTime" >= callcenter.day_start(d.day) and "startTime" < callcenter.day_start(d.day + 1)), 0)::float8 as bytes,
           coalesce((select extract(epoch from max(coalesce(r."driveVerifiedAt", log."endTime")) - min(log."startTime"))
                       from "CallCenterSyncLog" log
                       left join "CallCenterRecord" r
                         on r."startTime" >= callcenter.day_start(d.day) and r."startTime" < callcenter.day_start(d.day + 1)
                      where log."dateFrom" = callcenter.day_start(d.day)
                        and log."createdAt" = (select min("createdAt") from "CallCenterSyncLog" where "dateFrom" = log."dateFrom")), 0)::float8 as seconds
      from callcenter.days d where d.day = any (${days as Day[]}::date[]) order by d.day`;
  return rows.map((row) => ({ ...row, pbxCalls: pbx.calls.ofDay(row.day).length }));
}

/** What is lost, double or wrong between the simulated PBX, the table and the simulated Drive. All 0: everything is where it belongs. */
export interface Verdict {
  calls: number;
  recordings: number;
  lost: number;
  doubled: number;
  wrong: number;
}

/** Holds the PBX's truth against the table and the Drive, call by call and byte by byte (size and MD5). */
export async function judge(sql: Sql, pbx: FakePbx, drive: FakeDrive): Promise<Verdict> {
  const stored = await sql<{ uuid: string; fileId: string | null; url: string | null }[]>`
    select "uuid", "driveFileId" as "fileId", "googleDriveUrl" as url from "CallCenterRecord"`;
  const rows = new Map(stored.map((row) => [row.uuid, row]));
  const files = new Map(drive.files.map((file) => [file.id, file]));
  const verdict: Verdict = { calls: 0, recordings: 0, lost: 0, doubled: drive.twins().length, wrong: 0 };
  for (const { uuids, recordings } of Object.values(pbx.truth())) {
    verdict.calls += uuids.length;
    verdict.recordings += Object.keys(recordings).length;
    verdict.lost += uuids.filter((uuid) => !rows.has(uuid)).length;
    for (const [uuid, { sizeBytes, md5 }] of Object.entries(recordings)) {
      const row = rows.get(uuid);
      const file = row?.url && row.fileId ? files.get(row.fileId) : undefined;
      if (!file || file.trashed) verdict.lost++;
      else if (Number(file.size) !== sizeBytes || file.md5 !== md5) verdict.wrong++;
    }
  }
  return verdict;
}

/** The table, with a line of sums. */
export function formatReport(rows: readonly DayRow[]): string {
  const total = rows.reduce(
    (sum, row) => ({
      pbxCalls: sum.pbxCalls + row.pbxCalls,
      calls: sum.calls + row.calls,
      recordings: sum.recordings + row.recordings,
      uploaded: sum.uploaded + row.uploaded,
      bytes: sum.bytes + row.bytes,
      seconds: Math.max(sum.seconds, row.seconds),
    }),
    { pbxCalls: 0, calls: 0, recordings: 0, uploaded: 0, bytes: 0, seconds: 0 },
  );
  const heads = ["day", "PBX calls", "stored", "recordings", "in Drive", "bytes", "seconds"];
  const cells = (name: string, row: Omit<DayRow, "day">) => [
    name,
    ...[row.pbxCalls, row.calls, row.recordings, row.uploaded, row.bytes].map((n) => n.toLocaleString("en")),
    row.seconds.toFixed(1),
  ];
  const table = [heads, ...rows.map((row) => cells(row.day, row)), cells("all", total)];
  const widths = heads.map((_head, column) => Math.max(...table.map((line) => line[column]!.length)));
  const lines = table.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].join("\n");
}
