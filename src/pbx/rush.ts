import type { Window } from "../day.ts";
import { cutAt, partsOf, type Span } from "./dialect.ts";

const MINUTES = 1_440;
/** A list of fewer calls that ends early ends with an empty page in its middle. */
const MANY = 500;

/** When calls come: how many in each minute of a day. Kept so that a day can be cut where it is busy. */
export class Rush {
  readonly #from: number;
  readonly #calls = new Uint32Array(MINUTES);

  constructor({ from }: Window) {
    this.#from = from.getTime();
  }

  note(start: Date): void {
    const minute = Math.floor((start.getTime() - this.#from) / 60_000);
    const place = Math.min(Math.max(minute, 0), MINUTES - 1);
    this.#calls[place] = this.#calls[place]! + 1;
  }

  /** The whole day in so many parts of one length; one that holds most of many calls is cut where half of its own are over. */
  cut(day: Span, parts: number): Span[] {
    const many = Math.max(MANY, this.#count(day) / 2);
    return partsOf(day, parts).flatMap((part) => (this.#count(part) > many ? cutAt(part, this.#middle(part)) : [part]));
  }

  #count(span: Span): number {
    return this.#minutes(span).reduce((sum, calls) => sum + calls, 0);
  }

  /** The second before which half of the part's calls start; none where one minute has them. */
  #middle(part: Span): number[] {
    const half = this.#count(part) / 2;
    let sum = 0;
    const minute = this.#minutes(part).findIndex((calls) => {
      sum += calls;
      return sum >= half;
    });
    const second = (Math.floor(part.fromSecond / 60) + minute + 1) * 60;
    return second <= part.toSecond ? [second] : [];
  }

  #minutes({ fromSecond, toSecond }: Span): Uint32Array {
    return this.#calls.subarray(Math.floor(fromSecond / 60), Math.floor(toSecond / 60) + 1);
  }
}
