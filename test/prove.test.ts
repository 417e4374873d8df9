import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../src/start/prove.ts", import.meta.url));

async function prove(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
  const [code] = await once(child, "close");
  return { code, output };
}

/** The number that stands behind a name in the ledger. */
const numberOf = (output: string, name: string) => Number(new RegExp(`^ *${name} +(\\d+)`, "m").exec(output)?.[1]);

test("a short round of faults, killed processes and a restarted PostgreSQL loses, doubles and spoils nothing", {
  timeout: 120_000,
}, async () => {
  const { code, output } = await prove("--short", "--seed", "2");
  expect(code, output).toBe(0);
  expect(output).toContain("1 of 1 rounds as they should be: 0 lost, 0 doubled, 0 wrong.");
  for (const name of ["lost", "doubled", "wrong", "jobs left"]) expect(numberOf(output, name), name).toBe(0);
  expect(numberOf(output, "calls stored")).toBe(numberOf(output, "calls expected"));
  expect(numberOf(output, "calls expected")).toBeGreaterThan(90);
});

test("a command line that cannot be understood is answered with the options", async () => {
  const { code, output } = await prove("--runtime", "bun");
  expect(code).toBe(2);
  expect(output).toMatch(/there is no runtime 'bun'[\s\S]*--seconds N/);
});
