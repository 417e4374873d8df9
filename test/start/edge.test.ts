import { expect, test } from "vitest";
import edge from "../../src/start/edge.ts";
import { createDatabase } from "../database.ts";
import { eventually } from "../eventually.ts";

test("the edge counts days in its own zone where no worker has ever started", async () => {
  const { url, sql, drop } = await createDatabase();
  try {
    const answer = await edge.fetch(new Request("http://edge.test/health/live"), {
      DATABASE_URL: url,
      TIMEZONE: "America/Havana",
    });
    expect(answer.status).toBe(200);
    await eventually(async () => {
      const [row] = await sql`select callcenter.zone() as zone`;
      return row?.zone === "America/Havana";
    }, "SQL counts in the zone of the edge");
  } finally {
    await drop();
  }
});
