import { parseArgs } from "node:util";
import type { DialectName } from "../../../test/fakes/pbx_dialects.ts";
import { type Random, seededRandom } from "../../../test/fakes/pbx_random.ts";
import { addDays, type Day, dayOf, daysBetween } from "../../day.ts";

export const PROVE_USAGE = `Usage: npm run prove [-- options]
  --seconds N      how long the faults last in a round (60)
  --rounds N       how many rounds, the PBX's dialects taking turns (2)
  --seed N         what is left to chance; printed, so that a round can be run again
  --runtime NAME   node or deno: what the service runs on (node)
  --short          a small world and only faults that cost no long waits (for CI)
  --real-time      leave the clock alone: every wait lasts as long as it does in life
  --keep           keep the logs of the services also where all is well`;

export const PROVE_ZONE = "Asia/Ho_Chi_Minh";

export interface Options {
  seconds: number;
  rounds: number;
  seed: number;
  runtime: "node" | "deno";
  isShort: boolean;
  isRealTime: boolean;
  keepLogs: boolean;
}

/** What one round is like. The same seed gives the same plan; when things meet is up to the machine. */
export interface Plan extends Options {
  random: Random;
  dialect: DialectName;
  order: "newest_first" | "oldest_first";
  pageCap: number;
  pageSize: number;
  layout: string;
  /** How long Drive's lists lag behind. */
  searchLagMs: number;
  credentials: "service account" | "authorized user";
  services: number;
  /** Each process has a name of its own, which stays the same when it is restarted. */
  haveNames: boolean;
  /** The last thing that happens is that all processes are killed at once: their successors need not wait until they are missed. */
  endsWithPowerCut: boolean;
  /** Every day that is asked for; the last is yesterday. */
  days: Day[];
  /** The days that `missing_check` reads every night: only here calls come late or are corrected. */
  recentDays: Day[];
  /** Days that ended more than a day ago: what is gone there is gone for good. */
  oldDays: Day[];
  callsADay: number;
}

/** Reads the command line; throws where it cannot be understood. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string" },
      rounds: { type: "string" },
      seed: { type: "string" },
      runtime: { type: "string", default: "node" },
      short: { type: "boolean", default: false },
      "real-time": { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
    },
  });
  const { runtime, short: isShort } = values;
  if (runtime !== "node" && runtime !== "deno") throw new Error(`there is no runtime '${runtime}': node or deno`);
  return {
    seconds: whole("seconds", values.seconds, isShort ? 5 : 60),
    rounds: whole("rounds", values.rounds, isShort ? 1 : 2),
    seed: whole("seed", values.seed, 1 + Math.floor(Math.random() * 99_999)),
    runtime,
    isShort,
    isRealTime: values["real-time"],
    keepLogs: values.keep,
  };
}

function whole(name: string, given: string | undefined, otherwise: number): number {
  const value = Number(given ?? otherwise);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1 on`);
  return value;
}

/** The nth round (from 0). Dialects take turns; the rest follows from the seed. */
export function planRound(options: Options, nth: number): Plan {
  const seed = options.seed + nth;
  const random = seededRandom(`prove ${seed}`);
  const { isShort } = options;
  const lastDay = addDays(dayOf(new Date(), PROVE_ZONE), -1);
  const days = daysBetween(addDays(lastDay, isShort ? -3 : -6), lastDay);
  return {
    ...options,
    seed,
    random,
    dialect: seed % 2 === 0 ? "seed" : "onepos-v2",
    order: random.pick(["newest_first", "oldest_first"]),
    pageCap: random.pick([Number.POSITIVE_INFINITY, 13]),
    pageSize: 20,
    layout: random.pick(["flat", "{YYYY}/{MM}/{DD}"]),
    searchLagMs: random.pick([0, 4_000]),
    credentials: random.pick(["service account", "authorized user"]),
    services: isShort ? 2 : 3,
    haveNames: isShort || random.chance(0.5),
    endsWithPowerCut: isShort || random.chance(0.5),
    days,
    recentDays: days.slice(-3),
    oldDays: days.slice(0, -3),
    callsADay: isShort ? 24 : 48,
  };
}
