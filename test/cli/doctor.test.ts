import { afterEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { callsOf, openWorld, TODAY, type World, YESTERDAY } from "../world.ts";
import { environmentOf } from "./environment.ts";
import { type Finished, run, widthOf } from "./run.ts";

let world: World;
afterEach(() => world.close());

interface Finding {
  group: string;
  check: string;
  state: string;
  message: string;
  advice?: string;
}

/** What a check of `doctor --json` found. */
function found({ stdout }: Finished, group: string, check: string): Finding | undefined {
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return findings.find((finding) => finding.group === group && finding.check === check);
}

const diagnose = (changes: Record<string, string> = {}) =>
  run(["doctor", "--json"], { ...environmentOf(world), ...changes });

test("doctor finds everything well, a line each, and shows no secret", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 12) } });
  const environment = { ...environmentOf(world), API_TOKEN: "a-secret-token" };
  const { code, stdout, stderr } = await run(["doctor"], environment);
  for (const line of [
    /✓ environment +every variable that a worker needs is set and right/,
    /✓ clock +\d{4}-\d\d-\d\d \d\d:\d\d in Asia\/Ho_Chi_Minh/,
    /✓ reachable +PostgreSQL \d+.* answers$/m,
    /✓ connection +direct/,
    /✓ migrations +all \d are applied/,
    /✓ zone +Asia\/Ho_Chi_Minh, as TIMEZONE says/,
    /✓ key +is accepted/,
    new RegExp(`✓ dialect +seed, ${YESTERDAY} has 12 calls`),
    /✓ pages +newest first/,
    /✓ recording +can be read \(mp3, \d.*B\)/,
    /✓ clock +the PBX's clock and ours agree/,
    /✓ credentials +a service account \(.*@.*\)/,
    /✓ token +Google gives one and takes it/,
    /✓ folder +"Recordings", in a Shared Drive, is visible/,
    /✓ writable +a file was made there and removed/,
    /✓ worker +1 process alive/,
    /✓ nightly run +\d{4}-\d\d-\d\d 02:00, \d{4}-\d\d-\d\d 02:00, \d{4}-\d\d-\d\d 02:00/,
  ]) {
    expect(stdout).toMatch(line);
  }
  expect(stdout).toMatch(/\n1 warning\.\n$/); // plain http
  expect([code, stderr]).toEqual([0, ""]);
  expect(widthOf(stdout)).toBeLessThanOrEqual(100);
  const credentials = world.drive.serviceAccountCredentials();
  for (const secret of ["a-secret-token", "test-key", credentials.private_key.slice(40, 80)]) {
    expect(stdout).not.toContain(secret);
  }
  expect(world.drive.files).toEqual([]);
});

test("doctor tells a key that is refused, and a Drive that forbids, with what to do, exit code 1", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 3) } });
  world.drive.makeReadOnly(world.drive.folderId);
  const told = await diagnose({ PBX_API_KEY: "another-key" });
  expect(found(told, "PBX", "key")).toMatchObject({
    state: "problem",
    message: expect.stringContaining("refuses the key (401)"),
    advice: expect.stringContaining("Set PBX_API_KEY"),
  });
  expect(found(told, "Google Drive", "writable")).toMatchObject({ state: "problem" });
  expect(told.code).toBe(1);
  expect(told.stdout).not.toContain("another-key");
});

test("doctor tells that a service account will fail on My Drive", async () => {
  world = await openWorld({ drive: { kind: "my" } });
  const told = await diagnose();
  expect(found(told, "Google Drive", "writable")).toMatchObject({
    state: "problem",
    message: expect.stringMatching(/^will fail: a service account owns no storage/),
    advice: expect.stringContaining("Shared Drive"),
  });
});

test("doctor says of a user's OAuth credentials how long they last, and of a folder that it is not named", async () => {
  world = await openWorld({ drive: { kind: "my" } });
  const credentials = JSON.stringify(world.drive.authorizedUserCredentials());
  const told = await diagnose({ GOOGLE_DRIVE_CREDENTIALS_JSON: credentials, GOOGLE_DRIVE_FOLDER_ID: "" });
  expect(found(told, "Google Drive", "token")?.message).toContain("lasts 7 days");
  expect(found(told, "Google Drive", "folder")).toMatchObject({ state: "warning" });
  expect(found(told, "Google Drive", "writable")).toMatchObject({ state: "ok" });
  expect(told.code).toBe(0);
});

test("doctor warns of a PBX that answers anybody, and of clocks that differ", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 3), auth: "none" } });
  world.pbx.faults.inject({ name: "clock_skew", ms: 600_000 });
  const told = await diagnose();
  expect(found(told, "PBX", "without key")).toMatchObject({ state: "warning" });
  expect(found(told, "PBX", "clock")).toMatchObject({
    state: "warning",
    message: expect.stringMatching(/^the PBX's clock is (59|60)\d s ahead of ours$/),
  });
});

test("doctor tells a page cap, and a recording that is no audio", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 12), pageCap: 5 } });
  world.pbx.faults.inject({ name: "html_page", kind: "recording" });
  const told = await diagnose();
  expect(found(told, "PBX", "pages")?.message).toContain("it sends 5 a page");
  expect(found(told, "PBX", "recording")).toMatchObject({ state: "problem" });
  expect(told.code).toBe(1);
});

test("doctor looks at the last day that had recordings where yesterday has none", async () => {
  const day = addDays(TODAY, -4);
  world = await openWorld({ pbx: { calls: callsOf(day, 12) } });
  await world.queue("daily_sync", { dateFrom: day });
  await world.settle();
  expect(found(await diagnose(), "PBX", "recording")).toMatchObject({ state: "ok" });
});

test("doctor ends with 69 where the PBX or Google is down, and still checks the rest", async () => {
  world = await openWorld({ idle: true });
  await world.pbx.setDown(true);
  const told = await diagnose();
  expect(found(told, "PBX", "reachable")).toMatchObject({ state: "problem" });
  expect(found(told, "Google Drive", "writable")).toMatchObject({ state: "ok" });
  expect(found(told, "Service", "worker")).toMatchObject({ state: "warning" });
  expect(told.code).toBe(69);
});

test("doctor ends with 69 where the database is down, and still checks the PBX and Drive", async () => {
  world = await openWorld({ idle: true, pbx: { calls: callsOf(YESTERDAY, 3) } });
  const told = await diagnose({ DATABASE_URL: "postgres://nobody:hidden-word@127.0.0.1:1/none" });
  expect(found(told, "Database", "reachable")).toMatchObject({
    state: "problem",
    message: "The database does not answer: the connection is refused.",
  });
  expect(found(told, "PBX", "key")).toMatchObject({ state: "ok" });
  expect(told.code).toBe(69);
  expect(told.stdout + told.stderr).not.toContain("hidden-word");
});

test("doctor names every bad variable, shows no value, and ends with 78", async () => {
  world = await openWorld({ idle: true });
  const told = await diagnose({ PBX_AUTH: "klingon", CALLCENTER_MAX_RETRIES: "-3" });
  expect(found(told, "Configuration", "PBX_AUTH")?.message).toBe("must be bearer, basic or none");
  expect(found(told, "Configuration", "CALLCENTER_MAX_RETRIES")).toMatchObject({ state: "problem" });
  expect(told.stdout).not.toContain("klingon");
  expect(told.code).toBe(78);
});

test("doctor tells a CA file that cannot be read, an unknown dialect and credentials that are none, with 78", async () => {
  world = await openWorld({ idle: true });
  const told = await diagnose({ PBX_CA_FILE: "/nowhere/ca.pem", GOOGLE_DRIVE_CREDENTIALS_JSON: "no json" });
  expect(found(told, "PBX", "PBX")?.message).toContain("PBX_CA_FILE cannot be read");
  expect(found(told, "Google Drive", "Google Drive")?.message).toContain("GOOGLE_DRIVE_CREDENTIALS_JSON is no JSON");
  expect(told.code).toBe(78);
  const dialect = await diagnose({ PBX_DIALECT: "klingon" });
  expect(found(dialect, "Configuration", "PBX_DIALECT")?.message).toBe("must be one of auto, seed, onepos-v2");
  expect([dialect.code, dialect.stdout.includes("klingon")]).toEqual([78, false]);
});

test("doctor tells that the workers count days in another zone", async () => {
  world = await openWorld();
  const told = await diagnose({ TIMEZONE: "Europe/Paris" });
  expect(found(told, "Database", "zone")).toMatchObject({
    state: "warning",
    message: "the workers count days in Asia/Ho_Chi_Minh, TIMEZONE here says Europe/Paris",
  });
});

test("doctor names GOOGLE_DRIVE_SUBJECT and domain-wide delegation where the account may not act for that user", async () => {
  world = await openWorld({ idle: true });
  const told = await diagnose({ GOOGLE_DRIVE_SUBJECT: "nobody@example.com" });
  const token = found(told, "Google Drive", "token");
  expect([told.code, token?.state]).toEqual([78, "problem"]);
  expect(token?.message).toMatch(/GOOGLE_DRIVE_SUBJECT, which takes domain-wide delegation: .*unauthorized_client/);
});
