import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { ROOT, schemaVariables, textOf } from "./documents.ts";
import { commandsIn } from "./shell.ts";

/** What there is to be named in a command. */
const scripts: Record<string, string> = JSON.parse(textOf("package.json")).scripts;
const packages: Record<string, string> = JSON.parse(textOf("package.json")).devDependencies;
const denoTasks: Record<string, unknown> = JSON.parse(textOf("deno.json")).tasks;
const flyGroups = Object.keys((parse(textOf("fly.toml")) as { processes: object }).processes);
const services = [
  ...textOf("compose.yaml")
    .split("\nservices:")[1]!
    .matchAll(/^ {2}(\w[\w-]*):$/gm),
].map(([, name]) => name!);

const OLD_SYSTEM = "kata-workers";

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** `npm run prove -- --seconds 10`: the script is there, and the files that it starts know the option. */
function checkScript(name: string, options: readonly string[]): void {
  const command = scripts[name];
  must(command !== undefined, `package.json has no script ${name}`);
  const entry = /\S+\.ts$/.exec(command!)?.[0] ?? "";
  const source = existsSync(join(ROOT, entry)) && entry ? textOf(entry) : "";
  for (const option of options.filter((word) => word.startsWith("--"))) {
    must(source.includes(option.slice(2)), `${entry} knows no option ${option}`);
  }
}

function checkFly([, verb, ...rest]: readonly string[]): void {
  must(["launch", "secrets", "deploy", "ssh", "scale"].includes(verb!), `fly ${verb} is checked by nobody`);
  if (verb === "secrets") {
    for (const pair of rest.slice(1))
      must(schemaVariables.includes(pair.split("=")[0]!), `there is no variable ${pair}`);
  }
  if (verb === "scale") must(flyGroups.includes(rest[1]!.split("=")[0]!), `fly.toml has no process ${rest[1]}`);
}

function checkDocker([, verb, ...rest]: readonly string[]): void {
  if (verb !== "compose") {
    must(rest.at(-1) === OLD_SYSTEM, `docker ${verb} is checked by nobody`);
    return;
  }
  must(["up", "exec", "logs", "stop"].includes(rest[0]!), `docker compose ${rest[0]} is checked by nobody`);
  const service = rest.slice(1).find((word) => !word.startsWith("-"));
  if (service) must(services.includes(service), `compose.yaml has no service ${service}`);
}

/** Programs that are not ours, or whose run would be one too many: what they name must be there. */
const checks: Record<string, (words: readonly string[]) => void> = {
  npm: ([, verb, ...rest]) => {
    if (verb === "ci") return;
    const words = rest.filter((word) => word !== "-s");
    checkScript(verb === "run" ? words[0]! : verb!, words.slice(words.indexOf("--") + 1 || words.length));
  },
  npx: ([, program, ...rest]) => {
    must(program === "node" || Object.hasOwn(packages, program!), `npx ${program}: no such package`);
    for (const path of rest.filter((word) => word.includes("/")))
      must(existsSync(join(ROOT, path)), `there is no ${path}`);
  },
  deno: ([, verb, task]) => must(verb === "task" && Object.hasOwn(denoTasks, task!), `deno.json has no task ${task}`),
  fly: checkFly,
  docker: checkDocker,
  git: ([, verb]) => must(["pull", "clone"].includes(verb!), `git ${verb} is checked by nobody`),
  gcloud: (words) => must(words.slice(1, 4).join(" ") === "auth application-default login", words.join(" ")),
  grep: () => {},
  ".ci/run": () => must(existsSync(join(ROOT, ".ci/run")), "there is no .ci/run"),
};

/** Holds a command against the project, as far as that goes without running it. Throws where it names what is not there. */
export function checkProgram(words: readonly string[]): void {
  if (words.every((word) => /^\w+=/.test(word))) return;
  const check = checks[words[0]!];
  if (!check) throw new Error(`Nobody checks ${words[0]}`);
  check(words);
}

/** The arguments of our own command line, wherever it is said to run; undefined for any other command. */
export function cliArguments(words: readonly string[]): string[] | undefined {
  const line = words.join(" ");
  if (words[0] === "callcenter-sync") return words.slice(1);
  for (const front of ["npm run -s cli --", "deno task cli", "docker compose exec callcenter-sync callcenter-sync"]) {
    if (line.startsWith(`${front} `)) return words.slice(front.split(" ").length);
  }
  const remote = line.startsWith("fly ssh console -C ") ? commandsIn(words[4]!)[0] : undefined;
  return remote?.[0] === "callcenter-sync" ? remote.slice(1) : undefined;
}

/** Whether PostgreSQL's own client programs are here, and not older than the server. */
export function hasClientPrograms(serverVersion: number): boolean {
  try {
    const [version] = /\d+/.exec(execFileSync("pg_dump", ["--version"], { encoding: "utf8" })) ?? [];
    return Number(version) >= serverVersion;
  } catch {
    return false;
  }
}
