import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import { calmDown } from "./prove/calm.ts";
import { rage } from "./prove/chaos.ts";
import { FaultDeck } from "./prove/faults.ts";
import { type Ledger, takeStock } from "./prove/ledger.ts";
import { type Options, type Plan, PROVE_USAGE, planRound, readOptions } from "./prove/plan.ts";
import { formatPlan, formatProgress, formatRound, isProved, type Round } from "./prove/report.ts";
import { Services } from "./prove/services.ts";
import { Database, openProveWorld, type ProveWorld } from "./prove/world.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

/** What must not outlive us, whatever happens. */
const leavings = new Set<() => unknown>();
const leave = () => Promise.allSettled([...leavings].map(async (end) => end()));

/** The service under every fault, round after round. Returns the exit code: 1 unless nothing is lost, doubled or wrong. */
async function main(options: Options): Promise<number> {
  say("The service under every fault: nothing may be lost, doubled or wrong.");
  if (!options.isRealTime) {
    say(
      "Hours pass in seconds: retry_syncs, retry_uploads and missing_check are queued more often than the schedule would, and the",
    );
    say("waits of jobs and of probes are cut short (--real-time leaves them as they are). No other hand is laid on.");
  }
  const folder = await mkdtemp(join(tmpdir(), "callcenter-sync-prove-"));
  const database = await Database.open(folder);
  const end = async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
  leavings.add(end);
  const rounds: Round[] = [];
  try {
    for (let nth = 0; nth < options.rounds; nth++) rounds.push(await prove(planRound(options, nth), nth, database));
  } finally {
    leavings.delete(end);
    await end();
  }
  const bad = rounds.filter((round) => !isProved(round));
  const sum = (list: (ledger: Ledger) => string[]) =>
    rounds.reduce((count, { ledger }) => count + list(ledger).length, 0);
  say(
    `\n${rounds.length - bad.length} of ${rounds.length} rounds as they should be: ${sum(({ lost }) => lost)} lost, ${sum(({ doubled }) => doubled)} doubled, ${sum(({ wrong }) => wrong)} wrong.`,
  );
  if (bad.length > 0) say(`Again: npm run prove -- --rounds 1 --seed ${bad[0]!.plan.seed}`);
  return bad.length === 0 ? 0 : 1;
}

async function prove(plan: Plan, nth: number, database: Database): Promise<Round> {
  say(`\n${formatPlan(plan, nth)}\n`);
  const before = { ...database.counts };
  const world = await openProveWorld(plan, database);
  const services = new Services(plan, world.environment, world.folder);
  const end = () => services.destroy();
  leavings.add(end);
  const deck = new FaultDeck(world.pbx, world.drive, plan);
  let keepLogs = true;
  try {
    services.start();
    await untilServing(world);
    const stopWatch = watch(world, deck);
    const chaos = await rage(world, services, deck).finally(stopWatch);
    say("  No more faults. Waiting until everything is in place.");
    const calm = await calmDown(world, progress());
    await services.stop();
    const round: Round = {
      plan,
      ledger: await takeStock(world),
      calm,
      chaos,
      faults: deck.counts(),
      services: services.counts,
      database: difference(database.counts, before),
      late: world.calls.late,
      corrected: world.calls.corrected,
    };
    say(`\n${formatRound(round)}`);
    keepLogs = plan.keepLogs || !isProved(round);
    if (keepLogs) say(`\nThe logs of the services are in ${world.folder}`);
    return round;
  } finally {
    leavings.delete(end);
    end();
    await world.close({ keepLogs });
  }
}

/** Waits until the first process of the service takes jobs. */
async function untilServing({ ask }: ProveWorld): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const rows = await ask("select 1 from callcenter.worker_leases").catch(() => []);
    if (rows.length > 0) return;
    if (Date.now() > giveUpAt) throw new Error("The service does not start");
    await pause(200);
  }
}

/** Says every ten seconds how things stand while the faults rage. */
function watch(world: ProveWorld, deck: FaultDeck): () => void {
  const startedAt = Date.now();
  const timer = setInterval(async () => {
    const ledger = await takeStock(world).catch(() => undefined);
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    if (ledger) say(`  ${String(seconds).padStart(3)} s  ${deck.hits} faults hit; ${formatProgress(ledger)}`);
  }, 10_000);
  return () => clearInterval(timer);
}

/** Says how things stand when that has changed, every few seconds at most. */
function progress(): (ledger: Ledger) => void {
  const startedAt = Date.now();
  let [last, saidAt] = ["", 0];
  return (ledger) => {
    const line = formatProgress(ledger);
    if (line === last || Date.now() - saidAt < 5_000) return;
    [last, saidAt] = [line, Date.now()];
    say(`  ${String(Math.round((saidAt - startedAt) / 1_000)).padStart(3)} s  ${line}`);
  };
}

function difference(now: Database["counts"], before: Database["counts"]): Database["counts"] {
  const names = Object.keys(now) as (keyof Database["counts"])[];
  return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as Database["counts"];
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void leave().then(() => process.exit(130)));
}

let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n${PROVE_USAGE}\n`);
  process.exit(2);
}
main(options).then(
  (exitCode) => process.exit(exitCode),
  async (error: unknown) => {
    process.stderr.write(`The proof broke off: ${error instanceof Error ? error.stack : String(error)}\n`);
    await leave();
    process.exit(1);
  },
);
