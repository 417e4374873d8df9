import { setTimeout as pause } from "node:timers/promises";
import { queueMissingCheck, turnClock } from "./clock.ts";
import { type Ledger, takeStock } from "./ledger.ts";
import type { ProveWorld } from "./world.ts";

/** How long it may take until everything is in place. */
const PATIENCE_MS = 5 * 60_000;
const PATIENCE_IN_REAL_TIME_MS = 60 * 60_000;

/** How the wait for everything to be in place ended. */
export interface Calm {
  isInPlace: boolean;
  seconds: number;
  /** How things stood just before a person accepted anything. */
  settled: Ledger;
  /** What a person had to accept: recordings that are gone for good, records that are none. */
  accepted: string[];
  /** What needs attention after that: should be nothing. */
  attention: string[];
}

/** Waits, laying no hand on anything but the clock; then accepts, as a person does, what cannot be had; then waits until no job is left. */
export async function calmDown(world: ProveWorld, onProgress: (ledger: Ledger) => void): Promise<Calm> {
  const startedAt = Date.now();
  const giveUpAt = startedAt + (world.plan.isRealTime ? PATIENCE_IN_REAL_TIME_MS : PATIENCE_MS);
  const until = async (
    isSo: (ledger: Ledger) => boolean | Promise<boolean>,
    eachTime: (nth: number) => Promise<void>,
  ) => {
    for (let nth = 0; Date.now() < giveUpAt; nth++) {
      await eachTime(nth);
      const ledger = await takeStock(world);
      onProgress(ledger);
      if (await isSo(ledger)) return true;
      await pause(world.plan.isShort ? 500 : 1_500);
    }
    return false;
  };
  const isSettled = await until(
    async (ledger) => hasSettled(ledger) && (await openEnds(world)) === 0,
    async (nth) => {
      if (nth % 2 === 0) await turnClock(world);
      if (nth % 10 === 0 && !(world.plan.isRealTime && nth > 0)) await queueMissingCheck(world);
    },
  );
  const settled = await takeStock(world);
  const accepted = await acceptWhatIsHopeless(world);
  const isDrained = await until(
    ({ jobsLeft, incompleteDays }) => jobsLeft.length === 0 && incompleteDays.length === 0,
    async () => {},
  );
  const attention = await world.ask<{ line: string }>(
    "select concat_ws(' ', kind, subject, reason) as line from callcenter.attention",
  );
  return {
    isInPlace: isSettled && isDrained,
    seconds: Math.round((Date.now() - startedAt) / 1_000),
    settled,
    accepted,
    attention: attention.map(({ line }) => line),
  };
}

const hasSettled = ({ lost, wrong, openLogs, hopeless, hopelessShown, tooShort, tooShortShown }: Ledger) =>
  lost.length + wrong.length + openLogs.length === 0 && hopeless === hopelessShown && tooShort === tooShortShown;

/** Recordings that are neither in Drive nor given up: among them those of calls that the PBX has forgotten. And days that nobody has read. */
async function openEnds({ ask, plan }: ProveWorld): Promise<number> {
  const [row] = await ask<{ count: number }>(
    `select (select count(*) from "CallCenterRecord"
              where "recordingPath" is not null and ("googleDriveUrl" is null and "uploadRetryCount" < 3 or "uploadedPath" <> "recordingPath"))::int
          + (select count(*) from unnest($1::date[]) wanted
              where not exists (select from callcenter.day_ledger l where l.day = wanted and callcenter.is_proved(l.day, l.agreed_at)))::int
          + (select count(*) from callcenter.circuits where state = 'open')::int as count`,
    [plan.days],
  );
  return row!.count;
}

/** A person looks at the list, and accepts what the proof itself made hopeless; whatever else stands there stays. */
async function acceptWhatIsHopeless({ ask, pbx, calls }: ProveWorld): Promise<string[]> {
  const shown = await ask<{ kind: string; uuid: string; day: string }>(`
    select 'recording' as kind, a.subject as uuid, callcenter.local_day(r."startTime")::text as day
      from callcenter.attention a join "CallCenterRecord" r on r."uuid" = a.subject where a.kind in ('recording_given_up', 'recording_too_short')
    union all
    select 'call', g.uuid, g.day::text from callcenter.gaps g`);
  const isExpected = ({ kind, uuid }: { kind: string; uuid: string }) =>
    kind === "call"
      ? /^(bad-|no-uuid:)/.test(uuid)
      : calls.hopeless.has(uuid) || calls.tooShort.has(uuid) || !pbx.calls.get(uuid);
  const accepted = shown.filter(isExpected);
  for (const { kind, uuid, day } of accepted) {
    await ask(
      "insert into callcenter.acceptances (kind, uuid, day, who, why) values ($1, $2, $3, 'prove', 'made hopeless on purpose') on conflict do nothing",
      [kind, uuid, day],
    );
  }
  return accepted.map(({ kind, uuid }) => `${kind} ${uuid}`);
}
