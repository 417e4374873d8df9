import { afterEach, expect, test } from "vitest";
import { sayVerdict } from "../../src/cli/verdict.ts";
import { addDays } from "../../src/day.ts";
import { sayVerdict as sayOnPage } from "../../src/http/ui/verdict.ts";
import type { View } from "../../src/http/ui/view.ts";
import { wordsOf } from "../../src/http/ui/words.ts";
import type { Facts } from "../../src/store/verdict.ts";
import { callsOf, openWorld, TODAY, type World, YESTERDAY } from "../world.ts";
import { environmentOf } from "./environment.ts";
import { runInside } from "./inside.ts";
import { run, widthOf } from "./run.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const calm: Facts = {
  verdict: {
    firstDay: "2024-01-01",
    lastDay: "2024-01-14",
    calls: 1_234,
    completeDays: 14,
    openDays: 0,
    notRead: 0,
    unproved: 0,
    withGaps: 0,
    withFailed: 0,
    withPending: 0,
    pending: 0,
    failed: 0,
    oldest: null,
  },
  service: {
    workers: 1,
    lastHeartbeatAt: new Date(),
    syncEnabled: true,
    driveEnabled: true,
    defaultDaysBack: 30,
    schedule: {},
  },
  attention: [],
  queue: [],
};
const open = { ...calm.verdict, openDays: 3, notRead: 1, withGaps: 2, failed: 7, pending: 2_000 };
const nothing = { ...calm.verdict, firstDay: null, completeDays: 0, calls: 0 };
const need = {
  kind: "drive_full",
  hint: "Make room in Google Drive.",
  count: 2,
  since: new Date(),
  reason: "full",
  subject: "drive",
  days: [],
};
const busy = { task: "daily_sync", ready: 2, scheduled: 0, running: 1, failed: 0, oldestReadySeconds: 0 };

test.each<[string, Partial<Facts>]>([
  ["all is archived", {}],
  ["Drive is switched off", { service: { ...calm.service, driveEnabled: false } }],
  ["no worker is alive", { service: { ...calm.service, workers: 0 }, verdict: open }],
  ["days are open and it goes on by itself", { verdict: open, queue: [busy] }],
  [
    "days are open and the schedule is switched off",
    { verdict: open, service: { ...calm.service, syncEnabled: false } },
  ],
  ["one day is open", { verdict: { ...open, openDays: 1 } }],
  ["days are open and a person must look", { verdict: open, attention: [need] }],
  ["a person must look though all is archived", { attention: [need] }],
  ["one thing needs a person", { attention: [{ ...need, count: 1 }] }],
  ["the first days are being fetched", { verdict: nothing, queue: [busy] }],
])("status says what the top of the dashboard says where %s", (_where, change) => {
  const facts = { ...calm, ...change };
  const view = { words: wordsOf("en"), language: "en", format: { day: (day: string) => day } } as unknown as View;
  const { sentence, lacks, detail } = sayOnPage(facts, view);
  expect(sayVerdict(facts)).toMatchObject({ sentence, lacks, detail });
});

test("where all is archived nothing lacks, whatever of today is under way", () => {
  const { state, lacks } = sayVerdict({ ...calm, verdict: { ...calm.verdict, pending: 40 }, queue: [busy] });
  expect([state, lacks]).toEqual(["archived", []]);
});

test("status says what to do where nothing has been fetched yet", () => {
  const { state, sentence, detail } = sayVerdict({ ...calm, verdict: nothing });
  expect([state, sentence]).toEqual(["nothing", "Nothing has been fetched yet."]);
  expect(detail).toContain("callcenter-sync sync --from");
});

test("status tells an archived day in one sentence, with the facts behind it", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 6) } });
  await world.queue("daily_sync", { dateFrom: YESTERDAY });
  await world.settle();
  const { code, stdout, stderr } = await run(["status"], environmentOf(world));
  expect(stdout).toMatch(/^● Everything is archived.\n {2}6 calls on 1 day since .*verified in Google Drive.\n\n/);
  expect(stdout).toMatch(new RegExp(`days +${YESTERDAY} to ${YESTERDAY}: 1 of 1 complete, 6 calls\n`));
  expect(stdout).toMatch(
    new RegExp(`yesterday +${YESTERDAY} complete: 6 of 6 calls stored, \\d of \\d recordings? in Drive\n`),
  );
  expect(stdout).toMatch(/worker +1 alive\n {2}queue +empty\n/);
  expect(stdout).toMatch(new RegExp(`last sync +${YESTERDAY} completed \\(manual\\), 6 calls, ${TODAY.slice(0, 4)}`));
  expect(stdout).toMatch(/next runs +none: CALLCENTER_SYNC_ENABLED=false/);
  expect([code, stderr, widthOf(stdout) <= 100]).toEqual([0, "", true]);
});

test("status names what needs a person, with reason and hint, free of phone numbers and secrets", async () => {
  world = await openWorld({ pbx: { calls: callsOf(YESTERDAY, 6) } });
  world.pbx.apiKey = "rotated";
  await world.queue("daily_sync", { dateFrom: addDays(TODAY, -2), dateTo: YESTERDAY });
  await world.settle();
  await world.sql`update callcenter.circuits set reason = reason || ' for 0901234567 with Bearer abcdefgh12345' where state = 'open'`;
  const { stdout } = await run(["status"], environmentOf(world));
  expect(stdout).toMatch(/! pbx key refused: pbx_api\n.*refuses the key \(401\)/);
  expect(stdout).toContain("→ Set PBX_API_KEY (and PBX_AUTH) to what the PBX accepts, then restart.");
  expect(stdout).not.toMatch(/0901234567|abcdefgh12345/);
  const { stdout: json } = await run(["status", "--json"], environmentOf(world));
  expect(JSON.parse(json)).toMatchObject({
    state: "needs_you",
    attention: [{ kind: "pbx_key_refused" }],
    zone: "Asia/Ho_Chi_Minh",
  });
  expect(json).not.toMatch(/0901234567|abcdefgh12345/);
});

test("status is coloured on a terminal, plain where NO_COLOR is set", async () => {
  world = await openWorld({ idle: true });
  const environment = environmentOf(world);
  const terminal = await runInside(["status"], { environment, isTerminal: true });
  expect(terminal.stdout).toMatch(/^\x1b\[31m●\x1b\[39m \x1b\[1mNo worker is running.\x1b\[22m\n/);
  const plain = await runInside(["status"], { environment: { ...environment, NO_COLOR: "1" }, isTerminal: true });
  expect(plain.stdout).toMatch(/^● No worker is running.\n {2}Nothing is fetched or uploaded until/);
});
