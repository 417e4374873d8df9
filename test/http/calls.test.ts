import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Client, openClient } from "./client.ts";
import { insertCalls } from "./rows.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());
beforeEach(async () => {
  const { sql } = client.database;
  await sql`delete from "CallCenterRecord"`;
  await sql`delete from callcenter.acceptances`;
  await sql`delete from callcenter.call_events`;
  await sql`select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))`;
  await sql`update callcenter.circuits set state = 'closed', code = null`;
});

const uuidsOf = async (query: string) =>
  (await client.ask(`/calls?${query}`)).body.calls.map(({ uuid }: { uuid: string }) => uuid);

/** Every uuid of a list, page by page. */
async function walk(query: string, limit: number): Promise<{ uuids: string[]; pages: number }> {
  const uuids: string[] = [];
  let cursor = "";
  let pages = 0;
  do {
    const { body } = await client.ask(`/calls?limit=${limit}${query}${cursor && `&cursor=${cursor}`}`);
    uuids.push(...body.calls.map(({ uuid }: { uuid: string }) => uuid));
    cursor = body.nextCursor ?? "";
    pages += 1;
  } while (cursor && pages < 50);
  return { uuids, pages };
}

describe("the list of calls", () => {
  test("comes newest first, page by page, each call once, those without a time last", async () => {
    const at = (minute: number) => new Date(Date.UTC(2024, 0, 15, 3, minute));
    await insertCalls(client.database.sql, [
      { uuid: "timeless-1", startTime: null },
      { uuid: "third", startTime: at(1) },
      { uuid: "first", startTime: at(3) },
      { uuid: "twin-1", startTime: at(2) },
      { uuid: "twin-2", startTime: at(2) },
      { uuid: "timeless-2", startTime: null },
    ]);
    const whole = (await walk("", 200)).uuids;
    expect(whole[0]).toBe("first");
    expect(whole.slice(1, 3).sort()).toEqual(["twin-1", "twin-2"]);
    expect(whole[3]).toBe("third");
    expect(whole.slice(4).sort()).toEqual(["timeless-1", "timeless-2"]);
    for (const limit of [1, 2, 3, 4, 5, 6]) {
      const { uuids, pages } = await walk("", limit);
      expect(uuids).toEqual(whole);
      expect(pages).toBe(Math.ceil(6 / limit));
    }
  });

  test("goes on where it was, however many calls have come since", async () => {
    const at = (minute: number) => new Date(Date.UTC(2024, 0, 15, 3, minute));
    await insertCalls(
      client.database.sql,
      [1, 2, 3, 4].map((minute) => ({ uuid: `c${minute}`, startTime: at(minute) })),
    );
    const first = (await client.ask("/calls?limit=2")).body;
    await insertCalls(client.database.sql, [{ uuid: "new", startTime: at(9) }]);
    const second = (await client.ask(`/calls?limit=2&cursor=${first.nextCursor}`)).body;
    expect(second.calls.map(({ uuid }: { uuid: string }) => uuid)).toEqual(["c2", "c1"]);
    expect(second.nextCursor).toBeNull();
  });

  test("of a day holds what began on the local day", async () => {
    await insertCalls(client.database.sql, [
      { uuid: "before", startTime: "2024-01-14T23:59:59.999+07:00" },
      { uuid: "first", startTime: "2024-01-15T00:00:00+07:00" },
      { uuid: "last", startTime: "2024-01-15T23:59:59.999+07:00" },
      { uuid: "after", startTime: "2024-01-16T00:00:00+07:00" },
      { uuid: "timeless", startTime: null },
    ]);
    expect(await uuidsOf("day=2024-01-15")).toEqual(["last", "first"]);
  });

  test.each(["0901234567", "84901234567", "%2B84901234567", "0084901234567", "0901%20234%20567", "090.123-4567"])(
    "finds caller and destination by a phone number written as %s",
    async (phone) => {
      await insertCalls(client.database.sql, [
        { uuid: "from", callerId: "+84 901 234 567", startTime: "2024-01-15T03:00:00Z" },
        { uuid: "to", destination: "84901234567", startTime: "2024-01-15T04:00:00Z" },
        { uuid: "both", callerId: "0901234567", destination: "0901234567", startTime: "2024-01-15T05:00:00Z" },
        { uuid: "other", callerId: "0901234568", destination: "1900", startTime: "2024-01-15T06:00:00Z" },
      ]);
      expect(await uuidsOf(`phone=${phone}`)).toEqual(["both", "to", "from"]);
      expect((await walk(`&phone=${phone}`, 1)).uuids).toEqual(["both", "to", "from"]);
    },
  );

  test("tells where each recording stands, and can be filtered by it", async () => {
    const recordingPath = "a.wav";
    await insertCalls(client.database.sql, [
      { uuid: "none" },
      { uuid: "pending", recordingPath },
      { uuid: "failed", recordingPath, uploadRetryCount: 3 },
      { uuid: "accepted", recordingPath, uploadRetryCount: 3 },
      { uuid: "accepted-early", recordingPath },
      { uuid: "uploaded", recordingPath, googleDriveUrl: "https://drive.test/x" },
    ]);
    await client.ask("/accept", { json: { uuid: "accepted", why: "the PBX lost it" } });
    await client.ask("/accept", { json: { uuid: "accepted-early", why: "the PBX lost it" } });
    for (const state of ["none", "pending", "failed", "uploaded"])
      expect(await uuidsOf(`upload=${state}`), state).toEqual([state]);
    expect((await uuidsOf("upload=accepted")).sort()).toEqual(["accepted", "accepted-early"]);
    const { calls } = (await client.ask("/calls")).body;
    for (const call of calls) expect(call.upload).toBe(call.uuid.replace("-early", ""));
  });

  test("joins its filters", async () => {
    await insertCalls(client.database.sql, [
      {
        uuid: "a",
        callerId: "0901234567",
        disposition: "ANSWERED",
        startTime: "2024-01-15T03:00:00Z",
        recordingPath: "a.wav",
      },
      { uuid: "b", callerId: "0901234567", disposition: "BUSY", startTime: "2024-01-15T03:00:00Z" },
      {
        uuid: "c",
        callerId: "0901234567",
        disposition: "ANSWERED",
        startTime: "2024-01-16T03:00:00Z",
        recordingPath: "c.wav",
      },
    ]);
    expect(await uuidsOf("phone=0901234567&day=2024-01-15&disposition=answered&upload=pending")).toEqual(["a"]);
  });

  test("finds a disposition however it is spelt, in the address and in the row", async () => {
    await insertCalls(client.database.sql, [
      { uuid: "ours", disposition: "NO ANSWER" },
      { uuid: "adopted", disposition: "No Answer" },
      { uuid: "other", disposition: "BUSY" },
    ]);
    expect((await uuidsOf("disposition=no%20answer")).sort()).toEqual(["adopted", "ours"]);
  });

  test("shows a name without control characters and direction marks", async () => {
    await insertCalls(client.database.sql, [
      { uuid: "a", callerName: "Nguy\u202eễn\u0007 Văn A", callerId: "0901234567" },
    ]);
    expect((await client.ask("/calls")).body.calls[0]).toMatchObject({
      callerName: "Nguyễn Văn A",
      callerId: "0901234567",
    });
  });

  test.each([
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=-1",
    "day=2024-02-30",
    "day=0000-01-01",
    "day=yesterday",
    "upload=lost",
    "phone=abc",
    "phone=",
    "cursor=***",
    "cursor=bm90IGE",
    `cursor=${btoa("-99999999999999 abc")}`,
    "disposition=%00",
    "day=2024-01-15&day=2024-01-16",
    "unknown=1",
    `phone=${"1".repeat(41)}`,
  ])("refuses %s", async (query) => {
    expect((await client.ask(`/calls?${query}`)).body).toMatchObject({ status: 400, code: "invalid_request" });
  });
});
