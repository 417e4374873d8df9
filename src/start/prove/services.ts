import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Plan } from "./plan.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAM = join(ROOT, "src/start/container.ts");
/** CONTRACT §1: it ends within that time after a signal. */
const PROMISED_MS = 30_000;

/** What happened to the processes of the service. */
export interface ServiceCounts {
  kills: number;
  terminations: number;
  freezes: number;
  restarts: number;
  /** Ended though nobody asked; the exit code 2 says: taken for dead, others run its jobs. */
  endedUnasked: string[];
  /** Did not end as promised after SIGTERM. */
  endedBadly: string[];
}

/** The processes of the service, each restarted in its place when it ends, as a platform does. */
export class Services {
  readonly counts: ServiceCounts = {
    kills: 0,
    terminations: 0,
    freezes: 0,
    restarts: 0,
    endedUnasked: [],
    endedBadly: [],
  };
  readonly #plan: Plan;
  readonly #environment: Record<string, string>;
  readonly #folder: string;
  readonly #places: Place[] = [];
  #isOver = false;

  constructor(plan: Plan, environment: Record<string, string>, folder: string) {
    this.#plan = plan;
    this.#environment = environment;
    this.#folder = folder;
  }

  start(): void {
    for (let nth = 1; nth <= this.#plan.services; nth++) {
      const log = createWriteStream(join(this.#folder, `service-${nth}.log`));
      const place: Place = { nth, log, child: undefined, isAsked: false, isListening: false, frozen: undefined };
      this.#places.push(place);
      this.#spawn(place);
    }
  }

  /** SIGKILL, and another in its place after a moment. */
  async kill(): Promise<void> {
    const place = this.#pick();
    if (!place) return;
    this.counts.kills++;
    await this.#end(place, "SIGKILL");
    await pause(this.#plan.random.between(0, 1_500));
    this.#spawn(place);
  }

  /** SIGKILL for all of them at once, as when a machine loses its power; others in their places. */
  async killAll(): Promise<void> {
    this.counts.kills += this.#places.length;
    await Promise.all(this.#places.map((place) => this.#end(place, "SIGKILL")));
    for (const place of this.#places) this.#spawn(place);
  }

  /** SIGTERM, and another in its place when it has ended. */
  async terminate(): Promise<void> {
    const place = this.#pick();
    if (!place) return;
    this.counts.terminations++;
    await this.#end(place, "SIGTERM");
    this.#spawn(place);
  }

  /** Nothing moves in the process for that long, as on a machine that is starved or moved. */
  async freeze(ms: number): Promise<void> {
    const place = this.#pick();
    if (!place?.child) return;
    const { child } = place;
    this.counts.freezes++;
    child.kill("SIGSTOP");
    place.frozen = child;
    await pause(ms);
    if (place.frozen === child) child.kill("SIGCONT");
    place.frozen = undefined;
  }

  /** Ends all of them in order. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#places.map((place) => this.#end(place, "SIGTERM")));
    for (const { log } of this.#places) log.end();
  }

  /** Whatever happens, none of them is left behind. */
  destroy(): void {
    this.#isOver = true;
    for (const { child } of this.#places) child?.kill("SIGKILL");
  }

  /** One that runs and that nobody deals with already. */
  #pick(): Place | undefined {
    const running = this.#places.filter(({ child, isAsked, frozen }) => child && !isAsked && !frozen);
    return running.length > 0 ? this.#plan.random.pick(running) : undefined;
  }

  #spawn(place: Place): void {
    if (this.#isOver || place.child) return;
    const child = start(this.#plan, this.#folder, { ...this.#environment, ...nameOf(place, this.#plan) });
    place.child = child;
    place.isAsked = false;
    place.isListening = false;
    child.stdout?.once("data", () => (place.isListening = true));
    for (const stream of [child.stdout, child.stderr]) stream?.pipe(place.log, { end: false });
    child.once("exit", (code, signal) => {
      place.child = undefined;
      if (place.isAsked || this.#isOver) return;
      this.counts.endedUnasked.push(`service ${place.nth} with ${signal ?? `exit code ${code}`}`);
      setTimeout(() => this.#spawn(place), 500);
    });
    if (place.wasStarted) this.counts.restarts++;
    place.wasStarted = true;
  }

  async #end(place: Place, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const { child } = place;
    if (!child) return;
    place.isAsked = true;
    const exited = once(child, "exit");
    const hasStarted = Date.now();
    child.kill(signal);
    const lastResort = setTimeout(() => child.kill("SIGKILL"), PROMISED_MS + 5_000);
    const [code, by] = await exited;
    clearTimeout(lastResort);
    const tookMs = Date.now() - hasStarted;
    const hadNotBegun = by === "SIGTERM" && !place.isListening;
    if (signal === "SIGTERM" && !hadNotBegun && (code !== 0 || tookMs > PROMISED_MS)) {
      this.counts.endedBadly.push(`service ${place.nth} after ${tookMs} ms with ${by ?? `exit code ${code}`}`);
    }
  }
}

interface Place {
  nth: number;
  log: WriteStream;
  child: ChildProcess | undefined;
  isAsked: boolean;
  /** It has said something: from then on a signal ends it in order. */
  isListening: boolean;
  frozen: ChildProcess | undefined;
  wasStarted?: boolean;
}

/** Where processes share a name (that of the host), none of them can know which other one it follows. */
const nameOf = (place: Place, plan: Plan): Record<string, string> =>
  plan.haveNames ? { FLY_MACHINE_ID: `machine-${place.nth}` } : {};

function start({ runtime }: Plan, folder: string, environment: Record<string, string>): ChildProcess {
  const permissions = ["--allow-net", "--allow-env", "--allow-read", "--allow-sys=hostname,homedir"];
  const [command, before] =
    runtime === "node"
      ? [process.execPath, []]
      : [join(ROOT, "node_modules/.bin/deno"), ["run", "--config", join(ROOT, "deno.json"), ...permissions]];
  const { PATH = "", HOME = "", TMPDIR = "/tmp" } = process.env;
  return spawn(command, [...before, PROGRAM, "--role", "worker"], {
    // Not where a .env may lie.
    cwd: folder,
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
