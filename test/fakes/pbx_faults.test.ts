import { afterEach, expect, test } from "vitest";
import { makeCalls } from "./calls.ts";
import type { Fault } from "./pbx_faults.ts";
import {
  aRecordedCall,
  closeAll,
  DAY,
  getPage,
  getRecording,
  ONEPOS_DAY,
  pbxWith,
  readPage,
  SEED_DAY,
  ZONE,
} from "./pbx_test_client.ts";

afterEach(closeAll);

test("a fault strikes the requests that it matches, as often as told", async () => {
  const pbx = await pbxWith();
  const fault = pbx.faults.inject({ name: "status", status: 503, kind: "api", skip: 1, times: 2 });
  const statuses = [];
  for (let count = 0; count < 5; count++) statuses.push((await getPage(pbx, SEED_DAY)).status);
  expect(statuses).toEqual([200, 503, 503, 200, 200]);
  expect(fault.hits).toBe(2);
  pbx.faults.inject({ name: "status", status: 429, retryAfter: 7, retryAfterAs: "date", page: 2 });
  const late = await getPage(pbx, { ...SEED_DAY, limit: 5, offset: 10 });
  expect(late.status).toBe(429);
  const waitMs = Date.parse(late.headers.get("retry-after")!) - Date.now();
  expect(waitMs).toBeGreaterThan(5000);
});

async function bodyUnder(fault: Fault, query: Record<string, string | number> = SEED_DAY): Promise<string> {
  const pbx = await pbxWith();
  pbx.faults.inject(fault);
  return (await getPage(pbx, query)).text();
}

test("pages come broken in the ways that pages do", async () => {
  const truncated = await bodyUnder({ name: "truncated_json" });
  expect(truncated).toMatch(/^\{"success":true,"data":\[/);
  expect(() => JSON.parse(truncated)).toThrow();
  expect(await bodyUnder({ name: "html_page" })).toMatch(/^<!DOCTYPE html>/);
  expect(JSON.parse(await bodyUnder({ name: "error_envelope" }))).toEqual({ success: false, error: "Internal error" });
  expect(JSON.parse(await bodyUnder({ name: "gzip" })).total).toBe(25);
  const strange = await bodyUnder({ name: "strange_names" });
  expect(strange).toContain("\\u0000");
  expect(await bodyUnder({ name: "cap_limit", limit: 3 }, { ...SEED_DAY, limit: 20 })).toContain('"limit":3');
  expect(JSON.parse(await bodyUnder({ name: "no_total" }))).not.toHaveProperty("total");
  expect(JSON.parse(await bodyUnder({ name: "bad_records" })).data.length).toBe(25 + 11);
  expect(JSON.parse(await bodyUnder({ name: "long_strings" })).data[0].caller_name).toHaveLength(100_000);
  expect(JSON.parse(await bodyUnder({ name: "times_as", as: "naive" })).data[0].start_time).toMatch(
    /^2025-09-11 \d\d:/,
  );
});

test.each<[Fault, (page: ReturnType<typeof JSON.parse>) => void]>([
  [{ name: "wrong_total", by: -5 }, (page) => expect(page.total).toBe(20)],
  [{ name: "empty_page" }, (page) => expect(page).toMatchObject({ data: [], total: 25 })],
  [{ name: "short_page", records: 2 }, (page) => expect(page.data).toHaveLength(2)],
  [{ name: "other_days" }, (page) => expect(page.data[0].start_time).toContain("2025-09-14")],
  [{ name: "duplicate_uuids" }, (page) => expect(page.data.at(-1)).toEqual(page.data[0])],
  [{ name: "spaces_around_ids" }, (page) => expect(page.data[0].uuid).toMatch(/^ [0-9a-f-]{36}\t$/)],
  [{ name: "numbers_as_strings" }, (page) => expect(page.data[0].duration).toMatch(/^\d+$/)],
  [{ name: "extra_keys" }, (page) => expect(page.data[0].legs).toHaveLength(1)],
  [{ name: "times_as", as: "epoch_ms" }, (page) => expect(page.data[0].start_time).toBeGreaterThan(1e12)],
  [{ name: "absent_as", as: "missing" }, (page) => expect(Object.values(page.data[0])).not.toContain(null)],
])("a page of 4 is changed by %o", async (fault, check) => {
  const pbx = await pbxWith();
  pbx.calls.add(makeCalls({ day: "2025-09-14", zone: ZONE, count: 1 }));
  pbx.faults.inject(fault);
  check(await readPage(pbx, { ...SEED_DAY, limit: 4 }));
});

test("the same page comes again whatever offset is asked for, and newest calls vanish behind a page", async () => {
  const pbx = await pbxWith();
  const first = await readPage(pbx, { ...SEED_DAY, limit: 5 });
  pbx.faults.inject({ name: "same_page", times: 1 });
  expect(await readPage(pbx, { ...SEED_DAY, limit: 5, offset: 5 })).toEqual({ ...first, offset: 5 });
  pbx.faults.inject({ name: "calls_vanish", count: 2, times: 1 });
  await readPage(pbx, SEED_DAY);
  expect((await readPage(pbx, SEED_DAY)).data[0]).toEqual(first.data[2]);
});

test("a call that stands in the list twice takes the place of another one on its page", async () => {
  const pbx = await pbxWith();
  const uuids = async (query: object) =>
    (await readPage(pbx, { ...SEED_DAY, ...query })).data.map(({ uuid }: { uuid: string }) => uuid);
  const list = await uuids({ limit: 8 });
  pbx.faults.inject({ name: "doubled_call", call: list[1] });
  expect(await uuids({ limit: 4 })).toEqual([list[0], list[1], list[1], list[2]]);
  expect(await uuids({ limit: 4, offset: 4 })).toEqual(list.slice(3, 7));
});

test("pages are cut before another tenant's calls are left out of them", async () => {
  const pbx = await pbxWith();
  const list = pbx.calls.ofDay(DAY);
  pbx.faults.inject({ name: "other_tenant", fromMs: list[9]!.startMs, toMs: list[3]!.startMs });
  const uuids = async (offset: number) =>
    (await readPage(pbx, { ...SEED_DAY, limit: 5, offset })).data.map(({ uuid }: { uuid: string }) => uuid);
  expect([await uuids(0), await uuids(5)]).toEqual([list.slice(0, 3).map(({ uuid }) => uuid), []]);
});

test("a byte order mark is really sent", async () => {
  const pbx = await pbxWith();
  pbx.faults.inject({ name: "bom" });
  const bytes = new Uint8Array(await (await getPage(pbx, SEED_DAY)).arrayBuffer());
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
});

test("calls that arrive while paging make a naive pager read one twice", async () => {
  const pbx = await pbxWith();
  pbx.faults.inject({ name: "calls_arrive", count: 1, times: 1 });
  const first = await readPage(pbx, { ...SEED_DAY, limit: 5 });
  const second = await readPage(pbx, { ...SEED_DAY, limit: 5, offset: 5 });
  expect(second.data[0].uuid).toBe(first.data[4].uuid);
  expect(pbx.truth()[DAY]!.uuids).toHaveLength(26);
});

test("next_offset can stand still, and the hook after a page can change calls", async () => {
  const pbx = await pbxWith({ dialect: "onepos-v2", auth: "none" });
  pbx.faults.inject({ name: "stuck_offset" });
  expect((await readPage(pbx, { ...ONEPOS_DAY, limit: 5, offset: 5 })).next_offset).toBe(5);
  pbx.afterPage = ({ calls }) => void pbx.calls.remove(calls[0]!.uuid);
  const before = await readPage(pbx, ONEPOS_DAY);
  expect((await readPage(pbx, ONEPOS_DAY)).data).toHaveLength(before.data.length - 1);
});

test("a recording cut short ends before its Content-Length", async () => {
  const pbx = await pbxWith();
  const { uuid } = aRecordedCall(pbx);
  pbx.faults.inject({ name: "cut", uuid, afterBytes: 1000 });
  const answer = await getRecording(pbx, uuid);
  expect(Number(answer.headers.get("content-length"))).toBeGreaterThan(1000);
  let received = 0;
  const read = async () => {
    for await (const part of answer.body!) received += part.length;
  };
  await expect(read()).rejects.toThrow();
  expect(received).toBe(1000);
});

test("a recording stalls in the middle until the client gives up", async () => {
  const pbx = await pbxWith();
  pbx.faults.inject({ name: "stall", kind: "recording", afterBytes: 100 });
  const answer = await getRecording(pbx, aRecordedCall(pbx).uuid);
  const reader = answer.body!.getReader();
  expect((await reader.read()).value).toHaveLength(100);
  expect(pbx.counts.recording.now).toBe(1);
  await reader.cancel();
  await expect.poll(() => pbx.counts.recording.now).toBe(0);
});

test("recordings come empty, bare, short, without length or as a page of HTML", async () => {
  const pbx = await pbxWith();
  const { uuid } = aRecordedCall(pbx);
  const once = async (fault: Fault) => {
    pbx.faults.inject({ ...fault, times: 1 });
    const answer = await getRecording(pbx, uuid);
    return {
      length: answer.headers.get("content-length"),
      text: Buffer.from(await answer.arrayBuffer()).toString("latin1"),
    };
  };
  expect(await once({ name: "empty" })).toEqual({ length: "0", text: "" });
  expect((await once({ name: "header_only" })).text).toMatch(/^RIFF[\s\S]{40}$/);
  expect((await once({ name: "short_audio", seconds: 0.5 })).length).toBe("4044");
  const early = await once({ name: "ends_early", seconds: 0.5 });
  expect(early.length).toBe("4044");
  expect(Buffer.from(early.text, "latin1").readUInt32LE(40)).toBeGreaterThan(4_000);
  expect((await once({ name: "no_length" })).length).toBeNull();
  expect((await once({ name: "html_page" })).text).toContain("<html>");
  expect((await once({ name: "status", status: 410 })).text).not.toContain("RIFF");
});

test("a redirect leads to another host, which sees what the client sends", async () => {
  const [pbx, other] = [await pbxWith(), await pbxWith({ auth: "none" })];
  pbx.faults.inject({ name: "redirect", location: `${other.url}{path}` });
  const { uuid } = aRecordedCall(pbx);
  expect((await getRecording(pbx, uuid)).status).toBe(200);
  expect(other.requests[0]).toMatchObject({ kind: "recording", path: `/recordings/2025/09/11/${uuid}.wav` });
});

test("an outage refuses connections, cuts open ones, and ends on the same port", async () => {
  const pbx = await pbxWith();
  pbx.faults.inject({ name: "hang", times: 1 });
  const hanging = getPage(pbx, SEED_DAY).then(String, () => "broken");
  await expect.poll(() => pbx.counts.api.now).toBe(1);
  await pbx.setDown(true);
  expect(await hanging).toBe("broken");
  await expect(getPage(pbx, SEED_DAY)).rejects.toThrow();
  await pbx.setDown(false);
  expect((await getPage(pbx, SEED_DAY)).status).toBe(200);
});

test("a reset breaks the connection before any answer", async () => {
  const pbx = await pbxWith();
  pbx.faults.inject({ name: "reset" });
  await expect(getPage(pbx, SEED_DAY)).rejects.toThrow();
});
