import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDatabase } from "../database.ts";
import { runInside } from "./inside.ts";
import { run, start, widthOf } from "./run.ts";

const COMMANDS = [
  "status",
  "call",
  "sync",
  "missing-check",
  "retry-uploads",
  "verify-drive",
  "accept",
  "doctor",
  "migrate",
  "adopt",
  "rebuild-from-drive",
];
const QUEUING = ["sync", "missing-check", "retry-uploads", "verify-drive"];
const NOWHERE = { DATABASE_URL: "postgres://nobody:secret-word@127.0.0.1:1/none" };

test("help names every command, and no line is longer than 100 columns", async () => {
  const { code, stdout, stderr } = await run(["--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
  expect(widthOf(stdout)).toBeLessThanOrEqual(100);
});

test.each(COMMANDS)("%s has help with examples and --json, without a database or any variable", async (name) => {
  const { code, stdout, stderr } = await runInside([name, "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("--json");
  expect(stdout).toMatch(new RegExp(`Examples:\n {2}callcenter-sync ${name}`));
  expect(stdout.includes("--wait")).toBe(QUEUING.includes(name));
  expect(widthOf(stdout)).toBeLessThanOrEqual(100);
});

test.each([
  [["nonsense"], /unknown command 'nonsense'/],
  [["sync"], /Say which days: --from/],
  [["sync", "--frmo", "2024-01-10"], /unknown option '--frmo'/],
  [["sync", "--from", "2024-02-30"], /'2024-02-30' is invalid. A day is written YYYY-MM-DD/],
  [["sync", "--from", "10.1.2024"], /A day is written YYYY-MM-DD/],
  [["sync", "--from", "2024-01-10", "--to", "2024-01-09"], /--from is after --to/],
  [["sync", "--from", "2020-01-01", "--to", "2024-01-01"], /More than 366 days/],
  [["sync", "--from", "2024-01-10", "extra"], /too many arguments/],
  [["missing-check", "--days-back", "0"], /whole number from 1 to 366/],
  [["retry-uploads", "--limit", "many"], /whole number from 1 to 100000/],
  [["accept", "--why", "x"], /exactly one of --uuid, --day and --notice/],
  [["accept", "--day", "2024-01-01", "--uuid", "u", "--why", "x"], /exactly one/],
  [["accept", "--day", "2024-01-01"], /Say why it may stay/],
  [["adopt"], /the first start of the service takes the database over/],
])("%j is refused with exit code 2 and a reason", async (args, reason) => {
  const { code, stdout, stderr } = await runInside(args, { environment: NOWHERE });
  expect(stderr).toMatch(reason);
  expect([code, stdout]).toEqual([2, ""]);
});

test.each([
  ["status", []],
  ["sync", ["--from", "2024-01-10"]],
  ["missing-check", []],
  ["retry-uploads", []],
  ["verify-drive", []],
  ["accept", ["--day", "2024-01-10", "--why", "x"]],
  ["migrate", []],
  ["adopt", ["--dry-run"]],
  ["rebuild-from-drive", []],
] as const)(
  "%s says with exit code 69 that the database does not answer, and shows no password",
  async (name, args) => {
    const { code, stdout, stderr } = await runInside([name, ...args], { environment: NOWHERE });
    expect(stderr).toBe(
      "The database does not answer: the connection is refused.\nCheck that PostgreSQL runs and that DATABASE_URL leads to it.\n",
    );
    expect([code, stdout]).toEqual([69, ""]);
  },
);

test("a listener that hangs up at every start-up message ends the process with exit code 69", async () => {
  const tunnel = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end()));
  await once(tunnel.listen(0, "127.0.0.1"), "listening");
  const { port } = tunnel.address() as AddressInfo;
  const { code, stderr } = await run(["status"], { DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none` });
  tunnel.close();
  expect([code, stderr]).toEqual([
    69,
    expect.stringContaining("The database does not answer: the connection was cut."),
  ]);
});

test.each([
  ["sync --from 2024-01-10", "prepared", false],
  ["migrate", "prepared", false],
  ["migrate", "empty", true],
])("'%s' ends with exit code 69 where the database is %s and takes no writes", async (command, _state, empty) => {
  const database = await createDatabase({ empty });
  try {
    await database.sql.unsafe(`alter database ${database.name} set default_transaction_read_only = on`);
    const { code, stderr } = await run(command.split(" "), { DATABASE_URL: database.url });
    expect([code, stderr]).toEqual([69, expect.stringContaining("it takes no writes, as a replica does")]);
  } finally {
    await database.drop();
  }
});

test("an unknown option ends the process with exit code 2 and says which it is", async () => {
  const { code, stdout, stderr } = await run(["sync", "--frmo", "2024-01-10"]);
  expect(stderr).toBe(
    "error: unknown option '--frmo'\n(Did you mean --from?)\nHow it is used: callcenter-sync sync --help\n",
  );
  expect([code, stdout]).toEqual([2, ""]);
});

test("the process reads .env in its working directory, and real variables win", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "callcenter-cli-"));
  try {
    await writeFile(join(cwd, ".env"), `DATABASE_URL=${NOWHERE.DATABASE_URL}\nTIMEZONE=Moon/Base\n`);
    expect((await run(["status"], {}, cwd)).stderr).toContain("TIMEZONE must be a zone");
    const { code, stderr } = await run(["status"], { TIMEZONE: "Europe/Paris" }, cwd);
    expect([code, stderr]).toEqual([69, expect.stringContaining("The database does not answer")]);
  } finally {
    await rm(cwd, { recursive: true });
  }
});

test("a bad environment is one message that names every variable and shows no value, exit code 78", async () => {
  const environment = { TIMEZONE: "Moon/Base", PBX_TLS_INSECURE: "perhaps", CALLCENTER_MAX_RETRIES: "-7" };
  const { code, stdout, stderr } = await run(["status"], environment);
  for (const name of ["DATABASE_URL", ...Object.keys(environment)]) expect(stderr).toContain(name);
  for (const value of Object.values(environment)) expect(stderr).not.toContain(value);
  expect([code, stdout]).toEqual([78, ""]);
  const unset = await run(["status"]);
  expect(unset.stderr).toContain("DATABASE_URL is not set");
  expect(unset.code).toBe(78);
});

test("--json is one document on standard output, for errors too", async () => {
  const unreachable = await run(["status", "--json"], NOWHERE);
  expect(JSON.parse(unreachable.stdout)).toEqual({
    error: {
      message: "The database does not answer: the connection is refused.",
      hint: "Check that PostgreSQL runs and that DATABASE_URL leads to it.",
      exitCode: 69,
    },
  });
  const unknown = await run(["sync", "--json", "--nonsense"]);
  expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { exitCode: 2 } });
  expect(unknown.stderr).toContain("unknown option '--nonsense'");
});

test("whoever closes standard output or standard error early changes no exit code, and gets no less on the other", async () => {
  const usage = start(["accept", "--json"], NOWHERE);
  usage.child.stdout!.destroy();
  expect((await usage.finished).code).toBe(2);
  const unheard = start(["status", "--json"], NOWHERE);
  unheard.child.stderr!.destroy();
  const { code, stdout } = await unheard.finished;
  expect([code, JSON.parse(stdout)]).toEqual([69, { error: expect.objectContaining({ exitCode: 69 }) }]);
  const both = start(["status", "--json"], NOWHERE);
  both.child.stdout!.destroy();
  both.child.stderr!.destroy();
  expect((await both.finished).code).toBe(69);
});
