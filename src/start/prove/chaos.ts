import { setTimeout as pause } from "node:timers/promises";
import { turnClock } from "./clock.ts";
import type { FaultDeck } from "./faults.ts";
import { requestDayByDay, requestSomething } from "./requests.ts";
import type { Services } from "./services.ts";
import type { ProveWorld } from "./world.ts";

/** How often a neighbour was away as a whole. */
export interface OutageCounts {
  "PBX down": number;
  "PBX key refused for a while": number;
  "Google Drive down": number;
  "Google Drive full for a while": number;
  "folder read-only for a while": number;
  "folder hidden for a while": number;
  "access tokens revoked": number;
}

export interface Chaos {
  outages: OutageCounts;
  requests: number;
}

/** Everything at once until the time is up; then every neighbour is well again. */
export async function rage(world: ProveWorld, services: Services, deck: FaultDeck): Promise<Chaos> {
  const { plan, calls } = world;
  const { random, seconds } = plan;
  const endsAt = Date.now() + seconds * 1_000;
  const chaos: Chaos = { outages: noOutages(), requests: 0 };
  const pace = seconds < 20 ? 0.35 : 1;
  const everyMs = Math.min(400, (seconds * 800) / deck.size);
  const again = async (shortestMs: number, longestMs: number, act: () => unknown) => {
    for (;;) {
      const restMs = pace * random.between(shortestMs, longestMs);
      if (Date.now() + restMs >= endsAt) return;
      await pause(restMs);
      await act();
    }
  };
  const blows: Promise<void>[] = [];
  // In a short round PostgreSQL restarts but once, and first: after that nobody can know at once who died before.
  const first = plan.isShort ? pause(700).then(() => world.database.restart("crash", 200)) : undefined;
  await Promise.all([
    again((everyMs * 0.5) / pace, (everyMs * 1.5) / pace, () => deck.deal(Date.now() < endsAt - seconds * 600)),
    again(1_500, 6_000, async () => {
      await first;
      blows.push(hitService(services, world));
    }),
    again(4_000, 10_000, () => hitDatabase(world, endsAt)),
    again(3_000, 12_000, () => hitNeighbour(world, chaos.outages, endsAt)),
    again(400, 2_000, () => requestSomething(world).then((count) => (chaos.requests += count))),
    again(400, 1_600, () => (random.chance(0.5) ? calls.addLate() : calls.correct())),
    requestDayByDay(world, seconds * 750),
    again(500, 900, () => turnClock(world)),
  ]);
  deck.clear();
  await Promise.all(blows);
  if (plan.endsWithPowerCut) await services.killAll();
  return chaos;
}

function noOutages(): OutageCounts {
  return {
    "PBX down": 0,
    "PBX key refused for a while": 0,
    "Google Drive down": 0,
    "Google Drive full for a while": 0,
    "folder read-only for a while": 0,
    "folder hidden for a while": 0,
    "access tokens revoked": 0,
  };
}

async function hitService(services: Services, { plan: { random } }: ProveWorld): Promise<void> {
  const what = random.next();
  if (what < 0.5) await services.kill();
  else if (what < 0.85) await services.terminate();
  else await services.freeze(random.between(500, 4_000));
}

async function hitDatabase({ database, databaseName, plan }: ProveWorld, endsAt: number): Promise<void> {
  const { random } = plan;
  const what = plan.isShort ? 0.3 + 0.7 * random.next() : random.next();
  const downMs = Math.min(random.between(0, 4_000), Math.max(0, endsAt - Date.now()));
  if (what < 0.15) await database.restart("in order", downMs);
  else if (what < 0.3) await database.restart("crash", downMs);
  else if (what < 0.6) database.cut();
  else if (what < 0.8) await database.silence(random.between(200, 2_500));
  else await database.terminate(databaseName, random.pick([0.3, 1]));
}

async function hitNeighbour(world: ProveWorld, outages: OutageCounts, endsAt: number): Promise<void> {
  const { pbx, drive, plan } = world;
  const { folderId } = drive;
  const [key, quota] = [pbx.apiKey, null];
  const ways: Record<keyof OutageCounts, [begin: () => unknown, end: () => unknown]> = {
    "PBX down": [() => pbx.setDown(true), () => pbx.setDown(false)],
    "PBX key refused for a while": [() => (pbx.apiKey = "another"), () => (pbx.apiKey = key)],
    "Google Drive down": [() => drive.setDown(true), () => drive.setDown(false)],
    "Google Drive full for a while": [() => drive.setQuota(1), () => drive.setQuota(quota)],
    "folder read-only for a while": [() => drive.makeReadOnly(folderId), () => drive.makeReadOnly(folderId, false)],
    "folder hidden for a while": [() => drive.hide(folderId), () => drive.hide(folderId, false)],
    "access tokens revoked": [() => drive.revokeAccessTokens(), () => {}],
  };
  const name = plan.random.pick(Object.keys(ways) as (keyof OutageCounts)[]);
  const [begin, end] = ways[name];
  outages[name]++;
  await begin();
  await pause(Math.min(plan.random.between(500, 5_000), Math.max(0, endsAt - Date.now())));
  await end();
}
