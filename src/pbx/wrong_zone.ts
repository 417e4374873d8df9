import { timeOfUuid } from "../call.ts";
import type { Window } from "../day.ts";
import { SyncError } from "../errors.ts";
import type { ReadRecord } from "./record.ts";

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
/** Fewer calls outside may be strays. */
const MIN_STRANGERS = 3;
/** As long as a day's calls last where somebody is there around the clock. */
const AROUND_THE_CLOCK_MS = 20 * HOUR_MS;
/** No two zones are farther apart. */
const MAX_SHIFT_HOURS = 26;
/** PBXs make a call's uuid within the second of its start. */
const NEAR_MS = 2_000;

/** Holds the starts of calls against their version-1 uuids, which carry the time at which they were made. */
export class MadeAt {
  readonly #zone: string;
  readonly #subject: string;
  /** Over all pages so far. */
  #compared = 0;
  #shifted = 0;

  constructor(zone: string, subject: string) {
    this.#zone = zone;
    this.#subject = subject;
  }

  /**
   * Throws `day_wrong_zone` when most starts, on this page as on all pages so far, differ from their uuids' times by whole hours (or the
   * quarters that some zones have). Better no call than every call stored at the wrong hour.
   */
  check(records: readonly ReadRecord[]): void {
    let [compared, shifted, exampleMs] = [0, 0, 0];
    for (const { id, statedStart } of records) {
      const made = statedStart && timeOfUuid(id);
      if (!made) continue;
      compared++;
      const byMs = statedStart.getTime() - made.getTime();
      if (!isShift(byMs)) continue;
      shifted++;
      exampleMs = byMs;
    }
    this.#compared += compared;
    this.#shifted += shifted;
    if (shifted * 2 <= compared || this.#shifted * 2 <= this.#compared) return;
    const hours = Math.round((exampleMs / HOUR_MS) * 4) / 4;
    const shift = `${Math.abs(hours)} hours ${hours > 0 ? "after" : "before"} their uuids were made`;
    throw new SyncError(
      "day_wrong_zone",
      `Cannot trust ${this.#subject}: wrong time zone? Read in ${this.#zone}, ${shifted} of ${compared} calls start ${shift}`,
    );
  }
}

/** Watches where the calls lie that a PBX answers to a window asked for in local times. */
export class AnsweredWindow {
  readonly #window: Window;
  #earliestMs = Number.POSITIVE_INFINITY;
  #latestMs = Number.NEGATIVE_INFINITY;
  /** A few ids of calls outside. */
  readonly #strangers = new Set<string>();
  /** Calls within. */
  #inside = 0;

  constructor(window: Window) {
    this.#window = window;
  }

  note(records: ReadRecord[]): void {
    for (const { id, statedStart, inside } of records) {
      if (!statedStart) continue;
      this.#earliestMs = Math.min(this.#earliestMs, statedStart.getTime());
      this.#latestMs = Math.max(this.#latestMs, statedStart.getTime());
      if (inside) this.#inside++;
      else if (this.#strangers.size < MIN_STRANGERS) this.#strangers.add(id);
    }
  }

  /**
   * Throws `day_wrong_zone` where all calls fit into the window moved by whole hours and not into the window: the PBX reads what it is asked
   * in another zone. The calls of the day's other end, which it kept back, would else be missed without a word. One that knows whole days alone
   * may as well answer more than it was asked for: there the calls must last around the clock, within the window too.
   */
  check(zone: string, subject: string, asksByTime: boolean): void {
    const hours = this.#shiftHours();
    if (hours === 0 || this.#strangers.size < MIN_STRANGERS) return;
    const isAroundTheClock = this.#inside >= MIN_STRANGERS && this.#latestMs - this.#earliestMs >= AROUND_THE_CLOCK_MS;
    if (!asksByTime && !isAroundTheClock) return;
    const [side, end] = hours > 0 ? ["after", "first"] : ["before", "last"];
    throw new SyncError(
      "day_wrong_zone",
      `Cannot trust ${subject}: wrong time zone? Asked in ${zone}, the PBX answers calls of up to ${Math.abs(hours)} hours ${side} it, and none of its ${end} ${Math.abs(hours)} hours`,
    );
  }

  /** By how many hours the window must move at least to hold every call; 0 where it need not, or no window of its length holds them. */
  #shiftHours(): number {
    const [from, to] = [this.#window.from.getTime(), this.#window.to.getTime()];
    const before = Math.ceil((from - this.#earliestMs) / HOUR_MS);
    const after = Math.ceil((this.#latestMs + 1 - to) / HOUR_MS);
    if (before > 0 && before <= MAX_SHIFT_HOURS && this.#latestMs < to - before * HOUR_MS) return -before;
    if (after > 0 && after <= MAX_SHIFT_HOURS && this.#earliestMs >= from + after * HOUR_MS) return after;
    return 0;
  }
}

function isShift(byMs: number): boolean {
  const quarters = Math.round(byMs / QUARTER_MS);
  return quarters !== 0 && Math.abs(quarters) <= 26 * 4 && Math.abs(byMs - quarters * QUARTER_MS) <= NEAR_MS;
}
