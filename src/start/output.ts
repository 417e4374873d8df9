import pino from "pino";
import { createLog, type Log, type LogLevel, type LogLine, plain, type Redact } from "../log.ts";

const COLOURS: Record<string, string> = {
  ERROR: "\u001b[31m",
  FATAL: "\u001b[31m",
  WARN: "\u001b[33m",
  DEBUG: "\u001b[2m",
};

/** The log of a process: one JSON object a line on standard output, a readable form on a terminal. */
export function openLog(options: { level: LogLevel; zone: string; redact: Redact }): Log {
  const out = pino.destination({ fd: 1, sync: true });
  const format = process.stdout.isTTY ? readable : (line: LogLine) => `${JSON.stringify(line)}\n`;
  return createLog({ ...options, write: (line) => void out.write(format(line)) });
}

/** `02:00:00 WARN  sync  Sync completed  day=2024-01-14 failed_count=2` */
function readable({ timestamp, level, logger, message, context = {} }: LogLine): string {
  const colour = process.env.NO_COLOR ? "" : (COLOURS[level] ?? "");
  const facts = Object.entries(context).map(
    ([key, value]) => `${key}=${plain(typeof value === "string" ? value : JSON.stringify(value), 500)}`,
  );
  const name = logger.replace(/^callcenter\.?/, "");
  return `${colour}${timestamp.slice(11, 19)} ${level.padEnd(5)} ${name.padEnd(7)} ${message}  ${facts.join(" ")}${colour && "\u001b[0m"}\n`;
}
