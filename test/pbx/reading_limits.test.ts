import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { callsOf, DAY, failureOf, pbxAt, read, startPair } from "./pair.ts";
import { startServer } from "./server.ts";

describe("an answer that is too long", () => {
  /** Heeds neither limit nor, in the dialect without times, the part of the day; each of three calls weighs 7 MiB. */
  const startHeavy = () => {
    const calls = [1, 11, 21].map((hour) => ({
      uuid: `a${hour}`,
      hour,
      start_epoch: String(1705251600 + hour * 3_600),
    }));
    let asked = 0;
    const origin = startServer((req, res) => {
      asked++;
      const query = new URL(req.url!, "http://pbx").searchParams;
      const [from, to] = ["from", "to"].map((name) => Number(query.get(name)?.slice(11, 13)));
      const inside = calls.filter(({ hour }) => !(hour < from! || hour > to!)).slice(Number(query.get("offset")));
      res.write(JSON.stringify({ status: "success", result_in_page: inside.length, data: inside }));
      res.end(Buffer.alloc(inside.length * 7 * 1024 * 1024, " "));
    });
    return { origin, asked: () => asked };
  };

  test("is got round by asking for parts of the day", async () => {
    const result = await read(pbxAt(await startHeavy().origin, { dialect: "onepos-v2" }));
    expect(result).toMatchObject({ complete: true, ids: ["a21", "a11", "a1"].reverse() });
  });

  test("is not asked for again where only whole days can be asked for, and is the day's trouble, not the PBX's", async () => {
    const { origin, asked } = startHeavy();
    const failure = await failureOf(read(pbxAt(await origin, { dialect: "seed" })));
    expect([failure.code, failure.message]).toEqual([
      "day_paging_stuck",
      "Cannot read calls of 2024-01-15: the PBX heeds no limit, its answer is longer than 16 MiB",
    ]);
    expect(asked()).toBe(1);
  });

  test("in a dialect that is not the PBX's says nothing of the next one", async () => {
    const origin = await startServer((req, res) => {
      const isOurs = req.url!.includes("from=");
      const records = isOurs && req.url!.includes("offset=0") ? [{ uuid: "a1", start_epoch: "1705287600" }] : [];
      res.write(JSON.stringify({ status: "success", data: records }));
      res.end(Buffer.alloc(isOurs ? 0 : 17 * 1024 * 1024, " "));
    });
    expect(await read(pbxAt(origin))).toMatchObject({ dialect: "onepos-v2", complete: true, ids: ["a1"] });
  });
});

describe("a list that never ends", () => {
  test("is given up where page after page brings records without a uuid that change each time", async () => {
    let asked = 0;
    const origin = await startServer((_, res) => {
      const changing = { start_time: "2024-01-15T10:00:00+07:00", seen: ++asked };
      const call = { ...changing, uuid: "a1", seen: 0, caller_id: "1001" };
      res.end(JSON.stringify({ success: true, data: [call, changing, { ...changing, seen: -asked }] }));
    });
    const failure = await failureOf(read(pbxAt(origin)));
    expect(failure.code).toBe("day_unstable");
    expect(failure.message).toMatch(
      /^Cannot read calls of 2024-01-15: .*records without a uuid, which change each time/,
    );
    expect(asked).toBeLessThan(1_000);
  });

  test("is given up where it holds more calls than a day can have", async () => {
    const { pbx } = await startPair({ calls: callsOf(60) });
    const reading = (maxIds: number) => pbx.readDay(DAY, { maxIds, onPage: async () => {} });
    const failure = await failureOf(reading(59));
    expect([failure.code, failure.message]).toEqual([
      "day_unstable",
      "Cannot read calls of 2024-01-15: the PBX answers more than 59 different records",
    ]);
    expect((await reading(60)).complete).toBe(true);
  });
});
