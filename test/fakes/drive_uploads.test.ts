import { createHash, randomBytes } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type FakeDrive, type FaultOrder, startFakeDrive } from "./drive.ts";
import {
  askStatus,
  type Client,
  connect,
  type FileAnswer,
  GRANULE_BYTES,
  jsonOf,
  outcomeOf,
  putChunk,
} from "./drive_test_client.ts";

let fake: FakeDrive;
let client: Client;
beforeAll(async () => {
  fake = await startFakeDrive();
  client = await connect(fake);
});
afterEach(() => fake.faults.clear());
afterAll(() => fake.close());

const whole = randomBytes(3 * GRANULE_BYTES + 1000);
const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex");
const rangeOf = async (answer: Promise<Response>) => {
  const { status, headers } = await answer;
  return `${status} ${headers.get("range")}`;
};
const file = (id: string) => fake.files.find((one) => one.id === id);

describe("a multipart upload", () => {
  test("makes a file in one request, with size and MD5 in the answer", async () => {
    const answer = await jsonOf<FileAnswer>(client.multipart({ name: "a.wav", id: await client.newId() }, whole));
    expect(answer).toMatchObject({ name: "a.wav", size: String(whole.length), md5Checksum: md5(whole) });
    expect(fake.bytes(answer.id)).toEqual(whole);
  });

  test("keeps bytes that look like its boundary", async () => {
    const tricky = Buffer.from("\r\n--front\r\n--frontie\r\n\r\n");
    const { id } = await jsonOf<FileAnswer>(client.multipart({ name: "tricky" }, tricky));
    expect(fake.bytes(id)).toEqual(tricky);
  });

  test("with a used id answers 409 and makes nothing, with an id of one's own 400", async () => {
    const id = await client.newId();
    await client.multipart({ name: "once.wav", id }, whole);
    expect(await outcomeOf(client.multipart({ name: "once.wav", id }, whole))).toBe("409 fileIdInUse");
    expect(await outcomeOf(client.multipart({ name: "once.wav", id: "mine" }, whole))).toBe("400 invalid");
    expect(fake.files.filter(({ name }) => name === "once.wav")).toHaveLength(1);
    fake.remove(id);
    expect(await outcomeOf(client.multipart({ name: "once.wav", id }, whole))).toBe("409 fileIdInUse");
  });

  test("whose answer is lost is there all the same", async () => {
    const id = await client.newId();
    fake.faults.add({ name: "answerLost", on: "multipart" });
    await expect(client.multipart({ name: "lost.wav", id }, whole)).rejects.toThrow();
    expect(file(id)?.md5).toBe(md5(whole));
    expect(await outcomeOf(client.multipart({ name: "lost.wav", id }, whole))).toBe("409 fileIdInUse");
  });

  test.for<FaultOrder["name"]>(["resetBeforeCommit", "resetMidChunk"])("that meets %s makes nothing", async (name) => {
    const id = await client.newId();
    fake.faults.add({ name });
    await expect(client.multipart({ name: "none.wav", id }, whole)).rejects.toThrow();
    expect(file(id)).toBeUndefined();
    expect(await outcomeOf(client.multipart({ name: "none.wav", id }, whole))).toBe("200");
  });

  test("that is corrupted on the way has another MD5", async () => {
    fake.faults.add({ name: "corrupt" });
    const answer = await jsonOf<FileAnswer>(client.multipart({ name: "corrupt.wav" }, whole));
    expect(answer.size).toBe(String(whole.length));
    expect(answer.md5Checksum).not.toBe(md5(whole));
  });
});

describe("a resumable upload", () => {
  test("goes chunk by chunk, tells how far it is, and ends with the file", async () => {
    const id = await client.newId();
    const uri = await client.session({ name: "long.wav", id }, whole.length);
    expect(await rangeOf(askStatus(uri, whole.length))).toBe("308 null");
    expect(await rangeOf(putChunk(uri, whole, 0, GRANULE_BYTES))).toBe("308 bytes=0-262143");
    expect(await rangeOf(putChunk(uri, whole, GRANULE_BYTES, 3 * GRANULE_BYTES))).toBe("308 bytes=0-786431");
    expect(await rangeOf(askStatus(uri, "*"))).toBe("308 bytes=0-786431");
    expect(file(id)).toBeUndefined();
    const answer = await jsonOf<FileAnswer>(putChunk(uri, whole, 3 * GRANULE_BYTES, whole.length));
    expect(answer).toEqual({ id, size: String(whole.length), md5Checksum: md5(whole) });
    expect(await jsonOf(askStatus(uri, whole.length))).toEqual(answer);
    expect(fake.bytes(id)).toEqual(whole);
  });

  test("takes the whole file without ranges, and the empty one", async () => {
    const uri = await client.session({ name: "whole.wav" }, whole.length);
    const body = new Uint8Array(whole);
    expect(await jsonOf(fetch(uri, { method: "PUT", body }))).toMatchObject({ md5Checksum: md5(whole) });
    const empty = await client.session({ name: "empty.wav" }, 0);
    expect(await jsonOf(askStatus(empty, 0))).toMatchObject({ size: "0" });
  });

  test("answers a gap with 503 in plain text, and an odd chunk with 400", async () => {
    const uri = await client.session({ name: "gap.wav" }, whole.length);
    const gap = await putChunk(uri, whole, GRANULE_BYTES, 2 * GRANULE_BYTES);
    expect([gap.status, gap.headers.get("content-type")]).toEqual([503, "text/plain; charset=utf-8"]);
    expect(await outcomeOf(putChunk(uri, whole, 0, 1000))).toBe("400");
    expect(await rangeOf(askStatus(uri, whole.length))).toBe("308 null");
  });

  test("ignores what it has already", async () => {
    const uri = await client.session({ name: "overlap.wav" }, whole.length);
    await putChunk(uri, whole, 0, 2 * GRANULE_BYTES);
    expect(await jsonOf(putChunk(uri, whole, 0, whole.length))).toMatchObject({ md5Checksum: md5(whole) });
  });

  test("refuses a used id at the start, and at the end when another was faster", async () => {
    const id = await client.newId();
    const [one, other] = [await client.session({ id }, whole.length), await client.session({ id }, whole.length)];
    expect(await outcomeOf(putChunk(one, whole, 0, whole.length))).toBe("200");
    expect(await outcomeOf(putChunk(other, whole, 0, whole.length))).toBe("409 fileIdInUse");
    expect(await outcomeOf(client.start({ id }, whole.length))).toBe("409 fileIdInUse");
  });

  test("keeps whole granules of a chunk whose client was killed", async () => {
    const uri = await client.session({ name: "killed.wav" }, whole.length);
    const { pathname, search, port } = new URL(uri);
    const socket = connectSocket(Number(port), "127.0.0.1");
    const range = `Content-Range: bytes 0-${whole.length - 1}/${whole.length}`;
    socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: x\r\n${range}\r\nContent-Length: ${whole.length}\r\n\r\n`);
    socket.write(whole.subarray(0, 2 * GRANULE_BYTES + 5000), () => socket.destroySoon());
    await vi.waitFor(() => expect(fake.requests.entries.at(-1)?.status).toBe("aborted"));
    expect(await rangeOf(askStatus(uri, whole.length))).toBe("308 bytes=0-524287");
    const rest = putChunk(uri, whole, 2 * GRANULE_BYTES, whole.length);
    expect(await jsonOf(rest)).toMatchObject({ md5Checksum: md5(whole) });
  });

  test.for<[FaultOrder, string]>([
    [{ name: "answerLost" }, "308 bytes=0-524287"],
    [{ name: "resetBeforeCommit" }, "308 null"],
    [{ name: "resetMidChunk", keepBytes: GRANULE_BYTES + 1 }, "308 bytes=0-262143"],
    [{ name: "keptFewer" }, "308 bytes=0-262143"],
    [{ name: "noRange" }, "308 null"],
    [{ name: "sessionExpired", status: 410 }, "404 null"],
    [{ name: "backendError" }, "308 null"],
  ])("whose chunk meets %o says then: %s", async ([fault, then]) => {
    const uri = await client.session({ name: `fault-${fault.name}.wav` }, whole.length);
    fake.faults.add({ on: "chunk", ...fault });
    await putChunk(uri, whole, 0, 2 * GRANULE_BYTES)
      .then((answer) => answer.text())
      .catch(() => {});
    expect(await rangeOf(askStatus(uri, whole.length))).toBe(then);
    if (then.startsWith("404")) return;
    const from = Number(/-(\d+)/.exec(then)?.[1] ?? -1) + 1;
    expect(await jsonOf(putChunk(uri, whole, from, whole.length))).toMatchObject({ md5Checksum: md5(whole) });
  });

  test("replaces the content of a file", async () => {
    const { id } = await jsonOf<FileAnswer>(client.multipart({ name: "old.wav" }, Buffer.from("old")));
    const path = `upload/drive/v3/files/${id}?uploadType=resumable&fields=name,md5Checksum`;
    const start = await client.sendJson("PATCH", path, {}, { "x-upload-content-length": String(whole.length) });
    const answer = await jsonOf(putChunk(start.headers.get("location") ?? "", whole, 0, whole.length));
    expect(answer).toEqual({ name: "old.wav", md5Checksum: md5(whole) });
  });
});

test("without keepBytes a file is hashed and counted, and not kept", async () => {
  await using counting = await startFakeDrive({ keepBytes: false });
  const { id, md5Checksum } = await jsonOf<FileAnswer>((await connect(counting)).multipart({}, whole));
  expect(md5Checksum).toBe(md5(whole));
  expect(() => counting.bytes(id)).toThrow("no bytes");
});
