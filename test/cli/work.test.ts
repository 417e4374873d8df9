import { afterEach, expect, test, vi } from "vitest";
import { addDays } from "../../src/day.ts";
import { aRecentCall, callsOf, openWorld, TODAY, type World, YESTERDAY } from "../world.ts";
import { environmentOf } from "./environment.ts";
import { runInside } from "./inside.ts";
import { run, start } from "./run.ts";

let world: World;
afterEach(() => world.close());

const FROM = addDays(TODAY, -3);
const TO = addDays(TODAY, -2);

async function twoDays() {
  world = await openWorld({ pbx: { calls: [...callsOf(FROM, 8), ...callsOf(TO, 8)] } });
  return environmentOf(world);
}

test("sync --wait stays until every day is read and its recordings are in Drive, and tells it in plain lines", async () => {
  const environment = await twoDays();
  const { code, stdout, stderr } = await run(["sync", "--from", FROM, "--to", TO, "--wait"], environment);
  const recordings = world.drive.files.length;
  expect(recordings).toBeGreaterThan(4);
  expect(stdout).toBe(`2 days read: 16 calls, ${recordings} recordings.\n${recordings} of them in Drive.\n`);
  expect(code).toBe(0);
  expect(stderr.split("\n")[0]).toBe("2 days queued.");
  expect(stderr).toMatch(new RegExp(`^2 of 2 days.*; ${recordings} of ${recordings} recordings`, "m"));
  expect(stderr).not.toContain("\x1b");
});

test("sync without --wait queues and goes; asked again it adds nothing", async () => {
  world = await openWorld({ idle: true });
  const environment = environmentOf(world);
  const first = await run(["sync", "--from", FROM, "--to", TO, "--json"], environment);
  expect(JSON.parse(first.stdout)).toMatchObject({
    days: 2,
    jobs: 2,
    obstacle: "No worker is alive: the work waits until the service runs.",
  });
  const again = await run(["sync", "--from", FROM, "--to", TO], environment);
  expect(again.stdout).toBe("2 days queued already.\nNo worker is alive: the work waits until the service runs.\n");
  expect([first.code, again.code]).toEqual([0, 0]);
});

test("sync refuses days that have not come", async () => {
  world = await openWorld({ idle: true });
  const { code, stderr } = await runInside(["sync", "--from", addDays(TODAY, 1)], {
    environment: environmentOf(world),
  });
  expect(stderr).toContain("has not come yet");
  expect(code).toBe(2);
});

test("sync --wait --json is one document, with exit code 1 where a day failed", async () => {
  const environment = await twoDays();
  world.pbx.faults.inject({ name: "html_page", kind: "api" });
  const { code, stdout } = await run(["sync", "--from", TO, "--wait", "--json"], environment);
  expect(JSON.parse(stdout)).toMatchObject({ jobs: 1, days: [{ day: TO, status: "failed" }] });
  expect(code).toBe(1);
  const told = await runInside(["sync", "--from", TO, "--wait"], { environment });
  expect(told.stdout).toBe(
    `0 of 1 day complete: 0 calls.\nNot complete: ${TO} (failed). Why: callcenter-sync status\n`,
  );
});

test("sync --wait does not stay for a recording that the PBX may not have for hours", async () => {
  const { day, call } = aRecentCall();
  world = await openWorld({ pbx: { calls: [call] } });
  world.pbx.faults.inject({ name: "status", status: 404, kind: "recording" });
  await world.queue("daily_sync", { dateFrom: day });
  await world.settle();
  // As if it had been waited for since long.
  await world.sql`update "CallCenterRecord" set "createdAt" = now() - interval '1 hour'`;
  const told = await runInside(["sync", "--from", day, "--wait"], { environment: environmentOf(world) });
  expect(told.stdout).toContain("0 of them in Drive; 1 tried again later by the service.");
  expect(told.code).toBe(1);
  const retried = await runInside(["retry-uploads", "--wait", "--json"], { environment: environmentOf(world) });
  expect(JSON.parse(retried.stdout)).toMatchObject({ queued: 1 });
  expect(retried.code).toBe(1);
});

test("Ctrl-C ends the watching with exit code 130, and the queued work goes on", async () => {
  world = await openWorld({ pbx: { calls: callsOf(TO, 4) }, idle: true });
  const cli = start(["sync", "--from", TO, "--wait"], environmentOf(world));
  await vi.waitFor(() => expect(cli.stderr()).toContain("0 of 1 days; No worker is alive"), { timeout: 10_000 });
  cli.child.kill("SIGINT");
  const { code, stderr, stdout } = await cli.finished;
  expect(stderr).toContain("No longer watching: the queued work goes on without this command. So far: 0 of 1 days.");
  expect([code, stdout]).toEqual([130, ""]);
  await world.start();
  await world.settle();
  expect(await world.sql`select status from "CallCenterSyncLog"`).toMatchObject([{ status: "completed" }]);
});

test("on a terminal the progress is bars that are drawn over each other", async () => {
  const environment = await twoDays();
  const { code, stderr } = await runInside(["sync", "--from", FROM, "--to", TO, "--wait"], {
    environment,
    isTerminal: true,
    columns: 80,
  });
  expect(code).toBe(0);
  const frames = stderr.split("\x1b[0J");
  expect(frames[1]).toMatch(/^ {2}days {2,8}[█░]{30} {2}[01]\/2 +\d+ %/);
  expect(frames.at(-1)).toMatch(/^ {2}days {8}█{30}.* {2}2\/2 {2}100 %.*\n {2}recordings {2}█+.* 100 %/);
  expect(frames.at(-2)).toMatch(/\x1b\[[12]A\r$/);
});

test("missing-check --wait reads the last days, and an earlier one that is not complete", async () => {
  world = await openWorld({ pbx: { calls: [...callsOf(YESTERDAY, 3), ...callsOf(TO, 3)] } });
  await world.sql`insert into callcenter.day_ledger (day, last_code) values (${FROM}, 'day_unstable')`;
  const args = ["missing-check", "--days-back", "2", "--wait", "--json"];
  const { code, stdout } = await run(args, environmentOf(world));
  const { days, jobs, behind, uploads } = JSON.parse(stdout);
  expect([code, jobs, behind]).toEqual([0, 3, [FROM]]);
  expect(days).toMatchObject([
    { day: YESTERDAY, status: "completed", totalRecords: 3 },
    { day: TO, status: "completed", totalRecords: 3 },
    { day: FROM, status: "completed", totalRecords: 0 },
  ]);
  expect(uploads).toMatchObject({ failed: 0, waiting: 0 });
});

test("retry-uploads --force --wait brings recordings that were given up to Drive", async () => {
  world = await openWorld({ pbx: { calls: callsOf(TO, 12) } });
  const environment = environmentOf(world);
  world.pbx.faults.inject({ name: "html_page", kind: "recording" });
  await world.queue("daily_sync", { dateFrom: TO });
  await world.settle({ hurry: true });
  await world.sql`update "CallCenterRecord" set "uploadRetryCount" = 3 where "recordingPath" is not null`;
  const [{ recordings }] = await world.sql<[{ recordings: number }]>`
    select count("recordingPath")::int as recordings from "CallCenterRecord"`;
  world.pbx.faults.clear();

  const unforced = await run(["retry-uploads", "--wait"], environment);
  expect([unforced.code, unforced.stdout]).toEqual([0, "No recording waits for another round.\n"]);
  const forced = await run(["retry-uploads", "--force", "--wait"], environment);
  expect(forced.stdout).toBe(`${recordings} recordings of ${recordings} in Drive.\n`);
  expect(forced.code).toBe(0);
  expect(world.drive.files).toHaveLength(recordings);
});

test("with Google Drive disabled, sync --wait and missing-check --wait end well once the days are read", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 8) }, environment: { GOOGLE_DRIVE_ENABLED: "false" } });
  const environment = environmentOf(world);
  const commands = [
    ["sync", "--from", YESTERDAY],
    ["missing-check", "--days-back", "1"],
  ];
  for (const command of commands) {
    const { code, stdout } = await runInside([...command, "--wait"], { environment });
    expect([code, stdout]).toEqual([0, "1 day read: 8 calls.\n"]);
  }
});

test("retry-uploads and verify-drive say that Google Drive is disabled", async () => {
  world = await openWorld({ environment: { GOOGLE_DRIVE_ENABLED: "false" } });
  for (const command of ["retry-uploads", "verify-drive"]) {
    const { code, stderr } = await runInside([command], { environment: environmentOf(world) });
    expect([code, stderr]).toEqual([78, expect.stringContaining("Google Drive is disabled")]);
  }
});

test("verify-drive --wait counts the files, and tells of what is not as it should be with exit code 1", async () => {
  const environment = await twoDays();
  await world.queue("daily_sync", { dateFrom: FROM, dateTo: TO });
  await world.settle();
  const files = world.drive.files.length;
  const calm = await run(["verify-drive", "--wait"], environment);
  expect(calm.stdout).toBe(`${files} files seen in Drive; all is as it should be.\n`);
  expect(calm.code).toBe(0);

  const { appProperties, name } = world.drive.files[0]!;
  world.drive.addFile({ name, appProperties, bytes: Buffer.from("a copy") });
  const twin = await run(["verify-drive", "--wait", "--json"], environment);
  expect(JSON.parse(twin.stdout)).toEqual({ queued: true, files: files + 1, flags: { twin_in_drive: 1 } });
  expect(twin.code).toBe(1);
});
