import type { DriveReport } from "../../drive/drive.ts";
import type { Session } from "../session.ts";
import { sized } from "../text.ts";
import { clock, type Finding, failed, note, ok, problem, warning } from "./finding.ts";

const LITTLE_SPACE_BYTES = 5 * 1024 ** 3;

const OWN_STORAGE =
  "Use a folder of a Shared Drive, or set GOOGLE_DRIVE_SUBJECT to a user for whom the service account may act, or use a user's OAuth credentials.";

/** Tries everything that an upload needs, up to the first thing that fails. */
export async function checkDrive(session: Session): Promise<Finding[]> {
  const { io, config, log } = session;
  const drive = await io.drive(config, log);
  if (!drive) return [note("Google Drive", "disabled (GOOGLE_DRIVE_ENABLED=false): recordings stay at the PBX")];
  const report = await drive.examine();
  const findings = [
    ...account(report),
    ...token(report),
    ...folder(report, config.GOOGLE_DRIVE_FOLDER_ID === undefined),
    ...writing(report),
    ...space(report),
    ...clock("clock", "Google's", report.clockSkewMs),
  ];
  const isTold = findings.some(({ state }) => state === "problem");
  return report.problem && !isTold ? [...findings, failed("Google Drive", report.problem)] : findings;
}

function account({ credentials, account, subject, problem: failure }: DriveReport): Finding[] {
  if (credentials === null) return failure ? [failed("credentials", failure)] : [];
  if (credentials === "authorized_user")
    return [ok("credentials", `a user's OAuth credentials${account ? ` (${account})` : ""}`)];
  return [ok("credentials", subject ? `a service account that acts for ${subject}` : `a service account (${account})`)];
}

function token({ tokenWorks, credentials, problem: failure }: DriveReport): Finding[] {
  if (tokenWorks === false && failure) return [failed("token", failure)];
  if (!tokenWorks) return [];
  const lasts =
    credentials === "authorized_user" ? "; while its OAuth app is in 'Testing' it lasts 7 days: publish the app" : "";
  return [ok("token", `Google gives one and takes it${lasts}`)];
}

function folder({ folder, tokenWorks, problem: failure }: DriveReport, isTop: boolean): Finding[] {
  if (!folder) return tokenWorks && failure ? [failed("folder", failure)] : [];
  const where = folder.isInSharedDrive ? "in a Shared Drive" : "in somebody's My Drive";
  if (isTop) {
    const advice = "Set GOOGLE_DRIVE_FOLDER_ID to the folder that shall hold the recordings.";
    return [warning("folder", "GOOGLE_DRIVE_FOLDER_ID is not set: files go to the top of My Drive", advice)];
  }
  return [ok("folder", `"${folder.name}", ${where}, is visible`)];
}

function writing({ folder, ownsNoStorage, writable, leftBehind, problem: failure }: DriveReport): Finding[] {
  if (!folder) return [];
  if (ownsNoStorage) {
    const why = "will fail: a service account owns no storage, and the folder lies in somebody's My Drive";
    return [problem("writable", why, OWN_STORAGE)];
  }
  if (leftBehind) {
    const advice = "Give the account the role 'Content manager'. The test file can be deleted.";
    return [warning("writable", `"${leftBehind}" was made there but could not be removed`, advice)];
  }
  if (writable) return [ok("writable", "a file was made there and removed")];
  return failure ? [failed("writable", failure)] : [];
}

function space({ folder, freeBytes }: DriveReport): Finding[] {
  if (!folder) return [];
  if (freeBytes === null)
    return [ok("space", folder.isInSharedDrive ? "a Shared Drive has no limit of its own" : "no limit")];
  if (freeBytes >= LITTLE_SPACE_BYTES) return [ok("space", `${sized(freeBytes)} are free`)];
  return [warning("space", `only ${sized(freeBytes)} are free`, "Make room, or use a Shared Drive.")];
}
