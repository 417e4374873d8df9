import { grouped, span } from "./text.ts";

/** One kind of work that is watched. */
export interface Track {
  /** What is counted: `days`, `recordings`. */
  things: string;
  /** Ended, well or not. */
  done: number;
  failed: number;
  /** Null while nobody knows how much there is. */
  total: number | null;
}

/** How fast work goes, by what was done lately. */
export interface Pace {
  note(at: number, done: number): void;
  /** Null until two looks lie apart. */
  perSecond(): number | null;
}

/** `windowMs`: how long ago 'lately' began. Work that goes in bursts (a day at once) needs minutes. */
export function createPace(windowMs = 60_000): Pace {
  let looks: { at: number; done: number }[] = [];
  return {
    note(at, done) {
      looks.push({ at, done });
      const first = looks.findLastIndex((look) => look.at <= at - windowMs);
      if (first > 0) looks = looks.slice(first);
    },
    perSecond() {
      const [first, last] = [looks[0], looks.at(-1)];
      if (!first || !last || last.at === first.at) return null;
      return Math.max(0, last.done - first.done) / ((last.at - first.at) / 1_000);
    },
  };
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of exactly `width` characters, an eighth of one at a time. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const filled = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
  return filled + "░".repeat(width - filled.length);
}

/** `12/s`, `4.5/min`, `20/h`; empty where nothing moves. */
export function rateOf(perSecond: number | null): string {
  if (perSecond === null || perSecond <= 0) return "";
  const [value, unit] =
    perSecond >= 1 ? [perSecond, "s"] : perSecond >= 1 / 60 ? [perSecond * 60, "min"] : [perSecond * 3_600, "h"];
  return `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))}/${unit}`;
}

/** `2 min left`; empty where nobody can tell. */
export function timeLeft({ done, total }: Track, perSecond: number | null): string {
  if (total === null || done >= total || perSecond === null || perSecond <= 0) return "";
  return `${span(((total - done) / perSecond) * 1_000)} left`;
}

/** A track on a terminal, in at most `columns`: the bar takes the room that the words leave. */
export function barLine(track: Track, perSecond: number | null, columns: number, labelWidth: number): string {
  const { things, done, failed, total } = track;
  const label = things.padEnd(labelWidth);
  const facts = [rateOf(perSecond), timeLeft(track, perSecond), failed > 0 ? `${grouped(failed)} failed` : ""];
  const words = facts.filter(Boolean).join("   ");
  if (total === null) return [label, grouped(done), words].filter(Boolean).join("  ").trimEnd();
  const share = total === 0 ? 1 : done / total;
  const counts = `${grouped(done)}/${grouped(total)}`.padStart(grouped(total).length * 2 + 1);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const tail = `  ${counts}  ${percent}${words === "" ? "" : `   ${words}`}`;
  const width = Math.min(30, columns - label.length - 2 - tail.length);
  const drawn = width >= 5 ? `  ${bar(share, width)}` : "";
  return `${label}${drawn}${tail}`.slice(0, columns);
}

/** Tracks on one plain line, for a file or a pipe: `3 of 6 days, 120 of 300 recordings, 2 failed (12/s, 15 s left)`. */
export function plainLine(tracks: readonly Track[], pace: (things: string) => number | null): string {
  const lines = tracks.map((track) => {
    const { things, done, failed, total } = track;
    const perSecond = pace(things);
    const facts = [rateOf(perSecond), timeLeft(track, perSecond)].filter(Boolean).join(", ");
    const amount = total === null ? `${grouped(done)} ${things}` : `${grouped(done)} of ${grouped(total)} ${things}`;
    return `${amount}${failed > 0 ? `, ${grouped(failed)} failed` : ""}${facts === "" ? "" : ` (${facts})`}`;
  });
  return lines.join("; ");
}
