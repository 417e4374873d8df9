import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { ownSecrets } from "../../src/start/environment.ts";

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
