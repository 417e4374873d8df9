import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../src/start/cli.ts", import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
  finished: Promise<Finished>;
}

/** Starts the command line as a process of its own, with nothing in its environment but what is given. */
export function start(
  args: readonly string[],
  environment: Record<string, string | undefined> = {},
  cwd = tmpdir(),
): Running {
  const env = { PATH: process.env.PATH, NODE_NO_WARNINGS: "1", ...environment };
  const child = spawn(process.execPath, [CLI, ...args], { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (part) => {
    stdout += part;
  });
  child.stderr!.on("data", (part) => {
    stderr += part;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, stdout: () => stdout, stderr: () => stderr, finished };
}

/** Runs a command to its end. */
export const run = (
  args: readonly string[],
  environment?: Record<string, string | undefined>,
  cwd?: string,
): Promise<Finished> => start(args, environment, cwd).finished;

/** The longest line of a text. */
export const widthOf = (text: string) => Math.max(...text.split("\n").map((line) => [...line].length));
