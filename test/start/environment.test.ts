import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { ownSecrets } from "../../src/start/environment.ts";
import { run } from "../cli/run.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "callcenter-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("what the file of credentials keeps secret is known, and a file that is not there changes nothing", async () => {
  const path = join(directory, "credentials.json");
  const config = readConfig(
    { DATABASE_URL: "postgres://u:database-password@h/x", GOOGLE_DRIVE_CREDENTIALS_PATH: path },
    "web",
  );
  expect(ownSecrets(config)).toContain("database-password");
  await writeFile(path, JSON.stringify({ client_id: "id", client_secret: "hidden", refresh_token: "1//hidden" }));
  expect(ownSecrets(config)).toEqual(expect.arrayContaining(["database-password", "hidden", "1//hidden"]));
});

const NOWHERE = "postgres://nobody@127.0.0.1:1/none";

test("a .env that begins with a byte order mark loses no variable", async () => {
  await writeFile(join(directory, ".env"), `\ufeffDATABASE_URL=${NOWHERE}\n`);
  expect(await run(["status"], {}, directory)).toMatchObject({ code: 69 });
});

test("an empty real variable counts as unset, towards .env too", async () => {
  await writeFile(join(directory, ".env"), `DATABASE_URL=${NOWHERE}\nTIMEZONE=Moon/Base\n`);
  expect(await run(["status"], { TIMEZONE: "", DATABASE_URL: " " }, directory)).toMatchObject({
    code: 78,
    stderr: expect.stringContaining("TIMEZONE must be a zone"),
  });
});

test("a .env that is a folder ends with exit code 78 and says so", async () => {
  await mkdir(join(directory, ".env"));
  expect(await run(["status"], { DATABASE_URL: NOWHERE }, directory)).toMatchObject({
    code: 78,
    stderr: expect.stringContaining(".env cannot be read (EISDIR)"),
  });
});
