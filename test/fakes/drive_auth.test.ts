import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeDrive, startFakeDrive } from "./drive.ts";
import {
  assertToken,
  type Client,
  connect,
  connectUser,
  jsonOf,
  outcomeOf,
  refreshToken,
} from "./drive_test_client.ts";

let fake: FakeDrive;
beforeAll(async () => {
  fake = await startFakeDrive();
});
afterAll(() => fake.close());

const about = (client: Client) => outcomeOf(client.send("drive/v3/about?fields=user"));

describe("a service account", () => {
  test("gets a token that the API takes", async () => {
    expect(await about(await connect(fake))).toBe("200");
  });

  test("is refused when another key signed", async () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 1024,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    expect(await outcomeOf(assertToken(fake, { privateKey }))).toBe("400 invalid_grant");
  });

  test("is refused when its clock is ten minutes off, or its assertion lives too long", async () => {
    const tenMinutes = 600;
    const now = Date.now() / 1000;
    expect(await outcomeOf(assertToken(fake, { issuedAt: now + tenMinutes }))).toBe("400 invalid_grant");
    expect(await outcomeOf(assertToken(fake, { issuedAt: now - 3600 - tenMinutes }))).toBe("400 invalid_grant");
    expect(await outcomeOf(assertToken(fake, { lifetimeSeconds: 7200 }))).toBe("400 invalid_grant");
  });

  test("is refused when Google's clock is off from ours", async () => {
    fake.clockOffsetMs = -600_000;
    expect(await outcomeOf(assertToken(fake))).toBe("400 invalid_grant");
    fake.clockOffsetMs = 0;
  });

  test("acts for the users of its domain alone", async () => {
    const client = await connect(fake, { subject: "callcenter@example.com" });
    const { user } = await jsonOf<{ user: { emailAddress: string } }>(client.send("drive/v3/about?fields=user"));
    expect(user.emailAddress).toBe("callcenter@example.com");
    expect(await outcomeOf(assertToken(fake, { subject: "else@example.com" }))).toBe("401 unauthorized_client");
  });

  test("with scope drive.file sees what it made and nothing else", async () => {
    const client = await connect(fake, { scope: "https://www.googleapis.com/auth/drive.file" });
    expect(await outcomeOf(client.send(`drive/v3/files/${fake.folderId}`))).toBe("404 notFound");
  });
});

describe("a user", () => {
  test("gets a token for the refresh token", async () => {
    expect(await about(await connectUser(fake))).toBe("200");
  });

  test("is refused with an unknown client or a wrong secret", async () => {
    expect(await outcomeOf(refreshToken(fake, { client_id: "else" }))).toBe("401 invalid_client");
    expect(await outcomeOf(refreshToken(fake, { client_secret: "else" }))).toBe("401 invalid_client");
  });

  test("who withdrew the consent is refused", async () => {
    await using own = await startFakeDrive();
    const client = await connectUser(own);
    own.revokeRefreshToken();
    expect(await about(client)).toBe("401 authError");
    expect(await outcomeOf(refreshToken(own))).toBe("400 invalid_grant");
  });
});

test("a request without a token, or with an expired or revoked one, answers 401", async () => {
  expect(await outcomeOf(fetch(`${fake.rootUrl}drive/v3/about?fields=user`))).toBe("401 authError");
  fake.tokenLifetimeSeconds = 0;
  expect(await about(await connect(fake))).toBe("401 authError");
  fake.tokenLifetimeSeconds = 3599;
  const client = await connect(fake);
  await fetch(`${fake.rootUrl}revoke?token=${client.token}`, { method: "POST" });
  expect(await about(client)).toBe("401 authError");
});
