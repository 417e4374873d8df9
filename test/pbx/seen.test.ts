import { expect, test } from "vitest";
import { SeenIds } from "../../src/pbx/seen.ts";

function readingsOf(...readings: string[][]): SeenIds {
  const seen = new SeenIds();
  for (const ids of readings) {
    seen.startReading();
    seen.startPass();
    for (const id of ids) seen.note(id, 0, 2);
  }
  return seen;
}

test("two readings agree when they met the same ids, in any order and however often", () => {
  expect(readingsOf(["a", "b"], ["b", "a", "b"]).agrees).toBe(true);
  expect(readingsOf([], []).agrees).toBe(true);
});

test("a reading agrees with nothing before it, with none of another set, and only with the one just before", () => {
  expect(readingsOf(["a"]).agrees).toBe(false);
  expect(readingsOf(["a", "b"], ["a", "c"]).agrees).toBe(false);
  expect(readingsOf(["a", "b"], ["a"]).agrees).toBe(false);
  expect(readingsOf(["a"], ["a", "b"]).agrees).toBe(false);
  expect(readingsOf(["a", "b"], ["a"], ["a", "b"]).agrees).toBe(false);
});

test("an id that moved out of the window is no longer among those inside", () => {
  const seen = readingsOf(["a", "b"], ["a"]);
  seen.note("b", 1, 0);
  expect(seen.inside("this reading")).toEqual(["a"]);
  expect(readingsOf(["a", "b"], ["b"]).inside("this reading")).toEqual(["b"]);
  expect(readingsOf(["a", "b"], ["b"]).inside("any reading")).toEqual(["a", "b"]);
});

test("of two records of one id a reading goes by the first call within the window, and none takes turns", () => {
  const seen = new SeenIds();
  const reading = () => {
    seen.startReading();
    const changes: string[] = [];
    for (const [name, hash, standing] of [
      ["outside", 1, 0],
      ["refused", 2, 1],
      ["call", 3, 2],
      ["other call", 4, 2],
    ] as const) {
      seen.startPass();
      if (seen.note("a", hash, standing).changed) changes.push(name);
    }
    return { last: changes.at(-1), ids: seen.inside("this reading") };
  };
  expect([reading(), reading()]).toEqual([
    { last: "call", ids: ["a"] },
    { last: "call", ids: ["a"] },
  ]);
});
