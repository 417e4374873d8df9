import { addDays, dayOf } from "../src/day.ts";
import { createApp } from "../src/http/app.ts";
import { silentLog } from "../src/log.ts";
import { parseDatabaseUrl } from "../src/store/database_url.ts";
import { openSql } from "../src/store/open.ts";
import { shareErrorCodes, shareSettings } from "../src/store/settings.ts";
import { DAYS, makeHistory, phones, ZONE } from "./history.ts";
import { median, openBenchDatabase, printTable, round, timed } from "./measure.ts";

const CALLS = Number(process.argv[2] ?? 1_000_000);
const TIMES = 15;
const TOKEN = "a-token-of-the-bench";
const yesterday = addDays(dayOf(new Date(), ZONE), -1);
const lastYear = addDays(yesterday, -400);

/** (d) Pages of a table of many calls, through the app, nothing kept from the time before. */
const database = await openBenchDatabase();
const { sql } = database;
await shareSettings(sql, {
  zone: ZONE,
  drive_enabled: true,
  sync_enabled: true,
  max_retries: 3,
  default_days_back: 30,
});
await shareErrorCodes(sql);
const seconds = await timed(() => makeHistory(sql, CALLS));
process.stderr.write(`${round(CALLS)} calls made in ${round(seconds)} s\n`);

const pages = openSql(parseDatabaseUrl(database.url), { max: 10 });
const openApp = () =>
  createApp({
    sql: pages,
    zone: ZONE,
    apiToken: TOKEN,
    metricsToken: undefined,
    now: () => new Date(),
    log: silentLog,
    redact: (text) => text,
    version: "bench",
    role: "web",
  });

/** Asks a fresh app, which knows no answer yet. */
async function ask(path: string): Promise<string> {
  const authorization = path.startsWith("/ui") ? `Basic ${btoa(`bench:${TOKEN}`)}` : `Bearer ${TOKEN}`;
  const answer = await openApp().request(path, { headers: { authorization } });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text;
}

/** The page in the middle of a list, by the cursor of its first thousand. */
async function behind(path: string): Promise<string> {
  const { nextCursor } = JSON.parse(await ask(`${path}${path.includes("?") ? "&" : "?"}limit=200`));
  return `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(nextCursor)}`;
}

const calls = [
  "",
  `day=${lastYear}`,
  `phone=${phones.rare}`,
  `phone=${phones.busy}`,
  `phone=${phones.unknown}`,
  "disposition=ANSWERED",
  "disposition=FAILED",
  "disposition=NEVER+HEARD",
  ...["none", "pending", "uploaded", "failed", "accepted"].map((state) => `upload=${state}`),
  "disposition=BUSY&upload=uploaded",
  "disposition=ANSWERED&upload=failed",
  `day=${lastYear}&disposition=FAILED`,
  `day=${lastYear}&upload=failed`,
  `day=${lastYear}&phone=${phones.busy}`,
  `phone=${phones.busy}&upload=failed`,
  `phone=${phones.busy}&disposition=FAILED`,
].map((query) => (query ? `/calls?${query}` : "/calls"));
const syncs = ["/syncs", "/syncs?status=partial", "/syncs?syncType=daily", `/syncs?day=${lastYear}`];
const paths = [...calls, await behind("/calls"), await behind(`/calls?phone=${phones.busy}`), ...syncs];
const rows: (string | number)[][] = [];
for (const path of [...paths, "/ui/", `/ui/days/${lastYear}`, "/ui/calls", "/metrics"]) {
  rows.push([`\`GET ${path.replace(/cursor=.+/, "cursor=…")}\``, ...(await times(() => ask(path)))]);
}
rows.push([
  "`select * from callcenter.days` of 90 days",
  ...(await times(() => sql`select * from callcenter.days where day > ${addDays(yesterday, -90)}`)),
]);
rows.push(["`select * from callcenter.attention`", ...(await times(() => sql`select * from callcenter.attention`))]);

async function times(work: () => Promise<unknown>): Promise<string[]> {
  const took: number[] = [];
  for (let time = 0; time < TIMES; time++) took.push(await timed(work));
  const ms = (seconds: number) => round(seconds * 1_000, 1);
  return [ms(took[0] ?? 0), ms(median(took)), ms(Math.max(...took.slice(1)))];
}

printTable(
  `(d) Pages of ${round(CALLS)} calls of ${DAYS} days, in milliseconds`,
  ["", "the first time", "median", "longest later"],
  rows,
);
await pages.end({ timeout: 1 });
await database.close();
process.exit(0);
