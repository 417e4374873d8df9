import { expect, test } from "vitest";
import { variables } from "../../src/config.ts";
import { exists, namesIn, read, readJsonc } from "./files.ts";

interface Task {
  command: string;
  description: string;
}

const deno = JSON.parse(read("deno.json")) as { nodeModulesDir: string; tasks: Record<string, Task> };

test("deno.json has the tasks that the README names, each a file that exists, with its permissions listed", () => {
  expect(deno.nodeModulesDir).toBe("manual");
  expect(Object.keys(deno.tasks)).toEqual(expect.arrayContaining(["start", "web", "cli", "edge", "test:smoke"]));
  for (const { command, description } of Object.values(deno.tasks)) {
    expect(description).not.toBe("");
    // Through `env`: by itself `deno` would be the npm package's file, which Deno takes for a script.
    expect(command).toMatch(/^env deno (run|serve|test) /);
    expect(command).not.toMatch(/ -A|--allow-all/);
    const [file] = /(?:src|test)\/\S+\.ts/.exec(command) ?? [];
    expect(exists(file ?? "")).toBe(true);
  }
});

test("deno.json lets the service neither write files nor run programs, and its edge not even read", () => {
  for (const name of ["start", "web", "cli", "edge"]) {
    expect(deno.tasks[name]?.command).not.toMatch(/--allow-(write|run|ffi)/);
  }
  expect(deno.tasks.edge?.command).not.toContain("--allow-read");
});

test("wrangler.jsonc deploys the edge entry with Node's compatibility, and names variables of the contract alone", () => {
  const wrangler = readJsonc("wrangler.jsonc") as { main: string; compatibility_date: string; vars: object };
  expect(wrangler.main).toBe("src/start/edge.ts");
  // From this day on nodejs_compat is the default.
  expect(wrangler.compatibility_date >= "2026-08-04").toBe(true);
  const names = [...namesIn(read("wrangler.jsonc")), ...Object.keys(wrangler.vars)];
  expect(names.filter((name) => !(variables as string[]).includes(name))).toEqual([]);
});
