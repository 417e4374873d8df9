import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Drive } from "../../src/drive/drive.ts";
import { refusalOf } from "../../src/drive/reasons.ts";
import { SyncError } from "../../src/errors.ts";
import { type FakeDrive, type FaultName, startFakeDrive } from "../fakes/drive.ts";
import { connect, Recording, requestFor } from "./setup.ts";

const NOW = new Date("2024-01-15T12:00:00Z");

function refuse(status: number, body: unknown, headers: Record<string, string> = {}) {
  return refusalOf('upload "a.wav"', { status, headers: new Headers(headers), body }, NOW);
}

const drivesWay = (reason: string, message = "No.") => ({
  error: { message, errors: [{ domain: "global", reason, message }] },
});

describe("refusalOf()", () => {
  it.each([
    [403, "userRateLimitExceeded", "drive_rate_limited"],
    [403, "rateLimitExceeded", "drive_rate_limited"],
    [403, "dailyLimitExceeded", "drive_daily_limit"],
    [403, "storageQuotaExceeded", "drive_full"],
    [403, "teamDriveFileLimitExceeded", "drive_full"],
    [403, "numChildrenInNonRootLimitExceeded", "drive_folder_full"],
    [403, "insufficientFilePermissions", "drive_forbidden"],
    [403, "somethingNew", "drive_forbidden"],
    [403, "insufficientPermissions", "drive_credentials"],
    [403, "accessNotConfigured", "drive_api_disabled"],
    [404, "notFound", "drive_folder_missing"],
    [401, "authError", "drive_credentials"],
    [400, "badRequest", "drive_bad_answer"],
    [429, "rateLimitExceeded", "drive_rate_limited"],
    [500, "internalError", "drive_server_error"],
    [503, "backendError", "drive_server_error"],
  ])("reads %d %s as %s", (status, reason, code) => {
    const refusal = refuse(status, drivesWay(reason, "Words of Google."));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toBe(`Cannot upload "a.wav": Google answered ${status} ${reason} (Words of Google.)`);
  });

  it.each([
    [403, "insufficientFilePermissions", "drive_file_forbidden"],
    [403, "fileIsLocked", "drive_file_forbidden"],
    [404, "notFound", "drive_file_lost"],
    [403, "storageQuotaExceeded", "drive_full"],
    [403, "userRateLimitExceeded", "drive_rate_limited"],
  ])("reads %d %s of one file as %s", (status, reason, code) => {
    const answer = { status, headers: new Headers(), body: drivesWay(reason) };
    expect(refusalOf("read file 1", answer, NOW, true).code).toBe(code);
  });

  it("reads the newer shape of errors, in which the reason stands among the details", () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "SERVICE_DISABLED" }];
    const errors = [{ reason: "forbidden" }];
    expect(refuse(403, { error: { message: "Off.", errors, status: "PERMISSION_DENIED", details } }).code).toBe(
      "drive_api_disabled",
    );
  });

  it.each(["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "something_new"])(
    "takes OAuth's %s for bad credentials",
    (error) => {
      const refusal = refuse(400, { error, error_description: "Token has been expired or revoked." });
      expect(refusal.code).toBe("drive_credentials");
      expect(refusal.message).toContain(`400 ${error} (Token has been expired or revoked.)`);
    },
  );

  it("reads plain text and pages by their status, and shows them without tags or control characters", () => {
    const page = "<html><title>Error 502</title>\n\u001b[31m<b>502.</b> That's an error.</html>";
    expect(refuse(502, page)).toMatchObject({ code: "drive_server_error" });
    expect(refuse(502, page).message).toBe(
      'Cannot upload "a.wav": Google answered 502 (Error 502 [31m 502. That\'s an error.)',
    );
    expect(refuse(403, "").code).toBe("drive_forbidden");
    expect(refuse(400, null).code).toBe("drive_bad_answer");
  });

  it("reads Retry-After in seconds and as a date", () => {
    expect(refuse(429, "", { "retry-after": "7" }).retryAfterMs).toBe(7_000);
    expect(refuse(503, "", { "retry-after": "Mon, 15 Jan 2024 12:00:30 GMT" }).retryAfterMs).toBe(30_000);
    expect(refuse(503, "", { "retry-after": "Mon, 15 Jan 2024 11:00:00 GMT" }).retryAfterMs).toBe(0);
    expect(refuse(503, "", { "retry-after": "soon" }).retryAfterMs).toBeUndefined();
    expect(refuse(429, "", { "retry-after": "9".repeat(30) }).retryAfterMs).toBe(86_400_000);
  });

  it("waits till Google's tomorrow when the daily limit is used up", () => {
    expect(refuse(403, drivesWay("dailyLimitExceeded")).retryAfterMs).toBe(20 * 3_600_000);
  });
});

describe("every refusal of Drive", () => {
  let fake: FakeDrive;
  let drive: Drive;

  beforeEach(async () => {
    fake = await startFakeDrive();
    drive = connect(fake);
  });
  afterEach(() => fake.close());

  it.each<[FaultName, string]>([
    ["userRateLimitExceeded", "drive_rate_limited"],
    ["rateLimitExceeded", "drive_rate_limited"],
    ["tooManyRequests", "drive_rate_limited"],
    ["dailyLimitExceeded", "drive_daily_limit"],
    ["storageQuotaExceeded", "drive_full"],
    ["teamDriveFileLimitExceeded", "drive_full"],
    ["insufficientFilePermissions", "drive_forbidden"],
    ["notFound", "drive_folder_missing"],
    ["tokenRevoked", "drive_credentials"],
    ["internalError", "drive_server_error"],
    ["badGateway", "drive_server_error"],
    ["backendError", "drive_server_error"],
    ["answerLost", "drive_unreachable"],
    ["resetBeforeCommit", "drive_unreachable"],
  ])("%s that does not pass is %s, nobody's attempt", async (name, code) => {
    const { request } = await requestFor(drive, fake, new Recording(Buffer.alloc(1_000)));
    fake.faults.add({ name, on: "multipart", times: "always" });
    const failed = await drive.upload(request).catch((error: unknown) => error);
    if (name !== "answerLost") expect(failed).toMatchObject({ code });
    if (failed instanceof SyncError) expect(failed.meaning.counts).toBe(false);
    expect(fake.files.length).toBe(name === "answerLost" ? 1 : 0);
  });

  it("is given back at once where the wait would be long", async () => {
    const { request } = await requestFor(drive, fake, new Recording(Buffer.alloc(1_000)));
    fake.faults.add({ name: "tooManyRequests", on: "multipart", retryAfterSeconds: 120 });
    await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_rate_limited", retryAfterMs: 120_000 });
    expect(fake.requests.count("multipart")).toBe(1);
  });

  it("is a timeout when Drive says nothing", async () => {
    const { request } = await requestFor(drive, fake, new Recording(Buffer.alloc(1_000)));
    fake.faults.add({ name: "stall", times: "always" });
    const impatient = connect(fake, { timeouts: { answerMs: 50 } });
    await expect(impatient.upload(request)).rejects.toMatchObject({ code: "drive_timeout" });
    expect(fake.requests.count("multipart")).toBeGreaterThan(1);
  });

  it("is unreachable when nobody is there, and over when somebody is again", async () => {
    const recording = new Recording(Buffer.alloc(1_000));
    const { request } = await requestFor(drive, fake, recording);
    await fake.setDown(true);
    await expect(drive.upload(request)).rejects.toMatchObject({ code: "drive_unreachable" });
    await expect(connect(fake).reserveId()).rejects.toMatchObject({ code: "drive_unreachable" });
    await fake.setDown(false);
    expect((await drive.upload(request)).id).toBe(request.fileId);
  });
});
