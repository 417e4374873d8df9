import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql, type Sql } from "../../src/store/open.ts";
import { createDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
let forOneRequest: Sql;

beforeAll(async () => {
  database = await createDatabase({ empty: true });
  forOneRequest = openSql(parseDatabaseUrl(database.url), { max: 1, forOneRequest: true });
});
afterAll(async () => {
  await forOneRequest.end();
  await database.drop();
});

const TEXTS = [
  "plain",
  "",
  "NULL",
  "null",
  'a "quoted" \\ text',
  "{braces, and commas}",
  "two\nlines",
  "Nguyễn Thị Ánh",
  " ",
];

test("a client for one request sends and reads arrays as a client that asked for the types does", async () => {
  const days = ["2024-01-15", "2024-02-29"];
  for (const sql of [database.sql, forOneRequest]) {
    const [row] = await sql`
      select ${TEXTS}::text[] as texts, '{}'::text[] as none, ${[0.5, 99]}::float8[] as shares,
             array[1, -2]::int4[] as numbers, array[true, false] as flags, ${days}::date[]::text[] as days,
             array['2024-01-15T02:00:00+07:00'::timestamptz] as times`;
    expect(row).toEqual({
      texts: TEXTS,
      none: [],
      shares: [0.5, 99],
      numbers: [1, -2],
      flags: [true, false],
      days,
      times: [new Date("2024-01-14T19:00:00Z")],
    });
  }
});

test("a client for one request reads the holes in an array as null", async () => {
  const [row] = await forOneRequest`select array['a', null, 'NULL']::text[] as texts`;
  expect(row?.texts).toEqual(["a", null, "NULL"]);
});
