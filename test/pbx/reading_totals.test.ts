import { expect, test } from "vitest";
import { callsOf, pbxAt, read } from "./pair.ts";
import { startServer } from "./server.ts";

interface Odd {
  calls: number;
  /** What the PBX states with a page of so many rows. */
  total: (rows: number) => number;
  /** Pages that go wrong: by the number of the request for their offset. */
  page?: (offset: number, nth: number) => "empty" | "first" | undefined;
  cap?: number;
}

/** A PBX of the dialect `seed` whose totals and pages are odd in ways that its own kind has. */
async function startOdd({ calls, total, page = () => undefined, cap = 20 }: Odd) {
  const records = callsOf(calls).map(({ uuid, startMs }) => ({
    uuid,
    start_time: new Date(startMs).toISOString(),
    caller_id: "0901234567",
    destination: "1900",
    disposition: "ANSWERED",
    recording_path: null,
  }));
  const asked = new Map<number, number>();
  const origin = await startServer((request, response) => {
    const query = new URL(request.url ?? "", "http://pbx").searchParams;
    const offset = Number(query.get("offset"));
    const nth = (asked.get(offset) ?? 0) + 1;
    asked.set(offset, nth);
    const [kind, limit] = [page(offset, nth), Math.min(cap, Number(query.get("limit")))];
    const start = kind === "first" ? 0 : offset;
    const data = kind === "empty" ? [] : records.slice(start, start + limit);
    response.end(JSON.stringify({ success: true, data, total: total(data.length), limit, offset }));
  });
  return pbxAt(origin, { pageSize: 20 });
}

const rowsOfThisPage = (rows: number) => rows;

test.each<[string, Odd]>([
  [
    "counts the page, and the second page is empty once",
    { calls: 50, total: rowsOfThisPage, page: (offset, nth) => (offset === 20 && nth === 1 ? "empty" : undefined) },
  ],
  [
    "counts the page, and the first page comes again once",
    { calls: 50, total: rowsOfThisPage, page: (offset, nth) => (offset === 20 && nth === 1 ? "first" : undefined) },
  ],
  [
    "is too low by some pages, and the page where it ends is empty once",
    { calls: 60, total: () => 40, page: (offset, nth) => (offset === 40 && nth === 1 ? "empty" : undefined) },
  ],
  [
    "counts a page that the PBX caps, and the second page is empty once",
    {
      calls: 50,
      total: rowsOfThisPage,
      cap: 20,
      page: (offset, nth) => (offset === 20 && nth < 2 ? "empty" : undefined),
    },
  ],
  ["is always 0", { calls: 50, total: () => 0 }],
])("a total that %s hides no call", async (_, odd) => {
  const result = await read(await startOdd(odd));
  expect(result).toMatchObject({ complete: true, reason: null });
  expect(result.ids).toHaveLength(odd.calls);
});

test.each<[string, Odd]>([
  ["counts the page, where offsets are ignored", { calls: 50, total: rowsOfThisPage, page: () => "first" }],
  [
    "counts the page, where a page stays empty",
    { calls: 60, total: rowsOfThisPage, page: (offset) => (offset === 20 ? "empty" : undefined) },
  ],
  [
    "is always 0, where a page stays empty",
    { calls: 60, total: () => 0, page: (offset) => (offset === 20 ? "empty" : undefined) },
  ],
])("a total that %s makes no day complete", async (_, odd) => {
  expect(await read(await startOdd(odd))).toMatchObject({ complete: false });
});

test("a total of as many calls as a page holds lets two readings decide", async () => {
  const result = await read(await startOdd({ calls: 20, total: () => 20 }));
  expect(result).toMatchObject({ complete: true, readings: 2 });
  expect(result.ids).toHaveLength(20);
});

test("a day that was full in one reading and empty in those after it is not complete", async () => {
  const odd = {
    calls: 15,
    total: () => 99,
    page: (_: number, nth: number) => (nth > 1 ? ("empty" as const) : undefined),
  };
  expect(await read(await startOdd(odd))).toMatchObject({ complete: false });
});
