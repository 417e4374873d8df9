import type { FakeDrive, FaultOrder } from "../../../test/fakes/drive.ts";
import type { FakePbx } from "../../../test/fakes/pbx.ts";
import {
  DRIVE_FAULTS,
  type FaultOf,
  LASTING_FAULTS,
  PAGE_FAULTS,
  RECORDING_FAULTS,
  SLOW_FAULTS,
} from "./fault_list.ts";
import type { Plan } from "./plan.ts";

/** What one fault did in a round. */
export interface FaultCount {
  side: "PBX, calls" | "PBX, recordings" | "Google Drive";
  name: string;
  injected: number;
  hits: number;
}

interface Card {
  side: FaultCount["side"];
  name: string;
  isSlow: boolean;
  /** Injects it once; returns what counts its hits. */
  play(): { readonly hits: number; clear(): void };
}

/** Every fault of both simulators, shuffled and dealt one after the other: each comes once before any comes again. */
export class FaultDeck {
  readonly #cards: Card[];
  readonly #plan: Plan;
  #pile: Card[] = [];
  #played: { card: Card; fault: { readonly hits: number; clear(): void } }[] = [];

  constructor(pbx: FakePbx, drive: FakeDrive, plan: Plan) {
    this.#plan = plan;
    const mayLast = !plan.isShort && !plan.isRealTime;
    const cards = [...pbxCards(pbx, plan), ...driveCards(drive, plan)];
    this.#cards = cards.filter(
      (card) => (!card.isSlow || !plan.isShort) && (!LASTING_FAULTS.has(card.name) || mayLast),
    );
  }

  get size(): number {
    return this.#cards.length;
  }

  /** Injects the next one. `mayBeSlow`: also those that make somebody wait for half a minute. */
  deal(mayBeSlow: boolean): void {
    if (this.#pile.length === 0) this.#pile = shuffled(this.#cards, this.#plan);
    const at = this.#pile.findIndex((card) => mayBeSlow || !card.isSlow);
    // None but slow ones are left: they come again with the next shuffle.
    const [card] = at < 0 ? [] : this.#pile.splice(at, 1);
    if (at < 0) this.#pile = [];
    if (card) this.#played.push({ card, fault: card.play() });
  }

  /** Takes all of them back; what lies at the PBX for good stays. */
  clear(): void {
    for (const { fault } of this.#played) fault.clear();
  }

  counts(): FaultCount[] {
    return this.#cards.map(({ side, name }) => {
      const played = this.#played.filter(({ card }) => card.side === side && card.name === name);
      const hits = played.reduce((sum, { fault }) => sum + fault.hits, 0);
      return { side, name, injected: played.length, hits };
    });
  }

  get hits(): number {
    return this.#played.reduce((sum, { fault }) => sum + fault.hits, 0);
  }
}

function pbxCards(pbx: FakePbx, plan: Plan): Card[] {
  const cardsOf = (kind: "api" | "recording", side: Card["side"], faults: Record<string, FaultOf>) =>
    Object.entries(faults).map(([name, faultOf]): Card => {
      const play = () => pbx.faults.inject({ times: plan.random.between(1, 2), ...faultOf(plan), kind });
      return { side, name, isSlow: SLOW_FAULTS.has(name), play };
    });
  return [...cardsOf("api", "PBX, calls", PAGE_FAULTS), ...cardsOf("recording", "PBX, recordings", RECORDING_FAULTS)];
}

function driveCards(drive: FakeDrive, { random }: Plan): Card[] {
  return Object.entries(DRIVE_FAULTS).map(([name, order]): Card => {
    const play = () => {
      const fault = drive.faults.add({ times: random.between(1, 2), ...(order as FaultOrder) });
      return {
        get hits() {
          return fault.hits;
        },
        clear: () => drive.faults.remove(fault.id),
      };
    };
    return { side: "Google Drive", name, isSlow: SLOW_FAULTS.has(name), play };
  });
}

function shuffled<T>(list: readonly T[], { random }: Plan): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.between(0, rest.length - 1), 1)[0]!);
}
