import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A program of ours, running. */
export interface ServiceProcess {
  /** All that it wrote so far. */
  output(): string;
  /** Asks it to stop, as a platform does. Resolves to its exit code; -1 where it had to be killed after 40 s. Safe twice. */
  stop(): Promise<number>;
}

/** Starts a command in the project's folder, with these variables beside this process's own. */
export function startProcess(command: string, args: string[], environment: Record<string, string>): ServiceProcess {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listen = (stream: ChildProcess["stdout"]) => stream?.on("data", (part) => (output += part));
  listen(child.stdout);
  listen(child.stderr);
  let isRunning = true;
  const exit = once(child, "exit").then(([code]) => {
    isRunning = false;
    return (code as number | null) ?? -1;
  });
  return {
    output: () => output,
    async stop() {
      // Not child.kill(): on Deno a process that it was called for has no exit code any more, however it ended.
      if (isRunning) process.kill(child.pid!, "SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), 40_000);
      const code = await exit;
      clearTimeout(killer);
      return code;
    },
  };
}
