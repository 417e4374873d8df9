import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Drive, DriveFile } from "../../src/drive/drive.ts";
import { type FakeDrive, startFakeDrive } from "../fakes/drive.ts";
import { connect } from "./setup.ts";

let fake: FakeDrive;
let drive: Drive;

beforeEach(async () => {
  fake = await startFakeDrive();
  drive = connect(fake);
});
afterEach(() => fake.close());

const addFile = (name: string, parentId = fake.folderId) =>
  fake.addFile({
    name,
    mimeType: "audio/wav",
    bytes: Buffer.from(name),
    parents: [parentId],
    appProperties: { uuid: name },
  });

describe("reserveId()", () => {
  it("asks for a hundred ids at once and hands out each once", async () => {
    const ids = await Promise.all(Array.from({ length: 250 }, () => drive.reserveId()));
    expect(new Set(ids).size).toBe(250);
    expect(fake.requests.count("generateIds")).toBe(3);
  });

  it("asks again after a failure", async () => {
    fake.faults.add({ name: "insufficientFilePermissions", on: "generateIds" });
    await expect(drive.reserveId()).rejects.toMatchObject({ code: "drive_forbidden" });
    expect(await drive.reserveId()).toEqual(expect.any(String));
  });
});

describe("listFolder()", () => {
  it("tells every file that lies in any folder itself, and none of a folder that is hidden", async () => {
    const elsewhere = fake.addFolder("elsewhere", fake.driveId ?? "");
    const a = addFile("a", elsewhere.id);
    addFile("b", fake.addFolder("below", elsewhere.id).id);
    const namesIn = async (folderId: string) => {
      const names: string[] = [];
      for await (const { name } of drive.listFolder(folderId)) names.push(name);
      return names;
    };
    expect(await namesIn(elsewhere.id)).toEqual([a.name]);
    fake.hide(elsewhere.id);
    expect(await namesIn(elsewhere.id)).toEqual([]);
  });
});

describe("find()", () => {
  it("tells which files there are, and asks several times for one that is absent", async () => {
    const [a, b, c] = [addFile("a"), addFile("b"), addFile("c")];
    fake.trash(b.id);
    fake.faults.add({ name: "notFound", on: "get", match: a.id, times: 3 });
    fake.faults.add({ name: "backendError", on: "get", match: b.id });
    const found = await drive.find([a.id, b.id, c.id, c.id, "1_no_such_file"]);
    expect([...found].map(([id, file]) => [id, file.id, file.trashed]).sort()).toEqual(
      [
        [a.id, a.id, false],
        [b.id, b.id, true],
        [c.id, c.id, false],
      ].sort(),
    );
    expect(fake.requests.count("get")).toBe(4 + 2 + 1 + 5);
  });

  it("asks for a few at a time, and stops when it is told to", async () => {
    const ids = Array.from({ length: 40 }, (_, nth) => addFile(`file ${nth}`).id);
    const stop = new AbortController();
    fake.faults.add({ name: "stall", on: "get", times: "always" });
    const found = drive.find(ids, stop.signal);
    const stopped = expect(found).rejects.toThrow("stopped");
    await expect.poll(() => fake.requests.count("get")).toBe(8);
    stop.abort(new Error("stopped"));
    await stopped;
    expect(fake.requests.count("get")).toBe(8);
  });

  it("does not take a file for absent because Google is down", async () => {
    const { id } = addFile("a");
    fake.faults.add({ name: "internalError", on: "get", times: "always" });
    await expect(drive.find([id])).rejects.toMatchObject({ code: "drive_server_error" });
  });
});

describe("list()", () => {
  const list = async (options?: { signal?: AbortSignal }) => {
    const files: DriveFile[] = [];
    for await (const file of drive.list(options)) files.push(file);
    return files.sort((one, other) => (one.name < other.name ? -1 : 1));
  };

  it("tells every file of the folder and below, with all that is known of it, the trash too", async () => {
    const year = fake.addFolder("2024");
    const month = fake.addFolder("01", year.id);
    const [a, b, c] = [addFile("a"), addFile("b", year.id), addFile("c", month.id)];
    fake.trash(b.id);
    fake.addFile({ name: "elsewhere", mimeType: "audio/wav", parents: [fake.driveId ?? ""] });
    const files = await list();
    expect(files.map(({ id, trashed }) => [id, trashed])).toEqual([
      [a.id, false],
      [b.id, true],
      [c.id, false],
    ]);
    expect(files[0]).toEqual({
      id: a.id,
      name: "a",
      sizeBytes: 1,
      md5: "0cc175b9c0f1b6a831c399e269772661",
      mimeType: "audio/wav",
      webViewLink: `https://drive.google.com/file/d/${a.id}/view?usp=drivesdk`,
      appProperties: { uuid: "a" },
      trashed: false,
      parents: [fake.folderId],
      createdTime: new Date(a.createdTime),
    });
  });

  it("turns pages of a thousand", async () => {
    for (let count = 0; count < 2_050; count++) addFile(`file ${count}`);
    fake.faults.add({ name: "backendError", on: "list", nth: 2 });
    expect(new Set((await list()).map(({ id }) => id)).size).toBe(2_050);
    expect(fake.requests.count("list")).toBe(4);
  });

  it("asks about twenty folders in one question", async () => {
    for (let count = 0; count < 45; count++) addFile(`file ${count}`, fake.addFolder(`folder ${count}`).id);
    expect(await list()).toHaveLength(45);
    expect(fake.requests.count("list")).toBe(4);
  });

  it("stops when it is told to", async () => {
    await expect(list({ signal: AbortSignal.abort(new Error("stopped")) })).rejects.toThrow("stopped");
  });

  it("says that the folder is missing rather than empty", async () => {
    fake.hide(fake.folderId);
    await expect(list()).rejects.toMatchObject({ code: "drive_folder_missing" });
  });
});

describe("get(), restore() and remove()", () => {
  it("know what is there and what is not", async () => {
    const { id } = addFile("a");
    expect(await drive.get(id)).toMatchObject({ id, name: "a" });
    expect(await drive.get("1_nothing")).toBeNull();
    fake.trash(id);
    expect(await drive.get(id)).toMatchObject({ trashed: true });
    const file = (await drive.get(id))!;
    expect(await drive.restore(file, fake.folderId)).toMatchObject({ trashed: false });
    await drive.remove(id);
    await drive.remove(id);
    expect(fake.files).toEqual([]);
  });

  it("tell a file that is closed to us, or that went away meanwhile, from a Drive that is", async () => {
    const { id } = addFile("a");
    const file = (await drive.get(id))!;
    fake.makeReadOnly(id);
    await expect(drive.restore(file, fake.folderId)).rejects.toMatchObject({ code: "drive_file_forbidden" });
    fake.faults.add({ name: "insufficientFilePermissions", on: "get" });
    await expect(drive.get(id)).rejects.toMatchObject({ code: "drive_file_forbidden" });
    fake.remove(id);
    await expect(drive.restore(file, fake.folderId)).rejects.toMatchObject({ code: "drive_file_lost" });
  });
});

const byAge = (one: { createdTime: string; id: string }, other: { createdTime: string; id: string }) =>
  `${one.createdTime} ${one.id}` < `${other.createdTime} ${other.id}` ? -1 : 1;

describe("folders", () => {
  it("are found by name, quotes and backslashes included, not in the trash", async () => {
    for (const name of ["2024", "O'Brien \\ Sons", "Tháng 1"]) {
      expect(await drive.findFolder(name, fake.folderId)).toBeNull();
      const { id } = fake.addFolder(name);
      expect(await drive.findFolder(name, fake.folderId)).toBe(id);
      fake.trash(id);
      expect(await drive.findFolder(name, fake.folderId)).toBeNull();
    }
  });

  it("are one, the oldest, where there are twins", async () => {
    const twins = [fake.addFolder("2024"), fake.addFolder("2024")];
    expect(await drive.findFolder("2024", fake.folderId)).toBe([...twins].sort(byAge)[0]?.id);
  });

  it("are made once under a reserved id, however often they are asked for", async () => {
    const folder = { id: await drive.reserveId(), name: "2024", parentId: fake.folderId };
    fake.faults.add({ name: "answerLost", on: "create" });
    await drive.createFolder(folder);
    await drive.createFolder(folder);
    expect(fake.folders.filter(({ name }) => name === "2024").map(({ id }) => id)).toEqual([folder.id]);
    expect(fake.twins()).toEqual([]);
  });
});
