import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeDrive, FOLDER_TYPE, startFakeDrive } from "./drive.ts";
import { type Client, connect, jsonOf, outcomeOf } from "./drive_test_client.ts";

let fake: FakeDrive;
let client: Client;
beforeAll(async () => {
  fake = await startFakeDrive();
  client = await connect(fake);
  fake.addFile({ name: "one.wav", mimeType: "audio/wav", appProperties: { uuid: "u1" } });
  fake.addFile({ name: "two.mp3", mimeType: "audio/mpeg", appProperties: { uuid: "u2" } });
  fake.addFile({ name: "it's \\ odd", mimeType: "audio/wav" });
  fake.trash(fake.addFile({ name: "trashed.wav", mimeType: "audio/wav" }).id);
  const inner = fake.addFolder("inner");
  fake.addFile({
    name: "deep.wav",
    mimeType: "audio/wav",
    parents: [inner.id],
    createdTime: "2020-01-01T00:00:00.000Z",
  });
});
afterAll(() => fake.close());

test.for<[string, string[]]>([
  ["name = 'one.wav'", ["one.wav"]],
  ["name = 'it\\'s \\\\ odd'", ["it's \\ odd"]],
  ["name contains 'tw'", ["two.mp3"]],
  ["name contains 'wo'", []],
  ["mimeType = 'audio/mpeg' and trashed = false", ["two.mp3"]],
  ["trashed = true", ["trashed.wav"]],
  ["appProperties has { key='uuid' and value='u1' }", ["one.wav"]],
  ["mimeType != 'audio/wav' and not name = 'two.mp3' and name != 'Recordings'", ["inner"]],
  [`(name = 'one.wav' or name = 'two.mp3') and mimeType != '${FOLDER_TYPE}'`, ["one.wav", "two.mp3"]],
  ["name = 'one.wav' or name = 'two.mp3' and trashed = true", ["one.wav"]],
  ["createdTime < '2021-01-01T00:00:00'", ["deep.wav"]],
])("the query %s finds %o", async ([q, names]) => {
  expect(await client.list(q)).toEqual(names);
});

test("'id' in parents finds a folder's own children, and 404 for a folder that is not there", async () => {
  const names = await client.list(`'${fake.folderId}' in parents and trashed = false`);
  expect(names).toEqual(["inner", "it's \\ odd", "one.wav", "two.mp3"]);
  expect(await outcomeOf(client.send("drive/v3/files?q='nowhere' in parents"))).toBe("404 notFound");
});

test.for(["name = one", "name ~ 'x'", "'x' in", "colour = 'red'", "name = 'a' and", "(name = 'a'"])(
  "the query %s is refused",
  async (q) => {
    expect(await outcomeOf(client.send(`drive/v3/files?q=${encodeURIComponent(q)}`))).toBe("400 invalid");
  },
);

test("items of a shared drive are listed only for those who include them", async () => {
  expect(await client.list("trashed = false", "&includeItemsFromAllDrives=false")).not.toEqual([]);
  expect(await jsonOf(client.send("drive/v3/files?fields=files(name)"))).toEqual({ files: [] });
  const corpora = `&corpora=drive&driveId=${fake.driveId}`;
  expect(await client.list("name = 'one.wav'", corpora)).toEqual(["one.wav"]);
  expect(await outcomeOf(client.send("drive/v3/files?corpora=drive"))).toBe("400 invalid");
});

test("a long list comes in pages, in the asked order, each file once, whatever is added meanwhile", async () => {
  const seen: string[] = [];
  let pageToken = "";
  do {
    const query = `includeItemsFromAllDrives=true&pageSize=2&orderBy=name desc&fields=nextPageToken,files/name`;
    const page = await jsonOf<{ nextPageToken?: string; files: { name: string }[] }>(
      client.send(`drive/v3/files?${query}&q=mimeType='audio/wav'${pageToken && `&pageToken=${pageToken}`}`),
    );
    seen.push(...page.files.map((file) => file.name));
    pageToken = page.nextPageToken ?? "";
    fake.addFile({ name: "zzz", mimeType: "text/plain" });
  } while (pageToken);
  expect(seen).toEqual(["trashed.wav", "one.wav", "it's \\ odd", "deep.wav"]);
});

test("search lags: a new file is there before it is found", async () => {
  fake.searchLagMs = 60_000;
  const { id } = fake.addFile({ name: "fresh.wav" });
  expect(await client.list("name = 'fresh.wav'")).toEqual([]);
  expect(await outcomeOf(client.send(`drive/v3/files/${id}`))).toBe("200");
  fake.searchLagMs = 0;
  expect(await client.list("name = 'fresh.wav'")).toEqual(["fresh.wav"]);
});
