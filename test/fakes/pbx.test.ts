import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { billsecOf, edgeCalls, type MakeCalls, makeCalls } from "./calls.ts";
import { startPbxProcess } from "./pbx_process.ts";
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
  untilTheEnd,
  ZONE,
} from "./pbx_test_client.ts";

afterEach(closeAll);

const md5 = (bytes: ArrayBuffer) => createHash("md5").update(new Uint8Array(bytes)).digest("hex");

test("the seed dialect answers as its document says", async () => {
  const pbx = await pbxWith();
  const page = await readPage(pbx, { ...SEED_DAY, limit: 10 });
  expect(page).toMatchObject({ success: true, total: 25, limit: 10, offset: 0 });
  const call = aRecordedCall(pbx);
  const found = (await readPage(pbx, SEED_DAY)).data.find((one: { uuid: string }) => one.uuid === call.uuid);
  expect(found).toMatchObject({
    caller_id: call.caller,
    destination: call.destination,
    billsec: billsecOf(call),
    disposition: "ANSWERED",
    recording_path: `2025/09/11/${call.uuid}.wav`,
  });
  expect(found.start_time).toMatch(/^2025-09-11T\d\d:\d\d:\d\d\+07:00$/);
  expect(Date.parse(found.answer_time)).toBe(call.answerMs);
});

test("the onepos-v2 dialect answers as the capture shows", async () => {
  const pbx = await pbxWith({ dialect: "onepos-v2", auth: "none", make: { format: "mp3" } });
  const page = await readPage(pbx, { ...ONEPOS_DAY, limit: 10 });
  expect(page).toMatchObject({ status: "success", result_in_page: 10, start_offset: "0", next_offset: 10 });
  expect(page).not.toHaveProperty("total");
  const call = aRecordedCall(pbx);
  const found = (await readPage(pbx, ONEPOS_DAY)).data.find((one: { uuid: string }) => one.uuid === call.uuid);
  expect(found).toMatchObject({
    caller_id_number: call.caller,
    start_epoch: String(call.startMs / 1000),
    billsec: String(billsecOf(call)),
    call_status: "ANSWER",
    record_path: `/tazaspa102019/archive/2025/Sep/11/${call.uuid}.mp3`,
  });
  expect(await readPage(pbx, { from: "2020-01-01 00:00:00", to: "2020-01-01 23:59:59" })).toMatchObject({ data: "" });
});

test("the version-1 uuid of every call carries its start, to the second", () => {
  for (const { uuid, startMs } of makeCalls({ day: DAY, zone: ZONE, count: 500 })) {
    const [low, middle, high] = uuid.split("-");
    const ticks = BigInt(`0x${high!.slice(1)}${middle}${low}`);
    expect(Number(ticks / 10_000_000n) - 12_219_292_800).toBe(startMs / 1000);
  }
});

test.each(["seed", "onepos-v2"] as const)(
  "pages of %s hold every call of the day once, newest first",
  async (dialect) => {
    const pbx = await pbxWith({ dialect, auth: "none" });
    pbx.calls.add(makeCalls({ day: "2025-09-10", zone: ZONE, count: 5 }), edgeCalls({ day: DAY, zone: ZONE }));
    const uuids: string[] = [];
    for (let offset = 0; offset < 28; offset += 7) {
      const { data } = await readPage(pbx, { ...(dialect === "seed" ? SEED_DAY : ONEPOS_DAY), limit: 7, offset });
      uuids.push(...data.map((one: { uuid: string }) => one.uuid));
    }
    expect(uuids).toEqual(pbx.truth()[DAY]!.uuids);
    const starts = uuids.map((uuid) => pbx.calls.get(uuid)!.startMs);
    expect(starts).toEqual(starts.toSorted((a, b) => b - a));
    expect(new Set(uuids).size).toBe(28);
  },
);

test("a query in the other dialect is answered with every day, newest first", async () => {
  const pbx = await pbxWith();
  pbx.calls.add(makeCalls({ day: "2025-09-14", zone: ZONE, count: 5 }));
  const page = await readPage(pbx, ONEPOS_DAY);
  expect(page.total).toBe(30);
  expect(page.data[0].start_time).toContain("2025-09-14");
});

test("a wrong key gets 401, another domain nothing, and the request log tells who sent what", async () => {
  const pbx = await pbxWith();
  expect((await getPage(pbx, SEED_DAY, {})).status).toBe(401);
  expect((await readPage(pbx, { ...SEED_DAY, domain: "another" })).data).toEqual([]);
  pbx.apiKey = "rotated";
  expect((await getPage(pbx, SEED_DAY)).status).toBe(401);
  expect(pbx.requests.map((request) => request.headers.authorization)).toEqual([
    undefined,
    "Bearer test-key",
    "Bearer test-key",
  ]);
  expect(pbx.requests[1]).toMatchObject({ kind: "api", method: "GET", query: { domain: "another" } });
});

test("a recording comes with its length, and in parts where asked", async () => {
  const pbx = await pbxWith();
  const { uuid } = aRecordedCall(pbx);
  const expected = pbx.expectedRecording(uuid)!;
  const answer = await getRecording(pbx, uuid);
  expect(answer.headers.get("content-length")).toBe(String(expected.sizeBytes));
  expect(answer.headers.get("etag")).toBeNull();
  const bytes = await answer.arrayBuffer();
  expect(md5(bytes)).toBe(expected.md5);
  const part = await getRecording(pbx, uuid, { range: "bytes=40-" });
  expect(part.status).toBe(206);
  expect(part.headers.get("content-range")).toBe(`bytes 40-${expected.sizeBytes - 1}/${expected.sizeBytes}`);
  expect(md5(await part.arrayBuffer())).toBe(md5(bytes.slice(40)));
});

test.each([
  ["/odd/leading.wav", "/recordings/odd/leading.wav"],
  ["Ghi âm/cuộc gọi 1.wav", "/recordings/Ghi%20%C3%A2m/cu%E1%BB%99c%20g%E1%BB%8Di%201.wav"],
  ["../outside.wav", "/outside.wav"],
])("a recording at the odd path %s is served where a client looks", async (path, pathname) => {
  const pbx = await pbxWith();
  const { uuid, recording } = aRecordedCall(pbx);
  pbx.calls.change(uuid, { recording: { ...recording!, path } });
  expect(pbx.recordingUrl(uuid)).toBe(pbx.url + pathname);
  expect(md5(await (await getRecording(pbx, uuid)).arrayBuffer())).toBe(pbx.expectedRecording(uuid)!.md5);
});

test("a PBX in a process of its own is steered over HTTP", async () => {
  const make: MakeCalls = { day: DAY, zone: ZONE, count: 3, talkSeconds: [1, 2] };
  const pbx = untilTheEnd(await startPbxProcess({ auth: "none" }, [make]));
  const { uuids } = await pbx.control("make", { ...make, count: 4, seed: 2 });
  expect((await pbx.control("truth"))[DAY]!.uuids).toEqual(expect.arrayContaining(uuids));
  const { id } = await pbx.control("inject", { name: "status", status: 500, kind: "api" });
  const query = `${pbx.apiUrl}?domain=tazaspa102019&date_from=${DAY}&date_to=${DAY}`;
  expect((await fetch(query)).status).toBe(500);
  await pbx.control("clear", { id });
  expect(await (await fetch(query)).json()).toMatchObject({ total: 7 });
  expect(await pbx.control("counts")).toMatchObject({ api: { total: 2 } });
});
