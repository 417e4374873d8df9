import { createApp, type HttpContext } from "../../src/http/app.ts";
import { createLog, type LogLine, redactor } from "../../src/log.ts";
import { shareSettings } from "../../src/store/settings.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

export const TOKEN = "a-token-that-only-tests-know";
export const ZONE = "Asia/Ho_Chi_Minh";

/** An answer, with its body read. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export interface Client {
  database: TestDatabase;
  logs: LogLine[];
  /** Asks the app; with the API's token unless `token` says another, or null for none. */
  ask(
    path: string,
    request?: {
      method?: string;
      json?: unknown;
      text?: string;
      token?: string | null;
      headers?: Record<string, string>;
    },
  ): Promise<Answer>;
  /** The same app with another context. */
  but(changes: Partial<HttpContext>): Client;
  close(): Promise<void>;
}

/** The HTTP app on a database of its own, whose workers have shared their settings. */
export async function openClient(options: { empty?: boolean } = {}): Promise<Client> {
  const database = await createDatabase(options);
  if (!options.empty) {
    await shareSettings(database.sql, {
      zone: ZONE,
      drive_enabled: true,
      sync_enabled: true,
      pbx_concurrency: 2,
      max_retries: 3,
      default_days_back: 30,
      daily_time: "02:00",
      schedule: {},
    });
  }
  const logs: LogLine[] = [];
  const redact = redactor([TOKEN]);
  const log = createLog({ level: "debug", zone: ZONE, redact, write: (line) => logs.push(line) });
  return clientOf(database, logs, {
    sql: database.sql,
    zone: ZONE,
    apiToken: TOKEN,
    metricsToken: undefined,
    now: () => new Date(),
    log,
    redact,
    version: "1.2.3",
    role: "web",
  });
}

function clientOf(database: TestDatabase, logs: LogLine[], context: HttpContext): Client {
  const app = createApp(context);
  return {
    database,
    logs,
    async ask(path, { method, json, text, token = TOKEN, headers = {} } = {}) {
      const body = json === undefined ? text : JSON.stringify(json);
      const answer = await app.request(path, {
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers: {
          ...(token !== null && { Authorization: `Bearer ${token}` }),
          ...(json !== undefined && { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      });
      const written = await answer.text();
      const isJson = /json/.test(answer.headers.get("Content-Type") ?? "");
      return {
        status: answer.status,
        headers: answer.headers,
        text: written,
        body: isJson ? JSON.parse(written) : null,
      };
    },
    but: (changes) => clientOf(database, logs, { ...context, ...changes }),
    close: () => database.drop(),
  };
}
