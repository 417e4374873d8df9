import { afterEach, beforeEach, expect, test } from "vitest";
import { addDays } from "../../src/day.ts";
import { type ErrorCode, SyncError } from "../../src/errors.ts";
import { raiseAlerts } from "../../src/store/alerts.ts";
import { reportFailure, reportSuccess } from "../../src/store/circuits.ts";
import { createDatabase } from "../database.ts";
import { type FakeWebhook, startFakeWebhook } from "../fakes/webhook.ts";
import { callsOf, openWorld, TODAY, type World } from "../world.ts";

let world: World;
let webhook: FakeWebhook;
beforeEach(async () => {
  webhook = await startFakeWebhook();
});
afterEach(async () => {
  await world.close();
  await webhook[Symbol.asyncDispose]();
});

const DAY = addDays(TODAY, -3);

const open = (options: Parameters<typeof openWorld>[0] = {}) =>
  openWorld({ ...options, environment: { ALERT_WEBHOOK_URL: webhook.url, ...options.environment } });

async function check({ hasWebhook = true } = {}) {
  await raiseAlerts(world.sql, hasWebhook);
  await world.settle({ hurry: true });
}

test("a cause is told once until it clears, and once when it is over", async () => {
  world = await open({ pbx: { calls: callsOf(DAY, 2) } });
  world.pbx.apiKey = "another";
  await world.queue("daily_sync", { dateFrom: DAY });
  await world.settle();
  await check();
  await check();
  expect(webhook.messages).toMatchObject([
    {
      kind: "pbx_key_refused",
      subject: "pbx_api",
      reason: expect.stringContaining("401"),
      hint: expect.stringContaining("PBX_API_KEY"),
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+07:00$/),
      text: expect.stringMatching(/^pbx_key_refused \(pbx_api\): .*401\)?\. Set PBX_API_KEY/),
    },
  ]);
  world.pbx.apiKey = "test-key";
  await world.queue("retry_syncs");
  await world.settle();
  await check();
  await check();
  expect(webhook.messages).toHaveLength(2);
  expect(webhook.messages[1]).toMatchObject({ kind: "pbx_key_refused", text: expect.stringContaining("Over") });
});

test("a webhook that refuses is tried again, and its address is shown nowhere", async () => {
  world = await open();
  webhook.status = 500;
  await world.sql`update callcenter.circuits set state = 'open', code = 'drive_full', reason = 'full', since = now() where neighbour = 'drive'`;
  await raiseAlerts(world.sql, true);
  await world.settle();
  const [job] =
    await world.sql`select attempts, last_error from graphile_worker.jobs where task_identifier = 'send_alert'`;
  expect(job?.last_error).toContain("500");
  expect(JSON.stringify([job, world.logs])).not.toContain("secret-path");
  webhook.status = 200;
  await world.settle({ hurry: true });
  expect(webhook.messages).toHaveLength(1);
});

test("an alert whose deliveries are used up is tried again an hour later, and told once the webhook takes it", async () => {
  world = await open();
  webhook.status = 500;
  await world.sql`update callcenter.circuits set state = 'open', code = 'drive_full', reason = 'full', since = now() where neighbour = 'drive'`;
  await raiseAlerts(world.sql, true);
  await world.settle();
  await world.sql`
    update graphile_worker._private_jobs set attempts = max_attempts - 1 where key like 'send_alert:%'`;
  await world.settle({ hurry: true });
  webhook.status = 200;
  await check();
  expect(webhook.messages).toEqual([]);
  await world.sql`update graphile_worker._private_jobs set updated_at = now() - interval '61 minutes'`;
  await check();
  await check();
  expect(webhook.messages).toMatchObject([{ kind: "drive_full" }]);
});

test("many recordings of one day are one alert", async () => {
  world = await open({ idle: false });
  await world.sql`
    insert into "CallCenterRecord" ("uuid", "startTime", "recordingPath", "uploadRetryCount", "uploadErrorCode", "uploadError")
    select 'call-' || n, callcenter.day_start(${DAY}) + interval '9 hours', 'a.wav', 3, 'recording_gone', 'gone, says 0901234567' from generate_series(1, 40) n`;
  expect((await world.sql`select 1 from callcenter.attention`).length).toBe(40);
  await check();
  expect(webhook.messages).toMatchObject([
    { kind: "recording_given_up", subject: DAY, reason: expect.stringContaining("40 recordings") },
  ]);
  expect(JSON.stringify(webhook.messages)).not.toContain("0901234567");
});

test("old days between others that were read are shown, and wake nobody", async () => {
  world = await open({ idle: false });
  await world.sql`
    update callcenter.settings set value = to_jsonb(now() - interval '500 days') where key = 'first_started_at'`;
  await world.sql`
    insert into callcenter.day_ledger (day, pbx_total, expected, agreed_at)
    select day, 0, '{}', now() from unnest(${[addDays(TODAY, -400), addDays(TODAY, -1)]}::date[]) day`;
  expect(await world.sql`select kind from callcenter.attention`).toEqual([{ kind: "days_not_read" }]);
  await check();
  expect(webhook.messages).toEqual([]);
});

test("no calls on a weekday that has always had some needs attention, until it is accepted", async () => {
  world = await open();
  const quiet = addDays(TODAY, -1);
  for (const weeks of [1, 2, 3]) {
    await world.sql`insert into callcenter.day_ledger (day, pbx_total, expected) values (${addDays(quiet, -7 * weeks)}, 1, array['x'])`;
  }
  await world.queue("daily_sync");
  await world.settle();
  await check();
  expect(webhook.messages.map(({ kind, subject }) => [kind, subject])).toEqual([["no_calls", quiet]]);
  await world.sql`insert into callcenter.acceptances (kind, uuid, day, who, why) values ('day', ${quiet}, ${quiet}, 'test', 'a holiday')`;
  await check();
  expect(webhook.messages).toHaveLength(2);
});

test("a nightly run that did not happen is told", async () => {
  world = await open({ environment: { CALLCENTER_SYNC_ENABLED: "false" } });
  await world.stop();
  await world.sql`
    insert into callcenter.settings (key, value) values
      ('sync_enabled', 'true'), ('daily_time', '"00:01"'), ('first_started_at', to_jsonb(now() - interval '9 days'))
    on conflict (key) do update set value = excluded.value`;
  const found = await world.sql`select kind, subject from callcenter.attention where kind = 'nightly_run_missing'`;
  expect(found).toHaveLength(1);
  const [missed] = found;
  await world.sql`insert into callcenter.day_ledger (day, pbx_total, expected) values (${missed?.subject}, 0, '{}')`;
  expect(await world.sql`select kind from callcenter.attention where kind = 'nightly_run_missing'`).toEqual([]);
});

test("a circuit that is open for an hour is told, a short outage is not", async () => {
  world = await open();
  await world.sql`update callcenter.circuits set state = 'open', code = 'drive_unreachable', reason = 'no answer', since = now() - interval '59 minutes' where neighbour = 'drive'`;
  await check();
  expect(webhook.messages).toEqual([]);
  await world.sql`update callcenter.circuits set since = now() - interval '61 minutes'`;
  await check();
  expect(webhook.messages).toMatchObject([{ kind: "drive_unreachable", subject: "drive" }]);
});

test("an outage that shows now this way and now that is one cause, until the neighbour refuses or is back", async () => {
  world = await open();
  const fails = (code: ErrorCode) => reportFailure(world.sql, new SyncError(code, `It is ${code}.`), (text) => text);
  const told = () => webhook.messages.map(({ kind, text }) => [kind, String(text).includes("Over")]);
  for (const _failure of [1, 2, 3]) await fails("drive_unreachable");
  await world.sql`update callcenter.circuits set since = now() - interval '61 minutes' where state = 'open'`;
  for (const code of ["drive_timeout", "drive_server_error", "drive_rate_limited", "drive_unreachable"] as const) {
    await fails(code);
    await check();
    const [open] = await world.sql`select kind, reason from callcenter.attention`;
    expect(open).toEqual({ kind: "drive_unreachable", reason: `It is ${code}.` });
  }
  expect(told()).toEqual([["drive_unreachable", false]]);
  await fails("drive_full");
  await check();
  await fails("drive_timeout");
  await check();
  expect(told().slice(1).sort()).toEqual([
    ["drive_full", false],
    ["drive_unreachable", true],
  ]);
  await reportSuccess(world.sql, ["drive"]);
  await check();
  expect(told().slice(3)).toEqual([["drive_full", true]]);
});

test("without a webhook nothing is posted, and what needs attention is there all the same", async () => {
  world = await openWorld();
  await world.sql`update callcenter.circuits set state = 'open', code = 'drive_full', reason = 'full', since = now() where neighbour = 'drive'`;
  await check({ hasWebhook: false });
  expect(webhook.messages).toEqual([]);
  expect(await world.sql`select kind from callcenter.attention`).toEqual([{ kind: "drive_full" }]);
});

test("an alert from before there was a webhook is told once there is one, once, and so is its end", async () => {
  const { drop, ...rest } = await createDatabase();
  const { sql } = rest;
  const database = { ...rest, drop: async () => {} };
  try {
    world = await openWorld({ database });
    await sql`update callcenter.circuits set state = 'open', code = 'drive_full', reason = 'full', since = now() where neighbour = 'drive'`;
    await check({ hasWebhook: false });
    await world.close();
    world = await open({ database });
    await check();
    await check();
    expect(webhook.messages).toMatchObject([{ kind: "drive_full" }]);
    await reportSuccess(sql, ["drive"]);
    await check();
    expect(webhook.messages.map(({ text }) => String(text).startsWith("Over"))).toEqual([false, true]);
  } finally {
    await drop();
  }
});

test("a webhook that has moved did not take the alert, and the reason says what to do", async () => {
  world = await open();
  webhook.status = 302;
  await world.sql`update callcenter.circuits set state = 'open', code = 'drive_full', reason = 'full', since = now() where neighbour = 'drive'`;
  await raiseAlerts(world.sql, true);
  await world.settle();
  const [alert] = await world.sql`select sent_at, last_error from callcenter.alerts`;
  expect(alert).toEqual({ sent_at: null, last_error: expect.stringMatching(/answered 302.*final address/) });
});

test("a user and a password in the webhook's address are sent as HTTP Basic, and shown nowhere", async () => {
  const address = new URL(webhook.url);
  address.username = "bot";
  address.password = "p@ss:wörd";
  world = await open({ environment: { ALERT_WEBHOOK_URL: address.href } });
  await world.sql`update callcenter.circuits set state = 'open', code = 'drive_full', reason = 'full', since = now() where neighbour = 'drive'`;
  await check();
  expect(webhook.authorizations).toEqual([`Basic ${Buffer.from("bot:p@ss:wörd").toString("base64")}`]);
  expect(JSON.stringify(world.logs)).not.toMatch(/p(@|%40)ss/);
});
