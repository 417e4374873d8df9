import { expect, test } from "vitest";
import { retryAfterOf } from "../src/retry_after.ts";

const NOW = new Date("2024-01-15T12:00:00Z");
const asked = (retryAfter: string, date?: string) =>
  retryAfterOf(new Headers({ "retry-after": retryAfter, ...(date && { date }) }), NOW);

test("Retry-After is read in seconds and as a date, reckoned by the server's own clock where it tells", () => {
  expect(asked(" 7 ")).toBe(7_000);
  expect(asked("Mon, 15 Jan 2024 12:00:30 GMT")).toBe(30_000);
  expect(asked("Mon, 15 Jan 2024 12:00:30 GMT", "Mon, 15 Jan 2024 12:00:20 GMT")).toBe(10_000);
  expect(asked("Mon, 15 Jan 2024 11:00:00 GMT")).toBe(0);
});

test("a Retry-After that says nothing is none", () => {
  expect([asked(""), asked("soon"), asked("1e9"), retryAfterOf(new Headers(), NOW)]).toEqual(Array(4).fill(undefined));
});

test("a Retry-After of more than a day is taken for a day: no clock of ours would ever reach some", () => {
  for (const far of ["86401", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"]) expect(asked(far)).toBe(86_400_000);
});
