import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { MakeCalls } from "./calls.ts";
import type { PbxOptions } from "./pbx.ts";
import { CONTROL_PATH, type ControlVerbs } from "./pbx_control.ts";

export interface PbxProcess {
  readonly pid: number;
  readonly url: string;
  readonly apiUrl: string;
  readonly recordingBaseUrl: string;
  /** Asks the PBX to do something; see `ControlVerbs`. */
  control<V extends keyof ControlVerbs>(
    verb: V,
    ...body: Parameters<ControlVerbs[V]>
  ): Promise<ReturnType<ControlVerbs[V]>>;
  /** Ends the process. */
  close(): Promise<void>;
}

/** Starts a PBX in a process of its own (benches measure memory, `prove` kills processes). `make` is made before it listens. */
export async function startPbxProcess(options: PbxOptions = {}, make: MakeCalls[] = []): Promise<PbxProcess> {
  const child = spawn(
    process.execPath,
    [...runArguments(), JSON.stringify({ ...options, control: true }), JSON.stringify(make)],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const addresses = JSON.parse(await firstLine(child));
  const control: PbxProcess["control"] = async (verb, ...[body]) => {
    const answer = await fetch(addresses.url + CONTROL_PATH + verb, {
      method: "POST",
      body: JSON.stringify(body ?? {}),
    });
    if (!answer.ok) throw new Error(`Cannot steer the simulated PBX: ${await answer.text()}`);
    return answer.json();
  };
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  return { pid: child.pid!, ...addresses, control, close };
}

function runArguments(): string[] {
  const file = fileURLToPath(new URL("pbx_main.ts", import.meta.url));
  return "deno" in process.versions
    ? ["run", "--allow-net", "--allow-env", "--allow-read", "--allow-sys", file]
    : [file];
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const part of child.stdout!) {
    text += part;
    if (text.includes("\n")) return text;
  }
  throw new Error("Cannot start the simulated PBX: its process ended");
}
