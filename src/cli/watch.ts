import { interrupted, isUnreachable, understand } from "./exit.ts";
import { barLine, createPace, type Pace, plainLine, type Track } from "./progress.ts";
import type { Session } from "./session.ts";
import { hanging, paintFor, takesColours } from "./text.ts";

/** Where the work stands. */
export interface Look {
  tracks: Track[];
  /** Why it does not move, where something is in its way. */
  obstacle: string | null;
  isOver: boolean;
}

const POLL_MS = 500;
/** Plain lines are for a file: one now and then, where something changed. */
const LINE_EVERY_MS = 5_000;
/** A database that restarts is waited for. */
const PATIENCE_MS = 60_000;

/**
 * Looks again and again, and shows the progress on standard error, until the work has ended: bars on a terminal, lines elsewhere. Ctrl-C
 * ends the watching with exit code 130, never the work. Returns the last look.
 */
export async function watch<L extends Look>(session: Session, look: () => Promise<L>): Promise<L> {
  const { io } = session;
  const display = openDisplay(session);
  let answeredAt = io.now().getTime();
  let last: L | undefined;
  for (;;) {
    try {
      last = await look();
      answeredAt = io.now().getTime();
      display.show(last);
      if (last.isOver) return last;
    } catch (error) {
      if (!isUnreachable(error) || io.now().getTime() - answeredAt > PATIENCE_MS) throw error;
      display.show({
        tracks: last?.tracks ?? [],
        obstacle: `${understand(error).message} Trying again.`,
        isOver: false,
      });
    }
    if (io.interrupted.aborted) {
      const how = last ? ` So far: ${plainLine(last.tracks, () => null)}.` : "";
      throw interrupted(`No longer watching: the queued work goes on without this command.${how}`);
    }
    await io.pause(POLL_MS);
  }
}

/** Where progress is shown. */
export interface Display {
  show(look: Look): void;
}

/** Bars on a terminal, lines elsewhere; on standard error. */
export function openDisplay(session: Session): Display {
  const { stderr, environment } = session.io;
  return stderr.isTerminal && environment.TERM !== "dumb" ? barsOn(session) : linesOn(session);
}

/** Notes every track's progress; `at` says how fast each goes. */
function createPaces() {
  const paces = new Map<string, Pace>();
  return {
    note(tracks: readonly Track[], at: number) {
      for (const { things, done } of tracks) {
        const pace = paces.get(things) ?? createPace();
        paces.set(things, pace);
        pace.note(at, done);
      }
    },
    of: (things: string) => paces.get(things)?.perSecond() ?? null,
  };
}

/** Bars that stay where they are: each look is written over the one before. */
function barsOn({ io, columns }: Session): Display {
  const paint = paintFor(takesColours(io.stderr, io.environment));
  const paces = createPaces();
  const width = Math.min(columns, io.stderr.columns - 1);
  let height = 0;
  return {
    show({ tracks, obstacle }) {
      paces.note(tracks, io.now().getTime());
      const labelWidth = Math.max(0, ...tracks.map(({ things }) => things.length));
      const bars = tracks.map((track) => `  ${barLine(track, paces.of(track.things), width - 2, labelWidth)}`);
      const notes = obstacle === null ? [] : hanging("  ", obstacle, width, paint.warning).split("\n");
      const lines = [...bars, ...notes];
      const up = height > 0 ? `\x1b[${height}A` : "";
      io.stderr.write(`${up}\r\x1b[0J${lines.map((line) => `${line}\n`).join("")}`);
      height = lines.length;
    },
  };
}

/** A line when something changed: the first at once, then some seconds apart, the last always. */
function linesOn(session: Session): Display {
  const paces = createPaces();
  let written = "";
  let writtenAt = Number.NEGATIVE_INFINITY;
  return {
    show({ tracks, obstacle, isOver }) {
      const at = session.io.now().getTime();
      paces.note(tracks, at);
      const state = JSON.stringify([tracks, obstacle]);
      if (state === written || (!isOver && at - writtenAt < LINE_EVERY_MS)) return;
      [written, writtenAt] = [state, at];
      const line = plainLine(tracks, paces.of);
      session.say(obstacle === null ? line : `${line}; ${obstacle}`);
    },
  };
}
