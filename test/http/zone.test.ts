import { afterAll, beforeAll, expect, test } from "vitest";
import { basic } from "../ui/site.ts";
import { type Client, openClient, TOKEN } from "./client.ts";

let client: Client;
beforeAll(async () => {
  client = await openClient();
});
afterAll(() => client.close());

/** 00:30 of the 16th in Ho Chi Minh City, where the workers count; 21:30 of the 15th in Dubai. */
const now = () => new Date("2024-01-15T17:30:00Z");
const inDubai = () => client.but({ zone: "Asia/Dubai", now });
const inKiritimati = () => client.but({ zone: "Pacific/Kiritimati", now: () => new Date("2024-01-15T12:00:00Z") });

test("a web process counts days as the workers do, whatever its own TIMEZONE says", async () => {
  const days = (dateTo: string) => ({ json: { dateFrom: "2024-01-15", dateTo } });
  expect((await inDubai().ask("/backfill", days("2024-01-16"))).status).toBe(202);
  expect((await inKiritimati().ask("/backfill", days("2024-01-16"))).status).toBe(400);
  expect((await inDubai().ask("/accept", { json: { day: "2024-01-15", why: "a test" } })).status).toBe(200);
  expect((await inKiritimati().ask("/accept", { json: { day: "2024-01-15", why: "a test" } })).status).toBe(400);
  const page = await inDubai().ask("/ui/", { token: null, headers: { Authorization: basic(TOKEN) } });
  expect(page.text).toContain("Asia/Ho_Chi_Minh");
  expect(page.text).not.toContain("Asia/Dubai");
});

test("until a worker has said its zone, a web process counts in its own", async () => {
  await client.database.sql`delete from callcenter.settings where key = 'zone'`;
  const page = await inDubai().ask("/ui/", { token: null, headers: { Authorization: basic(TOKEN) } });
  expect(page.text).toContain("Asia/Dubai");
});
