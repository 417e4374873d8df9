import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Call } from "../../src/call.ts";
import { saveCalls } from "../../src/store/calls.ts";
import { checkCalls, noteSeenFiles, type SeenFile } from "../../src/store/drive_files.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { callsOf, YESTERDAY } from "../world.ts";

const CALLS = 2_000;
const PAGE = 500;
const DAY_MS = 86_400_000;
/** Older than this a proof is renewed. */
const STALE_DAYS = 61;

let database: TestDatabase;
let calls: Call[];
let files: SeenFile[];

beforeAll(async () => {
  database = await createDatabase();
  const { sql } = database;
  calls = callsOf(YESTERDAY, CALLS).map(({ uuid }) => ({
    uuid,
    callerId: "0901234567",
    callerName: null,
    destination: "19001234",
    direction: "inbound",
    durationSeconds: 9,
    billSeconds: 5,
    startedAt: new Date(),
    answeredAt: null,
    endedAt: null,
    disposition: "ANSWERED",
    recordingPath: `${uuid}.mp3`,
    raw: {},
  }));
  await saveCalls(sql, calls, { uploads: false });
  files = calls.map(({ uuid }) => ({
    id: `file-of-${uuid}`,
    uuid,
    name: `${uuid}.mp3`,
    sizeBytes: 1_000,
    md5: "0cc175b9c0f1b6a831c399e269772661",
    url: `https://drive.test/${uuid}`,
    trashed: false,
  }));
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`
    update "CallCenterRecord" set
      "googleDriveUrl" = 'https://drive.test/' || "uuid", "driveFileId" = 'file-of-' || "uuid", "driveSizeBytes" = 1000,
      "driveMd5" = '0cc175b9c0f1b6a831c399e269772661', "driveVerifiedAt" = now() - interval '3 days', "uploadedPath" = "recordingPath"`;
});

/** A look that sees all files, and what it says of all calls, page by page. */
async function look(at: Date) {
  const { sql } = database;
  await noteSeenFiles(sql, files, at);
  const pages = [];
  for (let after: string | null = ""; after !== null; ) {
    const page: Awaited<ReturnType<typeof checkCalls>> = await checkCalls(sql, at, { after, limit: PAGE });
    pages.push(page);
    after = page.last;
  }
  return pages;
}

const shuffled = <T>(list: readonly T[]) =>
  list
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

test("a look writes the calls whose proof is old, and no other", async () => {
  const { sql } = database;
  const old = calls.slice(0, 3).map(({ uuid }) => uuid);
  await sql`
    update "CallCenterRecord" set "driveVerifiedAt" = now() - ${STALE_DAYS} * interval '1 day' where "uuid" = any (${old})`;
  const rows = () => sql`select "uuid", ctid::text as place from "CallCenterRecord" order by "uuid"`;
  const before = await rows();
  const pages = await look(new Date());
  expect(pages.map(({ verified }) => verified)).toEqual([PAGE, PAGE, PAGE, PAGE, 0]);
  const after = await rows();
  const written = after.filter(({ place }, nth) => place !== before[nth]?.place).map(({ uuid }) => uuid);
  expect(written).toEqual([...old].sort());
});

test("a link of the old system proves nothing of another recording that the PBX names by now", async () => {
  const { sql } = database;
  const [replaced, unchanged] = calls.map(({ uuid }) => uuid) as [string, string];
  await sql`
    update "CallCenterRecord" set "googleDriveUrl" = 'https://drive.test/file/d/' || "driveFileId" || '/view', "driveFileId" = null,
           "driveMd5" = null, "driveVerifiedAt" = null, "uploadedPath" = case when "uuid" = ${replaced} then 'older.mp3' end
     where "uuid" in (${replaced}, ${unchanged})`;
  await look(new Date());
  const unproved = await sql`select "uuid" from "CallCenterRecord" where "driveVerifiedAt" is null`;
  expect(unproved).toEqual([{ uuid: replaced }]);
});

test("looks and syncs of the same calls at the same time never wait for each other in a ring", async () => {
  const { sql } = database;
  const looks = async () => {
    for (let nth = 1; nth <= 6; nth++) await look(new Date(Date.now() + nth * STALE_DAYS * DAY_MS));
  };
  const syncs = async (first: number) => {
    for (let nth = first; nth < first + 12; nth++) {
      const changed = shuffled(calls).map((call) => ({ ...call, durationSeconds: nth }));
      await saveCalls(sql, changed, { uploads: false });
    }
  };
  await Promise.all([looks(), syncs(100), syncs(200)]);
  const [row] = await sql`select deadlocks::int from pg_stat_database where datname = current_database()`;
  expect(row?.deadlocks).toBe(0);
});
