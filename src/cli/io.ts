import type { Config } from "../config.ts";
import type { Drive } from "../drive/drive.ts";
import type { Log } from "../log.ts";
import type { Pbx } from "../pbx/pbx.ts";
import type { Sql } from "../store/open.ts";

/** Where a command writes. */
export interface Output {
  write(text: string): void;
  /** Somebody looks at it: colours and a line that moves are welcome. */
  isTerminal: boolean;
  columns: number;
}

/** All that the command line knows of the world around it: it opens nothing itself and reads no environment. */
export interface CliIo {
  environment: Readonly<Record<string, string | undefined>>;
  stdout: Output;
  stderr: Output;
  version: string;
  now(): Date;
  /** Resolves after that time, or as soon as the person interrupts. */
  pause(ms: number): Promise<void>;
  /** Ctrl-C. */
  interrupted: AbortSignal;
  /** What no answer may show. */
  secretsOf(config: Config): string[];
  /** The database; connects when it is first asked something. */
  connect(config: Config): Sql;
  /** Applies Graphile Worker's migrations, then ours; returns the names of ours that were applied now. */
  migrate(config: Config): Promise<string[]>;
  /** The names of all migrations that this program has. */
  migrationNames(): Promise<string[]>;
  /** Throws a ConfigError where a pooler in transaction mode stands before the database. */
  refusePooler(config: Config): Promise<void>;
  /** Throws a ConfigError where a file that the configuration names cannot be read. */
  pbx(config: Config, log: Log): Promise<Pbx>;
  /** Null where Google Drive is disabled. */
  drive(config: Config, log: Log): Promise<Drive | null>;
  /** The next runs of each task of the schedule, from now on. */
  schedule(config: Config, count: number): Promise<Record<string, Date[]>>;
}
