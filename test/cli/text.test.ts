import { expect, test } from "vitest";
import { identify } from "../../src/cli/drive_recording.ts";
import { hanging, paintFor, sized, span, takesColours, wrap } from "../../src/cli/text.ts";
import type { DriveFile } from "../../src/drive/drive.ts";

test("a text is broken between words, and its lines hang under its first", () => {
  expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(hanging("  ! ", "one two three four five six seven", 24)).toBe("  ! one two three four\n    five six seven");
});

test("spans and sizes are told as people tell them", () => {
  expect([400, 89_000, 91_000, 5_400_000, 4_800_000, 180_000_000].map(span)).toEqual([
    "0 s",
    "89 s",
    "2 min",
    "1 h 30 min",
    "80 min",
    "2 d 2 h",
  ]);
  expect([512, 1_600, 13_000_000, 15 * 1024 ** 3].map(sized)).toEqual(["512 B", "1.6 KB", "12 MB", "15 GB"]);
});

test("colours are for terminals whose owner has not said NO_COLOR", () => {
  const terminal = { write: () => {}, isTerminal: true, columns: 80 };
  expect(takesColours(terminal, {})).toBe(true);
  expect(takesColours(terminal, { NO_COLOR: "1" })).toBe(false);
  expect(takesColours(terminal, { TERM: "dumb" })).toBe(false);
  expect(takesColours({ ...terminal, isTerminal: false }, {})).toBe(false);
  expect(paintFor(true).good("ok")).toBe("\x1b[32mok\x1b[39m");
  expect(paintFor(false).good("ok")).toBe("ok");
});

const file = (more: Partial<DriveFile>): DriveFile => ({
  id: "1",
  name: "notes.txt",
  sizeBytes: 10,
  md5: "x",
  mimeType: "audio/wav",
  webViewLink: "https://drive.google.com/file/d/1/view",
  appProperties: {},
  trashed: false,
  parents: [],
  createdTime: new Date(0),
  ...more,
});

test("a file in Drive is known by its properties, else by its name in the business's zone", () => {
  const name = "abc_def_20240115_103000.wav";
  const zone = "Asia/Ho_Chi_Minh";
  const startedAt = new Date("2024-01-15T03:30:00Z");
  expect(identify(file({ name }), zone)).toEqual({ kind: "recording", uuid: "abc_def", startedAt });
  const appProperties = { uuid: "u-1", startTime: "2024-01-15T03:30:00.123Z" };
  expect(identify(file({ appProperties }), zone)).toMatchObject({
    uuid: "u-1",
    startedAt: new Date(appProperties.startTime),
  });
  expect(identify(file({}), zone)).toEqual({ kind: "unknown" });
  expect(identify(file({ name: "abc_20241399_103000.wav" }), zone)).toEqual({ kind: "unknown" });
  expect(identify(file({ name, sizeBytes: 0 }), zone)).toEqual({ kind: "empty" });
  expect(identify(file({ name, trashed: true }), zone)).toEqual({ kind: "trashed" });
});
