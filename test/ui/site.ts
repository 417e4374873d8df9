import type { Hono } from "hono";
import { createApp, type HttpContext } from "../../src/http/app.ts";
import { silentLog } from "../../src/log.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { type Seeded, seed, ZONE } from "./seed.ts";

export const TOKEN = "a-token-for-tests";

export const basic = (password: string, user = "lan") => `Basic ${btoa(`${user}:${password}`)}`;

interface Asked {
  headers?: Record<string, string>;
}

/** The dashboard as the app serves it, over a database of its own. */
export interface Site {
  readonly app: Hono;
  database: TestDatabase;
  seeded: Seeded;
  /** Another process of the same site: it has kept no answer. */
  restart(): void;
  /** A page, asked for with the password. */
  get(path: string, asked?: Asked): Promise<Response>;
  text(path: string, asked?: Asked): Promise<string>;
  /** Sends a form as a browser does from our own page, with the page's token unless `fields` has another. */
  post(path: string, fields: Record<string, string>, asked?: Asked): Promise<Response>;
}

export const contextOf = (database: TestDatabase, apiToken: string | undefined): HttpContext => ({
  sql: database.sql,
  zone: ZONE,
  apiToken,
  metricsToken: undefined,
  now: () => new Date(),
  log: silentLog,
  redact: (text) => text,
  version: "test",
  role: "web",
});

export const appOf = (database: TestDatabase, apiToken: string | undefined): Hono =>
  createApp(contextOf(database, apiToken));

export async function openSite(mood: "calm" | "troubled" | "empty", days = 80): Promise<Site> {
  const database = await createDatabase();
  const seeded = mood === "empty" ? ({} as Seeded) : await seed(database.sql, mood, { days });
  let app = appOf(database, TOKEN);
  const get = async (path: string, { headers = {} }: Asked = {}) =>
    app.request(`http://dashboard.test${path}`, {
      headers: { Authorization: basic(TOKEN), "Accept-Language": "en", ...headers },
    });
  const text = async (path: string, asked?: Asked) => (await get(path, asked)).text();
  const post = async (path: string, fields: Record<string, string>, { headers = {} }: Asked = {}) =>
    app.request(`http://dashboard.test${path}`, {
      method: "POST",
      headers: {
        Authorization: basic(TOKEN),
        "Accept-Language": "en",
        "Content-Type": "application/x-www-form-urlencoded",
        Host: "dashboard.test",
        Origin: "http://dashboard.test",
        "Sec-Fetch-Site": "same-origin",
        ...headers,
      },
      body: new URLSearchParams({ csrf: tokenIn(await text("/ui/")), ...fields }),
    });
  const restart = () => {
    app = appOf(database, TOKEN);
  };
  return {
    get app() {
      return app;
    },
    database,
    seeded,
    restart,
    get,
    text,
    post,
  };
}

/** The token that a page's forms carry. */
export const tokenIn = (page: string): string => /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";

/** The cookies that an answer sets, as the next request sends them. */
export const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
