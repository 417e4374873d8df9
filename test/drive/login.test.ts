import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeDrive, startFakeDrive } from "../fakes/drive.ts";
import { connect, Recording, requestFor } from "./setup.ts";

let fake: FakeDrive;

beforeEach(async () => {
  fake = await startFakeDrive();
});
afterEach(() => fake.close());

async function uploadWith(credentials: unknown, subject?: string) {
  const drive = connect(fake, { credentials, subject });
  const { request } = await requestFor(drive, fake, new Recording(Buffer.alloc(1_000)));
  return drive.upload(request);
}

describe("credentials", () => {
  it("of a service account work, its key also with escaped line breaks", async () => {
    const credentials = fake.serviceAccountCredentials();
    await uploadWith(credentials);
    await uploadWith({ ...credentials, private_key: credentials.private_key.replaceAll("\n", "\\n") });
    expect(fake.files).toHaveLength(2);
  });

  it("of a service account act for a subject", async () => {
    await uploadWith(fake.serviceAccountCredentials(), "callcenter@example.com");
    const refused = uploadWith(fake.serviceAccountCredentials(), "nobody@example.com");
    await expect(refused).rejects.toMatchObject({ code: "drive_credentials" });
    await expect(refused).rejects.toThrow(
      /GOOGLE_DRIVE_SUBJECT, which takes domain-wide delegation: .*unauthorized_client/,
    );
  });

  it("of a user work, with or without their type", async () => {
    const { type, ...untyped } = fake.authorizedUserCredentials();
    await uploadWith({ type, ...untyped });
    await uploadWith(untyped);
    expect(fake.files).toHaveLength(2);
  });

  it("go to the token endpoint that is configured, before the one that they name", async () => {
    const elsewhere = { ...fake.serviceAccountCredentials(), token_uri: "http://127.0.0.1:1/token" };
    await connect(fake, { credentials: elsewhere, tokenUrl: new URL(fake.tokenUrl) }).reserveId();
    await expect(connect(fake, { credentials: elsewhere }).reserveId()).rejects.toMatchObject({
      code: "drive_unreachable",
    });
  });

  it.each([
    ["are missing", { missing: "there is no file /app/credentials/google-credentials.json" }, /there is no file/],
    ["are no object", "secret-text", /no JSON object/],
    ["are an OAuth client", { installed: { client_id: "x", client_secret: "hush" } }, /without a user's consent/],
    ["are of another type", { type: "external_account" }, /their type is "external_account"/],
    ["are incomplete", { type: "service_account", client_email: "a@b.c" }, /fields are missing/],
    ["cannot sign", { type: "service_account", client_email: "a@b.c", private_key: "hush" }, /do not work/],
  ])("that %s are refused with a reason, and no secret", async (_what, credentials, reason) => {
    const failed = await uploadWith(credentials).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "drive_credentials", message: expect.stringMatching(reason) });
    expect(String(failed)).not.toMatch(/hush|secret-text/);
    expect(fake.requests.count()).toBe(0);
  });

  it("that Google revoked are told as such", async () => {
    fake.revokeRefreshToken();
    const refused = uploadWith(fake.authorizedUserCredentials());
    await expect(refused).rejects.toMatchObject({ code: "drive_credentials" });
    await expect(refused).rejects.toThrow(/invalid_grant \(Token has been expired or revoked\.\)/);
  });

  it("of a service account fail where the clock is wrong, and Google says why", async () => {
    fake.clockOffsetMs = 3_600_000 * 2;
    await expect(uploadWith(fake.serviceAccountCredentials())).rejects.toThrow(/Check your iat and exp values/);
  });

  it("do without a service account's own storage: My Drive is full for it from the start", async () => {
    await using mine = await startFakeDrive({ kind: "my" });
    const drive = connect(mine);
    const { request } = await requestFor(drive, mine, new Recording(Buffer.alloc(1_000)));
    await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_full" });
    await expect(drive.upload({ ...request, open: new Recording(Buffer.alloc(600_000)).open })).rejects.toMatchObject({
      code: "drive_full",
    });
  });
});

describe("tokens", () => {
  it("are fetched once for many requests", async () => {
    const drive = connect(fake);
    await Promise.all(Array.from({ length: 8 }, () => drive.get("1_nothing")));
    expect(fake.requests.count("token")).toBe(1);
  });

  it("are fetched again, once, when Google revoked them early", async () => {
    const drive = connect(fake);
    await drive.reserveId();
    fake.revokeAccessTokens();
    await Promise.all(Array.from({ length: 8 }, () => drive.get("1_nothing")));
    expect(fake.requests.count("token")).toBe(2);
  });

  it("are refreshed before they expire", async () => {
    fake.tokenLifetimeSeconds = 60;
    const drive = connect(fake, { credentials: fake.authorizedUserCredentials() });
    await drive.get("1_nothing");
    await drive.get("1_nothing");
    expect(fake.requests.count("token")).toBeGreaterThan(1);
  });

  it("are asked for again when the endpoint fails for a moment", async () => {
    fake.faults.add({ name: "backendError", on: "token" });
    await connect(fake).reserveId();
    fake.faults.add({ name: "invalid_grant" });
    await expect(connect(fake).reserveId()).rejects.toMatchObject({ code: "drive_credentials" });
  });
});
