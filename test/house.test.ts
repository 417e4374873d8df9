import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { jobs } from "../src/jobs.ts";

const ROOT = resolve(import.meta.dirname, "..");

const filesOf = (directory: string): string[] =>
  readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));

/** The part of the house that a file belongs to: `src/pbx` is `pbx`, a file in `src/` is the vocabulary. */
function roomOf(file: string): string {
  const [top, second] = file.split("/") as [string, string];
  if (top !== "src") return top;
  return second.endsWith(".ts") ? "vocabulary" : second;
}

interface Import {
  file: string;
  target: string;
  isTypeOnly: boolean;
}

const SOURCES = [...filesOf("src"), ...filesOf("tasks")];

const IMPORTS: Import[] = SOURCES.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)|^import\s+"([^"]+)"/gm,
  );
  return [...found].map(([, type, from, dynamic, bare]) => {
    const specifier = from ?? dynamic ?? bare ?? "";
    const target = specifier.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier;
    return { file, target, isTypeOnly: type !== undefined };
  });
});

const BEYOND: Record<string, string[]> = {
  vocabulary: [],
  store: ["vocabulary"],
  pbx: ["vocabulary"],
  drive: ["vocabulary"],
  webhook: ["vocabulary"],
  http: ["vocabulary", "store"],
  worker: ["vocabulary", "store"],
  tasks: ["vocabulary", "store", "pbx", "drive", "webhook", "worker"],
  cli: ["vocabulary", "store", "pbx", "drive", "worker"],
};

test("imports run one way: start → cli, worker, http → store → vocabulary; a task introduces pbx, drive and store", () => {
  const broken = IMPORTS.filter(({ file, target, isTypeOnly }) => {
    if (!/^(src|tasks|test)\//.test(target)) return false;
    const [from, to] = [roomOf(file), roomOf(target)];
    if (from === "start" || from === to) return false;
    // The worker carries the neighbours to the tasks without knowing them.
    if (from === "worker" && isTypeOnly && (to === "pbx" || to === "drive")) return false;
    return !BEYOND[from]?.includes(to);
  });
  expect(broken).toEqual([]);
});

test("tasks reach the worker through define_task alone", () => {
  const others = IMPORTS.filter(({ file, target }) => roomOf(file) === "tasks" && target.startsWith("src/worker/"));
  expect(others.filter(({ target }) => target !== "src/worker/define_task.ts")).toEqual([]);
});

test("http, its store and the vocabulary run anywhere: no Node module, no Graphile Worker, no Google, no pino", () => {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { target, isTypeOnly } of IMPORTS.filter((found) => found.file === file)) {
      if (!isTypeOnly && target.startsWith("src/")) visit(target);
    }
  };
  visit("src/http/app.ts");
  const foreign = IMPORTS.filter(({ file, isTypeOnly }) => seen.has(file) && !isTypeOnly)
    .map(({ target }) => target)
    .filter((target) => /^(node:|pg$|pino|graphile|google|@google|ky$|undici|prom-client)/.test(target));
  expect([...new Set(foreign)]).toEqual([]);
});

test("only start/ reads the environment", () => {
  const readers = SOURCES.filter((file) => /process\.env|Deno\.env/.test(readFileSync(join(ROOT, file), "utf8")));
  expect(readers.filter((file) => roomOf(file) !== "start")).toEqual([]);
});

test("every task has its file, its payload and, where it is scheduled, its line", () => {
  const files = filesOf("tasks").map((file) => file.replace(/^tasks\/(.*)\.ts$/, "$1"));
  expect(files.sort()).toEqual(Object.keys(jobs).sort());
  const lines = readFileSync(join(ROOT, "crontab"), "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
  for (const line of lines) expect(Object.keys(jobs)).toContain(line.split(/\s+/)[5]);
  const view = readFileSync(join(ROOT, "sql/003_queue.sql"), "utf8");
  const shown = /with known \(task\) as \(\s*values (.*)/.exec(view)?.[1]?.match(/\w+/g);
  expect(shown?.sort()).toEqual(Object.keys(jobs).sort());
});

test("no file is longer than 200 lines, but for the words of the two languages", () => {
  const long = SOURCES.filter((file) => !/words_\w\w\.ts$/.test(file)).map(
    (file) => [file, readFileSync(join(ROOT, file), "utf8").split("\n").length - 1] as const,
  );
  expect(long.filter(([, lines]) => lines > 200)).toEqual([]);
});
