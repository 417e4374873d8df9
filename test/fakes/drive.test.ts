import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type FakeDrive, type FaultName, FOLDER_TYPE, startFakeDrive } from "./drive.ts";
import { type Client, connect, connectUser, type FileAnswer, jsonOf, outcomeOf } from "./drive_test_client.ts";

let fake: FakeDrive;
let client: Client;
beforeAll(async () => {
  fake = await startFakeDrive({ control: true });
  client = await connect(fake);
});
afterEach(() => fake.faults.clear());
afterAll(() => fake.close());

const bytes = Buffer.from("RIFF");
const about = () => outcomeOf(client.send("drive/v3/about?fields=user"));

describe("metadata", () => {
  test("a file is read with the asked fields, changed, trashed, deleted", async () => {
    const { id } = await jsonOf<FileAnswer>(
      client.multipart({ name: "a.wav", appProperties: { uuid: "1", gone: "x" } }, bytes),
    );
    const path = `drive/v3/files/${id}`;
    const fields = "fields=size,parents,capabilities(canEdit)";
    const parents = [fake.folderId];
    expect(await jsonOf(client.send(`${path}?${fields}`))).toEqual({
      size: "4",
      parents,
      capabilities: { canEdit: true },
    });
    const changes = { name: "b.wav", trashed: true, appProperties: { gone: null, day: "2" } };
    const changed = await jsonOf(client.sendJson("PATCH", `${path}?fields=name,trashed,appProperties`, changes));
    expect(changed).toEqual({ name: "b.wav", trashed: true, appProperties: { uuid: "1", day: "2" } });
    expect(await outcomeOf(client.send(path, { method: "DELETE" }))).toBe("204");
    expect(await outcomeOf(client.send(path))).toBe("404 notFound");
  });

  test("a download gives the bytes, or a range of them", async () => {
    const { id } = fake.addFile({ name: "c.wav", bytes });
    const answer = await client.send(`drive/v3/files/${id}?alt=media`, { headers: { range: "bytes=1-2" } });
    expect([answer.status, await answer.text()]).toEqual([206, "IF"]);
  });

  test("a folder is made with an id, and moved with addParents and removeParents", async () => {
    const id = await client.newId();
    const folder = { id, name: "2024", mimeType: FOLDER_TYPE, parents: [fake.folderId] };
    expect(await outcomeOf(client.sendJson("POST", "drive/v3/files", folder))).toBe("200");
    expect(await outcomeOf(client.sendJson("POST", "drive/v3/files", folder))).toBe("409 fileIdInUse");
    const file = fake.addFile({ name: "d.wav" });
    const move = `drive/v3/files/${file.id}?addParents=${id}&removeParents=${fake.folderId}&fields=parents`;
    expect(await jsonOf(client.sendJson("PATCH", move, {}))).toEqual({ parents: [id] });
  });

  test("a field that no file has is refused, as is a read-only one", async () => {
    const path = `drive/v3/files/${fake.folderId}`;
    expect(await outcomeOf(client.send(`${path}?fields=id,md5`))).toBe("400 invalidParameter");
    expect(await outcomeOf(client.sendJson("PATCH", path, { size: "1" }))).toBe("403 fieldNotWritable");
  });
});

describe("whose Drive it is", () => {
  test("a shared drive answers 404 to those who do not ask for all drives", async () => {
    const path = `drive/v3/files/${fake.folderId}`;
    expect(await outcomeOf(client.send(`${path}?supportsAllDrives=false`))).toBe("404 notFound");
    expect(await outcomeOf(client.send(`drive/v3/drives/${fake.driveId}`))).toBe("200");
  });

  test("in My Drive a service account is refused at the start, a subject and a user are not", async () => {
    await using mine = await startFakeDrive({ kind: "my" });
    const account = await connect(mine);
    expect(await outcomeOf(account.start({ name: "a.wav" }, 4))).toBe("403 storageQuotaExceeded");
    expect(await outcomeOf((await connect(mine, { subject: "callcenter@example.com" })).multipart({}, bytes))).toBe(
      "200",
    );
    expect(await outcomeOf((await connectUser(mine)).multipart({}, bytes))).toBe("200");
  });

  test("a folder can be hidden, read-only, or full", async () => {
    const { id } = fake.addFolder("closed");
    const create = () => outcomeOf(client.multipart({ parents: [id] }, bytes));
    fake.hide(id);
    expect(await create()).toBe("404 notFound");
    fake.hide(id, false);
    fake.makeReadOnly(id);
    expect(await create()).toBe("403 insufficientFilePermissions");
    const { capabilities } = await jsonOf<{ capabilities: { canAddChildren: boolean } }>(
      client.send(`drive/v3/files/${id}?fields=capabilities/canAddChildren`),
    );
    expect(capabilities.canAddChildren).toBe(false);
    fake.makeReadOnly(id, false);
    fake.setQuota(fake.usedBytes + 3);
    expect(await create()).toBe("403 storageQuotaExceeded");
    fake.setQuota(null);
    expect(await create()).toBe("200");
  });
});

describe("faults", () => {
  test.for<[FaultName, string]>([
    ["userRateLimitExceeded", "403 userRateLimitExceeded"],
    ["rateLimitExceeded", "403 rateLimitExceeded"],
    ["tooManyRequests", "429 rateLimitExceeded"],
    ["dailyLimitExceeded", "403 dailyLimitExceeded"],
    ["storageQuotaExceeded", "403 storageQuotaExceeded"],
    ["teamDriveFileLimitExceeded", "403 teamDriveFileLimitExceeded"],
    ["insufficientFilePermissions", "403 insufficientFilePermissions"],
    ["notFound", "404 notFound"],
    ["internalError", "500 internalError"],
    ["badGateway", "502"],
    ["backendError", "503 backendError"],
  ])("%s answers %s, once", async ([name, outcome]) => {
    fake.faults.add({ name, on: "about" });
    expect([await about(), await about()]).toEqual([outcome, "200"]);
  });

  test("an error has Google's shape and its Retry-After", async () => {
    fake.faults.add({ name: "tooManyRequests", retryAfterSeconds: 7 });
    const answer = await client.send("drive/v3/about?fields=user");
    const message = "Rate Limit Exceeded";
    const errors = [{ message, domain: "usageLimits", reason: "rateLimitExceeded" }];
    expect(await answer.json()).toEqual({ error: { code: 429, message, errors } });
    expect(answer.headers.get("retry-after")).toBe("7");
  });

  test("come at the nth match, so many times, and with a seeded probability", async () => {
    fake.faults.add({ name: "backendError", on: "about", match: "fields=user", nth: 2, times: 2 });
    const outcomes = [await about(), await about(), await about(), await about()];
    expect(outcomes).toEqual(["200", "503 backendError", "503 backendError", "200"]);
    fake.faults.clear();
    const roll = async () => {
      fake.faults.reseed(7);
      const fault = fake.faults.add({ name: "internalError", on: "about", probability: 0.5 });
      const rolled = [];
      for (let turn = 0; turn < 10; turn += 1) rolled.push(await about());
      fake.faults.remove(fault.id);
      return rolled;
    };
    const first = await roll();
    expect(new Set(first).size).toBe(2);
    expect(await roll()).toEqual(first);
  });

  test("a stalled call is never answered; a revoked token stays revoked", async () => {
    fake.faults.add({ name: "stall", on: "about" });
    const signal = AbortSignal.timeout(50);
    await expect(client.send("drive/v3/about?fields=user", { signal })).rejects.toThrow("timeout");
    const revoked = await connect(fake);
    fake.faults.add({ name: "tokenRevoked", on: "about" });
    const ask = () => outcomeOf(revoked.send("drive/v3/about?fields=user"));
    expect([await ask(), await ask()]).toEqual(["401 authError", "401 authError"]);
  });

  test("an outage refuses connections and ends on the same port", async () => {
    await fake.setDown(true);
    await expect(about()).rejects.toThrow();
    await fake.setDown(false);
    expect(await about()).toBe("200");
  });
});

test("twins are names twice in a folder and recordings twice anywhere", async () => {
  await using own = await startFakeDrive();
  const { id: folderId } = own.addFolder("other");
  own.addFile({ name: "u1_20240115_080000.wav" });
  own.addFile({ name: "u1_20240115_080001.wav", parents: [folderId] });
  expect(own.twins()).toEqual([{ kind: "uuid", value: "u1", ids: [expect.any(String), expect.any(String)] }]);
  own.trash(folderId);
  expect(own.twins()).toEqual([]);
});

test("another process steers it through the control port, outage or not", async () => {
  const control = (path: string, body?: unknown) =>
    jsonOf(
      fetch(`${fake.controlUrl}${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    );
  await control("faults", { name: "backendError", on: "about" });
  expect(await about()).toBe("503 backendError");
  await control("down", { down: true });
  await control("add", { name: "by-control", base64: bytes.toString("base64") });
  await control("down", { down: false });
  expect(await control("files")).toContainEqual(expect.objectContaining({ name: "by-control", size: 4 }));
  expect(await control("faults", { name: "nonsense" })).toEqual({ error: 'There is no fault "nonsense"' });
});

test("a state folder carries files, ids and credentials over a restart", async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), "fake-drive-"));
  const before = await startFakeDrive({ stateFolder });
  const spare = await (await connect(before)).newId();
  const file = before.addFile({ name: "kept.wav", bytes });
  before.remove(before.addFile({ name: "removed.wav" }).id);
  await before.close();
  await using after = await startFakeDrive({ stateFolder });
  expect(after.files).toEqual([file]);
  expect(after.bytes(file.id)).toEqual(bytes);
  expect(after.serviceAccountCredentials().private_key).toBe(before.serviceAccountCredentials().private_key);
  expect(await outcomeOf((await connect(after)).multipart({ id: spare }, bytes))).toBe("200");
  rmSync(stateFolder, { recursive: true });
});
