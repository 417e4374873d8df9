import { readConfig } from "../../config.ts";
import { isoInZone } from "../../day.ts";
import { ConfigError } from "../../errors.ts";
import { dialectProblems } from "../../pbx/dialects.ts";
import type { Session } from "../session.ts";
import { type Finding, note, ok, problem, warning } from "./finding.ts";

/** The environment as a worker wants it; every bad variable is a finding. */
export function checkEnvironment({ io }: Session): Finding[] {
  try {
    const config = readConfig(io.environment, "worker", dialectProblems);
    return [
      ok("environment", "every variable that a worker needs is set and right"),
      ...(config.PBX_TLS_INSECURE
        ? [
            warning(
              "PBX_TLS_INSECURE",
              "the PBX's certificate is not checked",
              "Set PBX_CA_FILE to its CA's PEM bundle instead.",
            ),
          ]
        : []),
      ...(config.API_TOKEN ? [] : [note("API_TOKEN", "is not set: API and dashboard are closed")]),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const bad = error.message.split("\n").flatMap((line) => /^ {2}([A-Z_]+) (.+)$/.exec(line)?.slice(1) ?? []);
    const pairs = bad.flatMap((name, index) => (index % 2 === 0 ? [[name, bad[index + 1] ?? ""] as const] : []));
    const advice = "Set them in the environment or in .env; the README lists every variable.";
    return pairs.map(([name, wrong], index) => {
      return problem(name, wrong, index === pairs.length - 1 ? advice : undefined, "configuration");
    });
  }
}

/** The clock on the wall of the business. */
export function checkClock({ io, config }: Session): Finding[] {
  const zone = config.TIMEZONE;
  return [ok("clock", `${isoInZone(io.now(), zone).slice(0, 16).replace("T", " ")} in ${zone}`)];
}
