import { Command, CommanderError } from "commander";
import type { Answer, CliCommand } from "./command.ts";
import { accept } from "./commands/accept.ts";
import { adopt } from "./commands/adopt.ts";
import { call } from "./commands/call.ts";
import { doctor } from "./commands/doctor.ts";
import { migrate } from "./commands/migrate.ts";
import { missingCheck } from "./commands/missing_check.ts";
import { rebuildFromDrive } from "./commands/rebuild_from_drive.ts";
import { retryUploads } from "./commands/retry_uploads.ts";
import { status } from "./commands/status.ts";
import { sync } from "./commands/sync.ts";
import { verifyDrive } from "./commands/verify_drive.ts";
import { type CliError, type ExitCode, exitCodes, interrupted, understand } from "./exit.ts";
import type { CliIo } from "./io.ts";
import { openSession, type Session } from "./session.ts";
import { hanging, MAX_COLUMNS, takesColours } from "./text.ts";

export type { CliIo, Output } from "./io.ts";

const NAME = "callcenter-sync";

const groups: Record<string, CliCommand[]> = {
  "Every day:": [status, call, sync, missingCheck, retryUploads, verifyDrive, accept],
  "Setting up and mending:": [doctor, migrate, adopt, rebuildFromDrive],
};

/**
 * Runs one command and returns the exit code. Standard output has the answer (with `--json` exactly one document, errors too), standard
 * error everything else. Never rejects.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const isJson = argv.includes("--json");
  const session = openSession(io, isJson);
  try {
    const answer = await parse(argv, session);
    if (answer === undefined) return exitCodes.done;
    write(answer, session);
    return answer.exitCode ?? exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return usage(error, session);
    return fail(io.interrupted.aborted ? interruption(error) : understand(error), session);
  } finally {
    await session.close().catch(() => {});
  }
}

/** Undefined where only help or the version was asked for. */
async function parse(argv: readonly string[], session: Session): Promise<Answer | undefined> {
  let answer: Answer | undefined;
  const program = programFor(session, async (command, options) => {
    answer = await command.run(session, options);
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
  }
  return answer;
}

function programFor(session: Session, act: (command: CliCommand, options: unknown) => Promise<void>): Command {
  const { io } = session;
  const program = new Command(NAME)
    .description("Every night: a PBX's calls into PostgreSQL, every recording into Google Drive.")
    .version(io.version, "-V, --version", "the version of this program")
    .helpOption("-h, --help", "what there is, with examples")
    .helpCommand(false)
    .showHelpAfterError(`What there is: ${NAME} --help`)
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(io.stdout.columns, MAX_COLUMNS), sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => takesColours(io.stdout, io.environment),
      getErrHasColors: () => takesColours(io.stderr, io.environment),
    })
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 done with failures, 2 usage, 69 a service is unreachable, 78 configuration.",
    );
  for (const [heading, commands] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const command of commands) register(program, command, act);
  }
  return program;
}

function register(
  program: Command,
  command: CliCommand,
  act: (command: CliCommand, options: unknown) => Promise<void>,
): void {
  const examples = command.examples.map(([line, meaning]) => `  ${NAME} ${line}\n      ${meaning}`);
  const registered = program
    .command(command.name)
    .summary(command.summary)
    .description(`${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`)
    .allowExcessArguments(false)
    .showHelpAfterError(`How it is used: ${NAME} ${command.name} --help`)
    .helpOption("-h, --help", "this help")
    .addHelpText("after", `\nExamples:\n${examples.join("\n")}`)
    .action((options: unknown) => act(command, options));
  command.options(registered);
  registered.option("--json", "one JSON document on standard output, messages on standard error");
}

function write({ text, json }: Answer, { io, isJson }: Session): void {
  io.stdout.write(isJson ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
}

/** Commander has written its message already. */
function usage(error: CommanderError, { io, isJson }: Session): ExitCode {
  const message = error.message.replace(/^error: /, "");
  if (isJson) io.stdout.write(`${JSON.stringify({ error: { message, exitCode: exitCodes.usage } }, null, 2)}\n`);
  return exitCodes.usage;
}

function fail(error: CliError, session: Session): ExitCode {
  const { io, isJson, redact, columns } = session;
  const { exitCode } = error;
  const message = redact(error.message);
  const hint = error.hint && redact(error.hint);
  const indented = message.split("\n").map((line, index) => (index === 0 ? hanging("", line, columns) : line));
  session.say([...indented, ...(hint ? [hanging("", hint, columns)] : [])].join("\n"));
  if (isJson) io.stdout.write(`${JSON.stringify({ error: { message, ...(hint && { hint }), exitCode } }, null, 2)}\n`);
  return exitCode;
}

/** What was under way when Ctrl-C came fails in odd ways: the reason is the interruption. */
function interruption(error: unknown): CliError {
  const known = understand(error);
  return known.exitCode === exitCodes.interrupted ? known : interrupted("Interrupted.", known);
}
