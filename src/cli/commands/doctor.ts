import { type Answer, defineCommand } from "../command.ts";
import { checkDatabase } from "../doctor/database.ts";
import { checkDrive } from "../doctor/drive.ts";
import { broken, type Finding, type FindingState } from "../doctor/finding.ts";
import { checkClock, checkEnvironment } from "../doctor/installation.ts";
import { checkPbx } from "../doctor/pbx.ts";
import { checkSchedule, checkWorker } from "../doctor/work.ts";
import { type ExitCode, exitCodes, interrupted } from "../exit.ts";
import type { Session } from "../session.ts";
import { counted, hanging } from "../text.ts";

interface Group {
  title: string;
  findings: Finding[];
}

const checks: Record<string, (session: Session) => Promise<Finding[]>> = {
  Database: checkDatabase,
  PBX: checkPbx,
  "Google Drive": checkDrive,
  Service: async (session) => [...(await checkWorker(session)), ...(await checkSchedule(session))],
};

export const doctor = defineCommand({
  name: "doctor",
  summary: "check everything that this system needs, and say what to do",
  options: () => {},
  examples: [
    ["doctor", "before the first start, and whenever something does not work"],
    ["doctor --json | jq '.findings[] | select(.state == \"problem\")'", "what is wrong, for a program"],
  ],
  async run(session) {
    const groups: Group[] = [];
    const tell = (group: Group) => {
      groups.push(group);
      if (!session.isJson) session.io.stdout.write(`${groupText(group, session)}\n\n`);
    };
    const environment = checkEnvironment(session);
    const isReadable = canRead(session);
    tell({ title: "Configuration", findings: [...environment, ...(isReadable ? checkClock(session) : [])] });
    if (isReadable) await runChecks(session, tell);
    return answer(groups, session);
  },
});

/** Whether the environment is right as far as it goes: a variable that only some checks need may lack. */
function canRead(session: Session): boolean {
  try {
    return Boolean(session.config);
  } catch {
    return false;
  }
}

/** All at once, for each may have to wait; told in their order. */
async function runChecks(session: Session, tell: (group: Group) => void): Promise<void> {
  const { interrupted: signal } = session.io;
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(interrupted("Interrupted: not everything was checked.")), {
      once: true,
    });
  });
  const running = Object.entries(checks).map(([title, check]) => ({
    title,
    findings: check(session).catch((error: unknown) => [broken(title, error)]),
  }));
  for (const { title, findings } of running) tell({ title, findings: await Promise.race([findings, stopped]) });
}

const MARKS: Record<FindingState, string> = { ok: "✓", note: "–", warning: "!", problem: "✗" };

function groupText({ title, findings }: Group, { paint, columns, show }: Session): string {
  const colours = { ok: paint.good, note: paint.quiet, warning: paint.warning, problem: paint.bad };
  const width = Math.max(...findings.map(({ check }) => check.length), 12);
  const lines = findings.map(({ check, state, message, advice }) => {
    const line = hanging(`  ${MARKS[state]} ${check.padEnd(width)}  `, show(message), columns);
    const marked = line.replace(MARKS[state], colours[state](MARKS[state]));
    return advice ? `${marked}\n${hanging("      → ", show(advice), columns, paint.strong)}` : marked;
  });
  return [paint.strong(title), ...lines].join("\n");
}

function answer(groups: readonly Group[], { show }: Session): Answer {
  const findings = groups.flatMap(({ title, findings }) =>
    findings.map((finding) => ({ group: title, ...finding, message: show(finding.message) })),
  );
  const problems = findings.filter(({ state }) => state === "problem");
  const warnings = findings.filter(({ state }) => state === "warning");
  const words = [
    problems.length > 0 && counted(problems.length, "problem"),
    warnings.length > 0 && counted(warnings.length, "warning"),
  ].filter((word) => word !== false);
  const exitCode = exitCodeOf(problems);
  return {
    exitCode,
    text: words.length === 0 ? "Everything is well." : `${words.join(", ")}.`,
    json: { ok: problems.length === 0, exitCode, problems: problems.length, warnings: warnings.length, findings },
  };
}

function exitCodeOf(problems: readonly Finding[]): ExitCode {
  if (problems.some(({ cause }) => cause === "configuration")) return exitCodes.configuration;
  if (problems.some(({ cause }) => cause === "unreachable")) return exitCodes.unreachable;
  return problems.length > 0 ? exitCodes.failures : exitCodes.done;
}
