import { expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { whileAway } from "../../src/start/database.ts";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql } from "../../src/store/open.ts";
import { run } from "../cli/run.ts";
import { startRefusingPostgres } from "../fakes/refusing_postgres.ts";

const POOLER = { code: "08P01", message: "unsupported startup parameter: search_path" };
const TLS_ONLY = {
  code: "28000",
  message: 'no pg_hba.conf entry for host "127.0.0.1", user "nobody", database "none", no encryption',
};
const NOBODY = { ...TLS_ONLY, message: TLS_ONLY.message.replace("no encryption", "SSL encryption") };

test.each([
  ["a pooler", POOLER, "", /connection pooler .*add pgbouncer=true/],
  ["a server that demands TLS", TLS_ONLY, "", /no TLS.*sslmode=require/],
  ["a server that lets the user in by no way", NOBODY, "?sslmode=require", /the user|whom PostgreSQL does not let in/],
  ["a certificate that nobody knows", NOBODY, "?sslmode=verify-full", /certificate, which does not pass \([A-Z_]+\)/],
])(
  "%s behind DATABASE_URL is a matter of configuration, for a start and for a command",
  async (_, refusal, query, told) => {
    await using server = await startRefusingPostgres(refusal);
    const url = `${server.url}${query}`;
    const sql = openSql(parseDatabaseUrl(url), { max: 1 });
    const error = await whileAway(silentLog, undefined, () => sql`select 1`).catch((thrown: unknown) => thrown);
    await sql.end({ timeout: 0 });
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(told);
    expect((error as Error).message).not.toContain("hidden");
    const { code, stderr } = await run(["status"], { DATABASE_URL: url });
    expect([code, stderr.replaceAll("\n", " ")]).toEqual([78, expect.stringMatching(told)]);
  },
);
