import { type Command, InvalidArgumentError } from "commander";
import { type Day, isDay } from "../day.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import type { Session } from "./session.ts";

/** What a command has to say at its end: the same as words and as JSON. */
export interface Answer {
  exitCode?: ExitCode;
  text: string;
  json: unknown;
}

/** A command as `runCli` registers and runs it. */
export interface CliCommand {
  name: string;
  summary: string;
  /** Adds the command's options; `--json` and `--help` are everybody's. */
  options(command: Command): void;
  /** Lines of the help: what is written, and what it does. */
  examples: readonly (readonly [line: string, meaning: string])[];
  run(session: Session, options: unknown): Promise<Answer>;
}

/** A command whose `run` is given the options that its `options` declare. */
export function defineCommand<Options>(
  command: Omit<CliCommand, "run"> & { run(session: Session, options: Options): Promise<Answer> },
): CliCommand {
  return { ...command, run: (session, options) => command.run(session, options as Options) };
}

/** Reads a day from the command line. */
export function dayArgument(text: string): Day {
  if (isDay(text)) return text;
  throw new InvalidArgumentError("A day is written YYYY-MM-DD, such as 2024-01-10, and must be in the calendar.");
}

/** Reads a whole number within limits. */
export const wholeArgument = (min: number, max: number) => (text: string) => {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= min && number <= max) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
};

/** Commands that queue work can be told to stay until it is done. */
export const waitOption = (command: Command) =>
  command.option("--wait", "stay and show the progress until the work has ended");

export const failuresIf = (hasFailures: boolean): ExitCode => (hasFailures ? exitCodes.failures : exitCodes.done);
