import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { createPool, type PatientPool } from "../../src/worker/pool.ts";
import { refusePooler } from "../../src/worker/pooler.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let db: TestDatabase;
let direct: PatientPool;

beforeAll(async () => {
  db = await createDatabase();
  direct = createPool(parseDatabaseUrl(db.url), { max: 4, log: silentLog });
});
afterAll(async () => {
  await direct.end();
  await db.drop();
});

/**
 * A pool whose connections get a backend for each transaction, as behind PgBouncer: `backends` are handed to them in
 * turn.
 */
function transactionPooler(backends: pg.Client[]): pg.Pool {
  let turn = 0;
  const connect = async () => {
    let inTransaction: pg.Client | undefined;
    return {
      async query(text: string) {
        const backend = inTransaction ?? backends[turn++ % backends.length]!;
        if (text === "begin") inTransaction = backend;
        if (text === "commit") inTransaction = undefined;
        return backend.query(text);
      },
      once() {},
      release() {},
    };
  };
  return { connect } as unknown as pg.Pool;
}

it("takes a direct connection", async () => {
  await expect(refusePooler(direct)).resolves.toBeUndefined();
  expect(direct.totalCount).toBe(0);
});

it.each([1, 2, 3])("refuses a pooler in transaction mode with %i backends, and names the way out", async (count) => {
  const backends = Array.from({ length: count }, () => new pg.Client({ connectionString: db.url }));
  await Promise.all(backends.map((backend) => backend.connect()));
  const refusal = refusePooler(transactionPooler(backends), 100);
  await expect(refusal).rejects.toThrow(ConfigError);
  await expect(refusal).rejects.toThrow(/pooler in transaction mode.*direct URL/);
  await Promise.all(backends.map((backend) => backend.end()));
});
