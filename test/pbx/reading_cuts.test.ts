import { expect, test } from "vitest";
import { windowOf } from "../../src/day.ts";
import { wholeDay } from "../../src/pbx/dialect.ts";
import { Rush } from "../../src/pbx/rush.ts";
import { callsOf, DAY, idsOf, pbxAt, read, sorted, startPair, ZONE } from "./pair.ts";
import { startServer } from "./server.ts";

interface Row {
  uuid: string;
  startMs: number;
}

/** A PBX of the dialect onepos-v2, newest first, that compares times exactly and ends each list after so many calls. */
async function startExact(
  rows: Row[],
  { mostRows = Number.POSITIVE_INFINITY, write = String as (ms: number) => string } = {},
) {
  const asked: string[] = [];
  const origin = await startServer((request, response) => {
    const query = new URL(request.url ?? "", "http://pbx").searchParams;
    const [from, to] = ["from", "to"].map((name) => Date.parse(`${query.get(name)?.replace(" ", "T")}+07:00`)) as [
      number,
      number,
    ];
    asked.push(query.get("to") ?? "");
    const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
    const found = rows
      .filter(({ startMs }) => startMs >= from && startMs <= to)
      .sort((a, b) => b.startMs - a.startMs)
      .slice(0, mostRows)
      .slice(offset, offset + limit)
      .map(({ uuid, startMs }) => ({
        uuid,
        start_epoch: write(startMs),
        caller_id_number: "1",
        destination_number: "2",
      }));
    response.end(JSON.stringify({ status: "success", data: found, result_in_page: found.length }));
  });
  return { asked, pbx: pbxAt(origin, { dialect: "onepos-v2", pageSize: 200 }) };
}

test("calls between a second and the next, also the day's last, are not lost where a PBX compares exactly", async () => {
  const noon = Date.parse(`${DAY}T12:00:00+07:00`);
  const rows = [0, 0.25, 0.5, 0.75].flatMap((fraction) =>
    Array.from({ length: 24 }, (_, hour) => ({
      uuid: `call-${hour}-${fraction}`,
      startMs: noon + (hour - 11) * 3_600_000 - 1_000 + fraction * 1_000,
    })),
  );
  const { pbx } = await startExact(rows);
  const result = await read(pbx);
  expect(result).toMatchObject({ complete: true });
  expect(sorted(result.ids)).toEqual(sorted(rows.map(({ uuid }) => uuid)));
});

test("a PBX that writes whole seconds is asked for the day's own seconds alone", async () => {
  const { pbx, asked } = await startExact(callsOf(30), { write: (ms) => String(ms / 1_000) });
  expect(await read(pbx)).toMatchObject({ complete: true });
  expect(asked.filter((to) => !to.startsWith(DAY))).toEqual([]);
});

test("a list that ends after so many calls hides none, though all came within a few hours", async () => {
  const from = Date.parse(`${DAY}T13:00:00+07:00`);
  const rows = Array.from({ length: 1_500 }, (_, n) => ({ uuid: `call-${n}`, startMs: from + n * 9_000 }));
  const result = await read((await startExact(rows, { mostRows: 1_000, write: (ms) => String(ms / 1_000) })).pbx);
  expect(result.ids).toHaveLength(1_500);
  expect(result.complete).toBe(true);
});

test("a busy part of the day is cut where half of its calls are over, a day with few calls in equal parts alone", () => {
  const rush = new Rush(windowOf(DAY, ZONE));
  const spans = () => rush.cut(wholeDay(DAY), 4).map(({ fromSecond, toSecond }) => [fromSecond, toSecond]);
  const quarters = [
    [0, 21_599],
    [21_600, 43_199],
    [43_200, 64_799],
    [64_800, 86_399],
  ];
  expect(spans()).toEqual(quarters);
  for (let n = 0; n < 1_000; n++) rush.note(new Date(`${DAY}T13:${n % 2 ? "10" : "40"}:00+07:00`));
  expect(spans()).toEqual([...quarters.slice(0, 2), [43_200, 47_459], [47_460, 64_799], [64_800, 86_399]]);
});

test("a PBX of whole days that files them in another zone is found out", async () => {
  const calls = ["2024-01-14", DAY, "2024-01-16"].flatMap((day) => callsOf(200, { day }));
  const { fake, pbx } = await startPair({ zone: "UTC", calls }, { zone: ZONE });
  fake.faults.inject({ name: "times_as", as: "epoch_seconds" });
  await expect(read(pbx)).rejects.toMatchObject({ code: "day_wrong_zone" });
});

test("one call whose start is not its uuid's is no other zone, though it stands alone on its page", async () => {
  const calls = callsOf(30);
  calls.sort((a, b) => a.startMs - b.startMs)[0]!.startMs -= 900_000;
  const { fake, pbx } = await startPair({ dialect: "onepos-v2", calls }, { pageSize: 1 });
  const result = await read(pbx);
  expect(result).toMatchObject({ complete: true });
  expect(sorted(result.ids)).toEqual(idsOf(fake));
});
