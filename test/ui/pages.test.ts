import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { findVerdictFacts } from "../../src/store/dashboard_verdict.ts";
import { openSite, type Site } from "./site.ts";

let troubled: Site;
let calm: Site;
beforeAll(async () => {
  [troubled, calm] = await Promise.all([openSite("troubled"), openSite("calm", 40)]);
});
afterAll(() => Promise.all([troubled.database.drop(), calm.database.drop()]));

const sentenceOf = (page: string) => /<h1>([^<]*)<\/h1>/.exec(page)?.[1];
const colourOf = (page: string) => /class="verdict (\w+)"/.exec(page)?.[1];

describe("the sentence on top", () => {
  test("says that all is archived, in green, where it is", async () => {
    const page = await calm.text("/ui/");
    expect([sentenceOf(page), colourOf(page)]).toEqual(["Everything is archived.", "ok"]);
    expect(page).toContain("on 40 days since");
  });

  test("says how many days are open and what to do first, in red, where a neighbour refuses", async () => {
    const page = await troubled.text("/ui/");
    expect(sentenceOf(page)).toMatch(/^\d+ days are not fully archived\.$/);
    expect(colourOf(page)).toBe("bad");
    expect(page).toContain("Do first: Make room in Google Drive");
  });

  test("says that nothing has been fetched, where nothing has", async () => {
    const empty = await openSite("empty");
    try {
      expect(sentenceOf(await empty.text("/ui/"))).toBe("No worker is running.");
      await empty.database.sql`insert into callcenter.worker_leases (process_id, instance) values ('one', 'one')`;
      const page = await empty.text("/ui/");
      expect([sentenceOf(page), colourOf(page)]).toEqual(["Nothing has been fetched yet.", "none"]);
    } finally {
      await empty.database.drop();
    }
  });

  test("says in blue that work is under way where nobody need act", async () => {
    const { sql } = calm.database;
    const day = calm.seeded.days.complete;
    await sql`update "CallCenterRecord" set "googleDriveUrl" = null where "uuid" = ${calm.seeded.calls.uploaded.uuid}`;
    calm.restart();
    const page = await calm.text("/ui/");
    expect([sentenceOf(page), colourOf(page)]).toEqual(["One day is not fully archived.", "work"]);
    expect(page).toContain("1 recording on the way to Drive");
    expect(await calm.text(`/ui/days/${day}`)).toContain("under way");
    await sql`update "CallCenterRecord" set "googleDriveUrl" = 'https://drive.google.com/x' where "googleDriveUrl" is null and "recordingPath" is not null`;
  });

  test("warns where the worker is gone or the schedule is off", async () => {
    const { sql } = calm.database;
    await sql`update callcenter.worker_leases set heartbeat_at = now() - interval '5 minutes'`;
    await sql`update callcenter.settings set value = 'false' where key = 'sync_enabled'`;
    calm.restart();
    const page = await calm.text("/ui/");
    expect([sentenceOf(page), colourOf(page)]).toEqual(["No worker is running.", "bad"]);
    expect(page).toContain("The schedule is switched off.");
    expect(page).toContain("Nothing is scheduled.");
    await sql`update callcenter.worker_leases set heartbeat_at = now()`;
    await sql`update callcenter.settings set value = 'true' where key = 'sync_enabled'`;
  });

  test("counts the same days as callcenter.days", async () => {
    for (const { database } of [troubled, calm]) {
      const facts = await findVerdictFacts(database.sql);
      const [view] = await database.sql`
        select count(*) filter (where complete)::int as complete, count(*) filter (where not complete)::int as open
          from callcenter.days where day < callcenter.local_day(now())`;
      expect({ complete: facts.completeDays, open: facts.openDays }).toEqual(view);
    }
  });
});

describe("the overview", () => {
  test("shows each day in its state, in words", async () => {
    const page = `${await troubled.text("/ui/")}${await troubled.text(`/ui/?month=${troubled.seeded.days.accepted.slice(0, 7)}`)}`;
    const stateOf = (day: string) => new RegExp(`href="/ui/days/${day}" title="[^":]*: ([^",]*)`).exec(page)?.[1];
    const { days, today } = troubled.seeded;
    expect(stateOf(days.complete)).toBe("complete");
    expect(stateOf(days.incomplete)).toBe("incomplete");
    expect(stateOf(days.unproved)).toBe("incomplete");
    expect(stateOf(days.not_read)).toBe("never read");
    expect(stateOf(days.waiting)).toBe("under way");
    expect(stateOf(days.running)).toBe("under way");
    expect(stateOf(days.accepted)).toBe("accepted by a person");
    expect(stateOf(today)).toBe("today");
  });

  test("names each cause once, with what to do and the button that mends it", async () => {
    const page = await troubled.text("/ui/");
    const { days } = troubled.seeded;
    expect(page).toContain("Google Drive is full");
    for (const day of [days.incomplete, days.unproved]) expect(page).toContain(`name="day" value="${day}"`);
    expect(page).toMatch(/Recordings could not be uploaded \(\d+\)/);
    expect(page).toContain('action="/ui/uploads"');
    expect(page).toContain(`action="/ui/calls/${troubled.seeded.calls.short.uuid}/upload"`);
  });

  test("speaks Vietnamese throughout", async () => {
    const page = await troubled.text("/ui/", { headers: { "Accept-Language": "vi" } });
    expect(page).toContain("Google Drive đã đầy");
    expect(page).toContain("Dọn chỗ trong Google Drive");
    expect(page).not.toMatch(/Make room|Fetch|Nothing to do|Needs you/);
  });

  test("leafs back through the months, and not beyond today", async () => {
    expect(await troubled.text("/ui/?month=2020-02")).toContain("February 2020");
    for (const month of ["2999-01", "x", "2026-13", "0000-00"]) {
      expect((await troubled.get(`/ui/?month=${month}`)).status).toBe(200);
    }
  });
});

describe("a day", () => {
  test("shows what the PBX, the table and Drive hold, and each refused record with its reason", async () => {
    const { incomplete } = troubled.seeded.days;
    const page = await troubled.text(`/ui/days/${incomplete}`);
    const [row] = await troubled.database
      .sql`select pbx_total, records, uploaded from callcenter.days where day = ${incomplete}`;
    for (const count of Object.values(row!)) expect(page).toContain(`<p class="figure">${count}`);
    expect(page).toContain("start_time is not a time: &quot;0000-00-00 00:00:00&quot;");
    expect(page).toContain("caller_name");
  });

  test("that has not come yet, or of which nothing is known, is a page all the same", async () => {
    expect(await troubled.text(`/ui/days/${addDays(troubled.seeded.today, 3)}`)).toContain("has not come yet");
    const unknown = await troubled.text("/ui/days/2001-01-01");
    expect(unknown).toContain("never read");
    expect(unknown).toContain("Fetch this day again");
  });
});

describe("calls", () => {
  const found = (page: string) => (page.match(/class="call"/g) ?? []).length;

  test("are found by either number, in any spelling", async () => {
    const call = troubled.seeded.calls.attacker;
    const digits = call.callerId.replace(/^0/, "");
    for (const spelling of [
      `0${digits}`,
      `84${digits}`,
      `+84 ${digits.slice(0, 3)} ${digits.slice(3)}`,
      `0084-${digits}`,
    ]) {
      const page = await troubled.text(`/ui/calls?q=${encodeURIComponent(spelling)}`);
      expect(page).toContain(`/ui/calls/${call.uuid}"`);
    }
  });

  test("are found by their id at once", async () => {
    const { uuid } = troubled.seeded.calls.uploaded;
    const answer = await troubled.get(`/ui/calls?q=${uuid}`);
    expect(answer.headers.get("Location")).toBe(`/ui/calls/${uuid}`);
    expect(await troubled.text("/ui/calls?q=no-such-id")).toContain("No call matches.");
  });

  test("are filtered by day, result and recording, page after page, each once", async () => {
    const day = troubled.seeded.days.complete;
    const seen: string[] = [];
    let path: string | undefined = `/ui/calls?day=${day}`;
    while (path) {
      const page: string = await troubled.text(path);
      seen.push(...[...page.matchAll(/class="call" href="\/ui\/calls\/([^"]+)"/g)].map(([, uuid]) => uuid!));
      path = /rel="next" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
    }
    const [row] = await troubled.database.sql`select records::int from callcenter.days where day = ${day}`;
    expect(new Set(seen).size).toBe(row!.records);
    expect(seen).toHaveLength(row!.records);
    const failed = await troubled.text("/ui/calls?upload=failed");
    expect(found(failed)).toBeGreaterThan(0);
    expect(failed).not.toContain("in Drive</span></span>");
    expect(found(await troubled.text(`/ui/calls?day=${day}&disposition=BUSY&upload=uploaded`))).toBe(0);
  });

  test.each([
    "q=%00",
    "day=x&cursor=%%%",
    "cursor=bm90aGluZw",
    `cursor=${btoa("-99999999999999 a")}`,
    "upload=x&disposition=%00",
    "q=many",
  ])("are shown whatever the query says: %s", async (query) => {
    const path = `/ui/calls?${query.replace("many", "9".repeat(5_000))}`;
    expect((await troubled.get(path)).status).toBe(200);
  });

  test("a call's page tells its story: what the PBX said, when it was stored, each error, where it lies", async () => {
    const { failed, uploaded } = troubled.seeded.calls;
    const lost = await troubled.text(`/ui/calls/${failed.uuid}`);
    expect(lost).toContain("The PBX no longer has the recording");
    expect(lost.match(/Upload failed/g)).toHaveLength(3);
    expect(lost).toContain(`action="/ui/calls/${failed.uuid}/upload"`);
    const kept = await troubled.text(`/ui/calls/${uploaded.uuid}`);
    expect(kept).toContain(`href="${uploaded.url?.replaceAll("&", "&amp;")}"`);
    expect(kept).toContain("size and MD5 agree");
  });

  test("what a caller wrote as a name is shown as text, without control characters and direction marks", async () => {
    const { uuid, callerId } = troubled.seeded.calls.attacker;
    for (const path of [`/ui/calls/${uuid}`, `/ui/calls?q=${callerId}`]) {
      const page = await troubled.text(path);
      expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
      expect(page).not.toMatch(/<script>|<img|[\u202e\u0007]/);
    }
  });

  test("a link that is none is not offered", async () => {
    const { sql } = troubled.database;
    const { uuid } = troubled.seeded.calls.short;
    await sql`update "CallCenterRecord" set "googleDriveUrl" = 'javascript:alert(1)' where "uuid" = ${uuid}`;
    expect(await troubled.text(`/ui/calls/${uuid}`)).not.toContain("javascript:");
  });
});

describe("syncs", () => {
  test("are filtered by state, kind and day", async () => {
    const partial = await troubled.text("/ui/syncs?status=partial");
    expect(partial).toContain(`/ui/days/${troubled.seeded.days.incomplete}`);
    expect(partial).not.toContain(`/ui/days/${troubled.seeded.days.complete}`);
    expect(await troubled.text("/ui/syncs?syncType=retry")).toContain("No sync matches.");
  });

  test("a backfill shows each of its days", async () => {
    const page = await troubled.text(`/ui/backfills/${troubled.seeded.backfillId}`);
    expect(page).toContain("5 of 13 days read");
    expect(page.match(/class="sync"/g)).toHaveLength(13);
  });
});

test("a database that does not answer is a page that says so, and comes back by itself", async () => {
  const site = await openSite("calm", 25);
  await site.database.sql.end();
  const answer = await site.get("/ui/");
  expect(answer.status).toBe(503);
  const page = await answer.text();
  expect(page).toContain("The database does not answer.");
  expect(page).toContain("data-refresh");
  await site.database.drop();
});
