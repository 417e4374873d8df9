import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDatabaseUrl } from "../src/store/database_url.ts";
import { openSql } from "../src/store/open.ts";
import { environmentOf } from "./cli/environment.ts";
import { run } from "./cli/run.ts";
import { createDatabase } from "./database.ts";
import { documents, type Piece, textOf } from "./docs/documents.ts";
import { checkProgram, cliArguments, hasClientPrograms } from "./docs/programs.ts";
import { commandsIn, curlRequest } from "./docs/shell.ts";
import { type FakeWebhook, startFakeWebhook } from "./fakes/webhook.ts";
import { type Client, openClient, TOKEN } from "./http/client.ts";
import { insertCalls, insertLogs, insertWorker } from "./http/rows.ts";
import { callsOf, openWorld, type World, YESTERDAY, ZONE } from "./world.ts";

/** The call, its day and the log of which the documents speak. */
const UUID = "abc123-def456-ghi789";
const DAY = "2024-01-14";
const LOG_ID = "5f0c1c1e-6a53-4a5e-9a3e-2f1f5b7c9d10";

const filledIn = (text: string) => text.replaceAll("<uuid>", UUID);

/** Each text once, with the first place where it stands. */
const distinct = (pieces: readonly Piece[]): Piece[] =>
  [...new Map([...pieces].reverse().map((piece) => [piece.text, piece])).values()].reverse();

const commands = documents
  .flatMap(({ scripts }) => scripts)
  .flatMap(({ place, text }) => commandsIn(filledIn(text)).map((words) => ({ place, words })));
const commandsOf = (program: string) => commands.filter(({ words }) => words[0] === program);

const statements = distinct(documents.flatMap((document) => document.statements));
const curls = distinct(commandsOf("curl").map(({ place, words }) => ({ place, text: JSON.stringify(words) })));
const cliLines = distinct(
  commands.flatMap(({ place, words }) => {
    const args = cliArguments(words);
    return args ? [{ place, text: JSON.stringify(args) }] : [];
  }),
);
const named = documents.flatMap(({ words }) => words.map(({ text }) => filledIn(text)));

let client: Client;
let world: World;
let webhook: FakeWebhook;
let environment: Record<string, string>;
beforeAll(async () => {
  client = await openClient();
  const calls = callsOf(DAY, 6);
  calls.find(({ recording }) => recording)!.uuid = UUID;
  const pbx = { calls: [...calls, ...callsOf(YESTERDAY, 3)] };
  world = await openWorld({ database: client.database, pbx, idle: true });
  webhook = await startFakeWebhook();
  environment = { ...environmentOf(world), API_TOKEN: TOKEN, ALERT_WEBHOOK_URL: webhook.url };
  await writeHistory();
});
afterAll(async () => {
  await webhook[Symbol.asyncDispose]();
  await world.close();
});

/** A day that failed, a recording that was given up, a zone that changed. */
async function writeHistory(): Promise<void> {
  const { sql } = world;
  const recordingPath = `2024/01/14/${UUID}.mp3`;
  await insertCalls(sql, [{ uuid: UUID, startTime: `${DAY}T10:30:00+07:00`, recordingPath, uploadRetryCount: 3 }]);
  await insertLogs(sql, [{ id: LOG_ID, day: DAY, status: "failed", errorCode: "day_unstable" }]);
  const refused = [{ uuid: "b1", reason: "no start", record: { uuid: "b1" } }];
  await sql`update "CallCenterSyncLog" set "failedItems" = ${sql.json(refused)}`;
  await sql`insert into callcenter.settings (key, value) values ('zone_changed', '{"from":"UTC","to":"Asia/Ho_Chi_Minh"}')`;
  await insertWorker(sql);
}

/** Runs SQL as a psql session of its own would. */
async function psql(url: string, ...texts: string[]) {
  const sql = openSql(parseDatabaseUrl(url), { max: 1 });
  try {
    let rows: Record<string, unknown>[] = [];
    for (const text of texts) rows = await sql.unsafe(text).simple();
    return rows;
  } finally {
    await sql.end();
  }
}

describe("statements", () => {
  test.each(statements)("$place: $text", async ({ text }) => {
    await psql(world.url, filledIn(text));
  });

  test("those of the reference's Troubleshooting stand in the operations as they are", () => {
    const operations = textOf("docs/operations.md").replaceAll(/\s+/g, " ");
    for (const statement of [
      `SELECT * FROM "CallCenterSyncLog" WHERE status IN ('failed', 'partial') ORDER BY "createdAt" DESC LIMIT 10;`,
      `SELECT COUNT(*) FROM "CallCenterRecord" WHERE DATE("startTime") = '2024-01-14';`,
    ]) {
      expect(operations).toContain(statement);
    }
  });

  test(`DATE("startTime") counts the session's zone, callcenter.days the business's`, async () => {
    const database = await createDatabase();
    await insertCalls(database.sql, [{ uuid: "early", startTime: `${DAY}T02:00:00+07:00` }]);
    const look = `select (select count(*)::int from "CallCenterRecord" where date("startTime") = '${DAY}') as calls,
                         (select records::int from callcenter.days where day = '${DAY}') as records`;
    expect(await psql(database.url, "set time zone 'UTC'", look)).toEqual([{ calls: 0, records: 1 }]);
    expect(await psql(database.url, `set time zone '${ZONE}'`, look)).toEqual([{ calls: 1, records: 1 }]);
    await database.drop();
  });
});

describe("curl", () => {
  const SERVICE = "http://service.test";

  /** The README writes `…/calls` and names the token in the column's head. */
  test.each(curls)("$place: $text", async ({ text }) => {
    const variables: Record<string, string> = { ...environment, URL: SERVICE };
    const fill = (word: string) => word.replaceAll(/\$(\w+)/g, (all, name) => variables[name] ?? all);
    const { url, method, headers, body } = curlRequest((JSON.parse(text) as string[]).map(fill));
    const path = url.startsWith(SERVICE) ? url.slice(SERVICE.length) : url.startsWith("…") ? url.slice(1) : undefined;
    const answer =
      path === undefined
        ? await fetch(url, { method, headers, ...(body && { body }) })
        : await client.ask(path, {
            method,
            headers,
            ...(body && { text: body }),
            ...(!url.startsWith("…") && { token: null }),
          });
    expect([200, 202]).toContain(answer.status);
  });

  test("pages and addresses that are named answer", async () => {
    const paths = new Set(named.filter((word) => /^\/(ui|docs|openapi|metrics|health)\b/.test(word)));
    expect(paths.size).toBeGreaterThan(5);
    for (const path of paths) {
      const headers = { Authorization: `Basic ${btoa(`me:${TOKEN}`)}` };
      expect((await client.ask(path, path.startsWith("/ui") ? { token: null, headers } : {})).status, path).toBe(200);
    }
  });

  test("metrics that are named are measured", async () => {
    const { text } = await client.ask("/metrics");
    for (const name of named.filter((word) => /^callcenter_\w+$/.test(word))) expect(text).toContain(`\n${name} `);
  });
});

describe("commands", () => {
  beforeAll(() => world.start());

  test.each(cliLines)("$place: callcenter-sync $text", { timeout: 60_000 }, async ({ text }) => {
    const { code, stdout, stderr } = await run(JSON.parse(text), environment);
    expect(code, `${stdout}\n${stderr}`).toBe(0);
  });

  test("psql is given statements that run", async () => {
    for (const { words } of commandsOf("psql")) {
      expect(words[1]).toBe("$DATABASE_URL");
      if (words[2] === "-c") await psql(world.url, words[3]!);
    }
  });

  test("of other programs name what is there", () => {
    const isRun = new Set(["callcenter-sync", "curl", "psql", "pg_dump", "pg_restore"]);
    for (const { place, words } of commands.filter(({ words }) => !isRun.has(words[0]!))) {
      expect(() => checkProgram(words), `${place}: ${words.join(" ")}`).not.toThrow();
    }
  });
});

test("a backup that is made and restored as the operations say is the same database", async ({ skip }) => {
  const [server] = await psql(world.url, "select current_setting('server_version_num')::int / 10000 as version");
  if (!hasClientPrograms(Number(server?.version)))
    skip("PostgreSQL's client programs are not here, or older than the server");
  await world.stop();
  const restored = await createDatabase({ empty: true });
  const cwd = mkdtempSync(join(tmpdir(), "callcenter-sync-"));
  for (const [program, url] of Object.entries({ pg_dump: world.url, pg_restore: restored.url })) {
    const [, ...words] = commandsOf(program)[0]!.words;
    execFileSync(
      program,
      words.map((word) => word.replace("$DATABASE_URL", url)),
      { cwd },
    );
  }
  const migrated = await run(["migrate"], { DATABASE_URL: restored.url });
  expect(migrated.stdout).toContain("up to date already");
  const look = `select (select json_agg(d) from callcenter.days d) as days,
                       (select count(*) from callcenter.call_events) as events, (select count(*) from graphile_worker.jobs) as jobs`;
  expect(await psql(restored.url, look)).toEqual(await psql(world.url, look));
  rmSync(cwd, { recursive: true });
  await restored.drop();
});
