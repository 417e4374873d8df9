import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { WorkerOptions } from "../../src/worker/runner.ts";
import { eventually } from "./harness.ts";

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** What it has said so far. */
  lines: string[];
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has said this line. */
  said(line: string): Promise<unknown>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const PROGRAM = fileURLToPath(new URL("process.ts", import.meta.url));

/** Starts one; resolves when it takes jobs, each of which takes `jobMs`. */
export async function spawnWorker(
  options: { url: string; jobMs: number } & Partial<WorkerOptions>,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trim().split("\n")));
  const said = (line: string) => eventually(async () => lines.includes(line));
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  await said("ready");
  return { lines, kill: (signal) => child.kill(signal), said, exited };
}
