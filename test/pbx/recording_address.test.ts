import { describe, expect, test } from "vitest";
import { SyncError } from "../../src/errors.ts";
import { addressOf } from "../../src/pbx/recording_address.ts";

const bases = {
  apiUrl: new URL("https://pbx.example:8080/api/v2/cdrs"),
  recordingBaseUrl: new URL("https://files.example/recordings/"),
};
const address = (path: string, base = bases) =>
  addressOf(path, base, { side: "recordings", cannot: "Cannot download" }).href;

describe("addressOf()", () => {
  test.each([
    ["2024/01/15/a.wav", "2024/01/15/a.wav"],
    ["/tenant/archive/a.mp3", "tenant/archive/a.mp3"],
    ["/recordings/2024/a.wav", "2024/a.wav"],
    ["recordings/a.wav", "a.wav"],
    ["//files.evil/a.wav", "files.evil/a.wav"],
    ["a b.wav", "a%20b.wav"],
    ["a%20b.wav", "a%20b.wav"],
    ["100%.wav", "100%25.wav"],
    ["a#1.wav", "a%231.wav"],
    ["cuộc gọi.wav", "cu%E1%BB%99c%20g%E1%BB%8Di.wav"],
    ["half \ud83d.wav", "half%20%EF%BF%BD.wav"],
    ["get?id=1&x=2", "get?id=1&x=2"],
    ["C:\\rec\\a.wav", "C:%5Crec%5Ca.wav"],
    ["2024/x/../a.wav", "2024/a.wav"],
    ["https://files.example/recordings/a.wav", "a.wav"],
    ["https://user:pw@files.example/recordings/a.wav#x", "a.wav"],
  ])("%j lies below the base address", (path, below) => {
    expect(address(path)).toBe(`https://files.example/recordings/${below}`);
  });

  test("`../` leads out of the base's path, never out of its origin", () => {
    expect(address("../../../other/a.wav")).toBe("https://files.example/other/a.wav");
  });

  test("an absolute address may be on the API's origin too", () => {
    expect(address("https://pbx.example:8080/rec/a.wav")).toBe("https://pbx.example:8080/rec/a.wav");
  });

  test("a base may have no path of its own", () => {
    const root = { ...bases, recordingBaseUrl: new URL("https://files.example") };
    expect(address("/tenant/a.wav", root)).toBe("https://files.example/tenant/a.wav");
  });

  test("this machine's names for itself are one host, on the same port and scheme alone", () => {
    const local = { ...bases, recordingBaseUrl: new URL("http://127.0.0.1:8090/rec/") };
    expect(address("http://localhost:8090/rec/a.wav", local)).toBe("http://localhost:8090/rec/a.wav");
    expect(address("http://[::1]:8090/rec/a.wav", local)).toBe("http://[::1]:8090/rec/a.wav");
    for (const other of [
      "http://localhost:8091/a.wav",
      "https://localhost:8090/a.wav",
      "http://localhost.evil:8090/a.wav",
    ])
      expect(() => address(other, local)).toThrow("its address leads to another host");
  });

  test.each([
    "https://pbx.example/a.wav",
    "http://files.example/recordings/a.wav",
    "https://files.example.evil/a.wav",
    "https://evil/https://files.example/a.wav",
    "ftp://files.example/a.wav",
    "https://files.example:99999/a.wav",
  ])("%j is a foreign address", (path) => {
    expect(() => address(path)).toThrow(SyncError);
    expect(() => address(path)).toThrow("its address leads to another host");
  });
});
