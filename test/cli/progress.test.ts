import fc from "fast-check";
import { expect, test } from "vitest";
import { bar, barLine, createPace, plainLine, rateOf, timeLeft } from "../../src/cli/progress.ts";

const track = (done: number, total: number | null, failed = 0) => ({ things: "days", done, failed, total });

test("a bar fills an eighth of a character at a time", () => {
  expect(bar(0, 4)).toBe("░░░░");
  expect(bar(0.5, 4)).toBe("██░░");
  expect(bar(0.53125, 4)).toBe("██▏░");
  expect(bar(1, 4)).toBe("████");
});

test("a bar is as wide as it is told, whatever share it shows", () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.integer({ min: 1, max: 60 }), (share, width) => {
      expect([...bar(share, width)]).toHaveLength(width);
    }),
  );
});

test("a rate is told in the unit in which a person counts it", () => {
  expect([12.4, 1.25, 0.5, 0.02, 0.001].map(rateOf)).toEqual(["12/s", "1.3/s", "30/min", "1.2/min", "3.6/h"]);
  expect([0, null].map(rateOf)).toEqual(["", ""]);
});

test("the time left comes of the rate, and is left out where nobody can tell", () => {
  expect(timeLeft(track(3, 6), 0.05)).toBe("60 s left");
  expect(timeLeft(track(0, 1_000), 0.1)).toBe("2 h 47 min left");
  expect([timeLeft(track(6, 6), 1), timeLeft(track(1, 6), 0), timeLeft(track(1, null), 1)]).toEqual(["", "", ""]);
});

test("the pace is that of the last minute, not of the whole time", () => {
  const pace = createPace(60_000);
  expect(pace.perSecond()).toBeNull();
  pace.note(0, 0);
  expect(pace.perSecond()).toBeNull();
  pace.note(1_000, 100);
  expect(pace.perSecond()).toBe(100);
  for (let second = 2; second <= 120; second++) pace.note(second * 1_000, 100 + second);
  expect(pace.perSecond()).toBe(1);
});

test("a bar's line keeps within the columns, and its counts stand under each other", () => {
  expect(barLine(track(3, 12), 0.05, 80, 10)).toBe(
    "days        ███████▌░░░░░░░░░░░░░░░░░░░░░░   3/12   25 %   3/min   3 min left",
  );
  expect(barLine(track(12, 12, 2), null, 80, 4)).toBe("days  ██████████████████████████████  12/12  100 %   2 failed");
  expect(barLine(track(5, null), null, 80, 4)).toBe("days  5");
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.integer({ min: 30, max: 120 }), (done, more, columns) => {
      expect([...barLine(track(done, done + more, 1), 0.3, columns, 10)].length).toBeLessThanOrEqual(columns);
    }),
  );
});

test("a plain line tells every track", () => {
  const tracks = [track(3, 6), { things: "recordings", done: 1_200, failed: 2, total: 3_000 }];
  const pace = (things: string) => (things === "days" ? null : 12);
  expect(plainLine(tracks, pace)).toBe("3 of 6 days; 1,200 of 3,000 recordings, 2 failed (12/s, 3 min left)");
});
