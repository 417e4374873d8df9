import { type Config, readConfig } from "../config.ts";
import { createLog, type Log, type Redact, redactor } from "../log.ts";
import type { Sql } from "../store/open.ts";
import type { CliIo } from "./io.ts";
import { MAX_COLUMNS, type Paint, paintFor, shown, takesColours } from "./text.ts";

/** One run of a command: what it may use. What it does not use is never read or opened. */
export interface Session {
  readonly io: CliIo;
  /** Standard output carries one JSON document and nothing else. */
  readonly isJson: boolean;
  /** Throws a ConfigError the first time, where the environment is not right. */
  readonly config: Config;
  readonly sql: Sql;
  readonly redact: Redact;
  /** A log for those who want one: warnings on standard error. */
  readonly log: Log;
  /** For standard output. */
  readonly paint: Paint;
  readonly columns: number;
  /** Shows what others wrote: see `shown`. */
  show(text: string): string;
  /** A message beside the answer, on standard error. */
  say(text: string): void;
  close(): Promise<void>;
}

const SECRETS = ["PBX_API_KEY", "API_TOKEN", "METRICS_TOKEN", "GOOGLE_DRIVE_CREDENTIALS_JSON", "ALERT_WEBHOOK_URL"];

export function openSession(io: CliIo, isJson: boolean): Session {
  let config: Config | undefined;
  let sql: Sql | undefined;
  let redact: Redact | undefined;
  const session: Session = {
    io,
    isJson,
    paint: paintFor(!isJson && takesColours(io.stdout, io.environment)),
    columns: Math.min(io.stdout.columns, MAX_COLUMNS),
    get config() {
      config ??= readConfig(io.environment, "cli");
      return config;
    },
    get sql() {
      sql ??= io.connect(session.config);
      return sql;
    },
    get redact() {
      redact ??= redactor(secretsIn(io));
      return redact;
    },
    get log() {
      const write = ({ message }: { message: string }) => session.say(message);
      return createLog({ level: "warn", zone: "UTC", redact: session.redact, write, now: io.now });
    },
    show: (text) => shown(text, session.redact),
    say: (text) => io.stderr.write(`${text}\n`),
    close: async () => void (await sql?.end({ timeout: 1 })),
  };
  return session;
}

/** The secrets of an environment, be it right or not. */
function secretsIn({ environment, secretsOf }: CliIo): (string | undefined)[] {
  try {
    return secretsOf(readConfig(environment, "cli"));
  } catch {
    return [...SECRETS.map((name) => environment[name]), environment.DATABASE_URL];
  }
}
