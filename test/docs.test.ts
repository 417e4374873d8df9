import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../src/http/app.ts";
import { redactor, silentLog } from "../src/log.ts";
import { parseDatabaseUrl } from "../src/store/database_url.ts";
import { openSql } from "../src/store/open.ts";
import { environmentOf } from "./cli/environment.ts";
import { run } from "./cli/run.ts";
import { createDatabase } from "./database.ts";
import { documents, type Piece, textOf } from "./docs/documents.ts";
import { checkProgram, cliArguments } from "./docs/programs.ts";
import { commandsIn, curlRequest } from "./docs/shell.ts";
import { type FakeWebhook, startFakeWebhook } from "./fakes/webhook.ts";
import { insertCalls, insertLogs, insertWorker } from "./http/rows.ts";
import { callsOf, openWorld, type World, YESTERDAY, ZONE } from "./world.ts";

/** The call and the log of which the documents speak. */
const UUID = "abc123-def456-ghi789";
const LOG_ID = "5f0c1c1e-6a53-4a5e-9a3e-2f1f5b7c9d10";
const APP = "http://service.test";
const TOKEN = "a-token-that-only-tests-know";

const filledIn = (text: string) => text.replaceAll("<uuid>", UUID);

/** Each text once, with the first place where it stands. */
const distinct = (pieces: readonly Piece[]): Piece[] =>
  [...new Map([...pieces].reverse().map((piece) => [piece.text, piece])).values()].reverse();

const statements = distinct(documents.flatMap((document) => document.statements));
const commands = documents.flatMap(({ scripts }) =>
  scripts.flatMap(({ place, text }) => commandsIn(filledIn(text)).map((words) => ({ place, words, script: text }))),
);
const isOf = (program: string) => commands.filter(({ words }) => words[0] === program);
const cliLines = distinct(
  commands.flatMap(({ place, words }) => {
    const args = cliArguments(words);
    return args ? [{ place, text: JSON.stringify(args) }] : [];
  }),
);
const curls = distinct(isOf("curl").map(({ place, words }) => ({ place, text: JSON.stringify(words) })));

let world: World;
let webhook: FakeWebhook;
let environment: Record<string, string>;
beforeAll(async () => {
  const [first, ...others] = callsOf("2024-01-14", 6).sort(
    (a, b) => Number(a.recording === null) - Number(b.recording === null),
  );
  world = await openWorld({
    pbx: { calls: [{ ...first!, uuid: UUID }, ...others, ...callsOf(YESTERDAY, 3)] },
    idle: true,
  });
  webhook = await startFakeWebhook();
  environment = { ...environmentOf(world), API_TOKEN: TOKEN, ALERT_WEBHOOK_URL: webhook.url };
  const { sql } = world;
  const recordingPath = `2024/01/14/${UUID}.mp3`;
  await insertCalls(sql, [{ uuid: UUID, startTime: "2024-01-14T10:30:00+07:00", recordingPath, uploadRetryCount: 3 }]);
  await insertLogs(sql, [{ id: LOG_ID, day: "2024-01-14", status: "failed", errorCode: "day_unstable" }]);
  const refused = [{ uuid: "b1", reason: "no start", record: { uuid: "b1" } }];
  await sql`update "CallCenterSyncLog" set "failedItems" = ${sql.json(refused)}`;
  await sql`insert into callcenter.settings (key, value) values ('zone_changed', '{"from":"UTC","to":"Asia/Ho_Chi_Minh"}')`;
  await insertWorker(sql);
});
afterAll(async () => {
  await webhook[Symbol.asyncDispose]();
  await world.close();
});

describe("statements", () => {
  test.each(statements)("$place: $text", async ({ text }) => {
    const sql = openSql(parseDatabaseUrl(world.url), { max: 1 });
    await sql
      .unsafe(filledIn(text))
      .simple()
      .finally(() => sql.end());
  });

  test("those of the reference's Troubleshooting stand in the operations as they are", () => {
    const words = (text: string) => text.replaceAll(/\s+/g, " ");
    const operations = words(textOf("docs/operations.md"));
    for (const statement of [
      `SELECT * FROM "CallCenterSyncLog" WHERE status IN ('failed', 'partial') ORDER BY "createdAt" DESC LIMIT 10;`,
      `SELECT COUNT(*) FROM "CallCenterRecord" WHERE DATE("startTime") = '2024-01-14';`,
    ]) {
      expect(operations).toContain(statement);
    }
  });

  test(`DATE("startTime") counts the session's zone, callcenter.days the business's`, async () => {
    const database = await createDatabase();
    await insertCalls(database.sql, [{ uuid: "early", startTime: "2024-01-14T02:00:00+07:00" }]);
    const count = `select count(*)::int as calls from "CallCenterRecord" where date("startTime") = '2024-01-14'`;
    const counted = async (zone: string) => {
      const sql = openSql(parseDatabaseUrl(database.url), { max: 1 });
      await sql.unsafe(`set time zone '${zone}'`);
      const [row] = await sql.unsafe(count);
      const [day] = await sql`select records::int as records from callcenter.days where day = '2024-01-14'`;
      await sql.end();
      return [row?.calls, day?.records];
    };
    expect([await counted("UTC"), await counted(ZONE)]).toEqual([
      [0, 1],
      [1, 1],
    ]);
    await database.drop();
  });
});

describe("curl", () => {
  const variables = () => ({ ...environment, URL: APP });
  const send = async (words: readonly string[]) => {
    const { url, method, headers, body } = curlRequest(words);
    const isShort = url.startsWith("…");
    const bearer: Record<string, string> = isShort ? { Authorization: `Bearer ${TOKEN}` } : {};
    const request = { method, headers: { ...headers, ...bearer }, ...(body !== undefined && { body }) };
    if (!isShort && !url.startsWith(APP)) return fetch(url, request);
    const { sql } = world;
    const redact = redactor([]);
    const app = createApp({
      sql,
      zone: ZONE,
      apiToken: TOKEN,
      metricsToken: undefined,
      now: () => new Date(),
      log: silentLog,
      redact,
      version: "1",
      role: "web",
    });
    return app.request(url.replace(/^…/, APP), request);
  };

  test.each(curls)("$place: $text", async ({ text }) => {
    const words = (JSON.parse(text) as string[]).map((word) =>
      word.replaceAll(/\$(\w+)/g, (all, name) => (variables() as Record<string, string>)[name] ?? all),
    );
    const answer = await send(words);
    expect(answer.status, await answer.text()).toBeLessThan(300);
  });

  test("the pages and addresses that are named answer", async () => {
    const paths = documents
      .flatMap(({ words }) => words.map(({ text }) => filledIn(text)))
      .filter((word) => /^\/(ui|docs|openapi|metrics|health)\b/.test(word));
    expect(paths.length).toBeGreaterThan(5);
    for (const path of new Set(paths)) {
      const answer = await send([
        "curl",
        "-H",
        `Authorization: ${path.startsWith("/ui") ? `Basic ${btoa(`me:${TOKEN}`)}` : `Bearer ${TOKEN}`}`,
        `${APP}${path}`,
      ]);
      expect(answer.status, path).toBe(200);
    }
  });
});

describe("commands", () => {
  beforeAll(() => world.start());

  test.each(cliLines)("$place: callcenter-sync $text", async ({ text }) => {
    const { code, stdout, stderr } = await run(JSON.parse(text), environment);
    expect(code, `${stdout}\n${stderr}`).toBe(0);
  });

  test("of other programs name what is there", () => {
    const covered = new Set(["callcenter-sync", "curl", "psql", "pg_dump", "pg_restore"]);
    for (const { place, words } of commands.filter(({ words }) => !covered.has(words[0]!))) {
      expect(() => checkProgram(words), `${place}: ${words.join(" ")}`).not.toThrow();
    }
  });

  test("psql is given statements that run", async () => {
    for (const { words } of isOf("psql")) {
      expect(words[1]).toBe("$DATABASE_URL");
      if (words[2] === "-c") await world.sql.unsafe(words[3]!);
    }
  });
});

/** Whether PostgreSQL's own client programs are here, and not older than the server. */
async function hasClientPrograms(): Promise<boolean> {
  const [row] = await world.sql<
    { version: number }[]
  >`select current_setting('server_version_num')::int / 10000 as version`;
  try {
    const [, version] = /(\d+)/.exec(execFileSync("pg_dump", ["--version"], { encoding: "utf8" }))!;
    return Number(version) >= row!.version;
  } catch {
    return false;
  }
}

test("a backup that is made and restored as the operations say is the same database", async ({ skip }) => {
  if (!(await hasClientPrograms())) skip("PostgreSQL's client programs are not here, or older than the server");
  const target = await createDatabase({ empty: true });
  const cwd = mkdtempSync(join(tmpdir(), "callcenter-sync-"));
  for (const [program, url] of [
    ["pg_dump", world.url],
    ["pg_restore", target.url],
  ] as const) {
    const { words } = isOf(program)[0]!;
    execFileSync(
      program,
      words.slice(1).map((word) => word.replace("$DATABASE_URL", url)),
      { cwd },
    );
  }
  const migrated = await run(["migrate"], { DATABASE_URL: target.url });
  expect(migrated.stdout).toContain("up to date already");
  const look = `select (select json_agg(d) from callcenter.days d) as days, (select count(*) from callcenter.call_events) as events`;
  expect(await target.sql.unsafe(look)).toEqual(await world.sql.unsafe(look));
  rmSync(cwd, { recursive: true });
  await target.drop();
});
