import { plain, type Redact } from "../log.ts";
import type { CliIo, Output } from "./io.ts";

type Painter = (text: string) => string;

/** Colours where somebody looks, the bare text elsewhere. */
export interface Paint {
  good: Painter;
  warning: Painter;
  bad: Painter;
  strong: Painter;
  quiet: Painter;
}

const ANSI: Record<keyof Paint, [on: number, off: number]> = {
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  strong: [1, 22],
  quiet: [2, 22],
};

/** Whether an output takes colours (no-color.org). */
export function takesColours(output: Output, environment: CliIo["environment"]): boolean {
  return output.isTerminal && !environment.NO_COLOR && environment.TERM !== "dumb";
}

export function paintFor(isColoured: boolean): Paint {
  const painter = ([on, off]: [number, number]): Painter => {
    return isColoured ? (text) => (text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`) : (text) => text;
  };
  const paints = Object.entries(ANSI).map(([name, codes]) => [name, painter(codes)]);
  return Object.fromEntries(paints) as Record<keyof Paint, Painter>;
}

/** No line is longer, however wide the terminal is. */
export const MAX_COLUMNS = 100;

/** Breaks a text into lines of at most `width`; what has no space is not broken. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

/** A text broken to fit, each further line under the beginning of the first. */
export function hanging(first: string, text: string, columns: number, paint: Painter = (line) => line): string {
  const indent = " ".repeat(first.length);
  return wrap(text, Math.max(20, Math.min(columns, MAX_COLUMNS) - first.length))
    .map((line, index) => `${index === 0 ? first : indent}${paint(line)}`)
    .join("\n");
}

/** What others wrote, fit to be shown: without control characters, secrets and whole phone numbers. */
export const shown = (text: string, redact: Redact) => redact(plain(text, 300));

/** `1,234` */
export const grouped = (count: number) => new Intl.NumberFormat("en").format(count);

/** `1 day`, `1,234 days`. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${grouped(count)} ${count === 1 ? thing : things}`;
}

/** `35 s`, `12 min`, `1 h 20 min`, `3 d 4 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const [hours, restMinutes] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 36) return restMinutes === 0 ? `${hours} h` : `${hours} h ${restMinutes} min`;
  const [days, restHours] = [Math.floor(hours / 24), hours % 24];
  return restHours === 0 ? `${days} d` : `${days} d ${restHours} h`;
}

/** `512 B`, `1.5 MB`, `12 GB`: as Google counts storage. */
export function sized(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1_000 && unit < units.length - 1) [value, unit] = [value / 1_024, unit + 1];
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
