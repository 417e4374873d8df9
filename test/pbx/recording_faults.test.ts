import { describe, expect, test } from "vitest";
import { openAudio } from "../../src/pbx/audio.ts";
import type { Pbx } from "../../src/pbx/pbx.ts";
import { bytesOf, download, startWithRecording } from "./one_recording.ts";
import { codeOf, failureOf, pbxAt } from "./pair.ts";
import { startServer } from "./server.ts";

test("a recording that ends before its announced part does, though the connection stays whole, is cut short", async () => {
  const origin = await startServer((req, res) => {
    if (req.headers.range) res.writeHead(206, { "content-range": "bytes 1-99/100" });
    res.flushHeaders();
    res.end("01234");
  });
  const pbx = pbxAt(origin);
  const failure = await failureOf(download(pbx, "a.wav", 1));
  expect(failure.code).toBe("recording_cut_short");
  expect(failure.message).toMatch(/it ends after 5 of 99 bytes$/);
});

test("a recording that is shorter now than what was had of it is cut short", async () => {
  const origin = await startServer((_, res) => {
    res.flushHeaders();
    res.end("01234");
  });
  const pbx = pbxAt(origin);
  expect((await download(pbx, "a.wav", 3)).toString()).toBe("34");
  expect(await codeOf(download(pbx, "a.wav", 8))).toBe("recording_cut_short");
});

describe("a recording that cannot be had", () => {
  test.each([
    [{ name: "status", status: 404 }, "recording_gone"],
    [{ name: "status", status: 410 }, "recording_gone"],
    [{ name: "status", status: 400 }, "recording_gone"],
    [{ name: "status", status: 401 }, "recordings_key_refused"],
    [{ name: "status", status: 500 }, "recordings_server_error"],
    [{ name: "status", status: 429, retryAfter: 7 }, "recordings_rate_limited"],
    [{ name: "reset" }, "recordings_unreachable"],
    [{ name: "hang" }, "recordings_timeout"],
  ] as const)("says so: %j is %s", async (fault, code) => {
    const { fake, pbx, path } = await startWithRecording();
    fake.faults.inject({ ...fault, kind: "recording" });
    const failure = await failureOf(pbx.openRecording(path));
    expect(failure.code).toBe(code);
    expect(failure.message.startsWith(`Cannot download recording "${path}": `)).toBe(true);
    expect(failure.retryAfterMs).toBe("retryAfter" in fault ? 7_000 : undefined);
  });

  test("is had after all when an idle connection had been closed", async () => {
    const { fake, pbx, path, bytes } = await startWithRecording();
    fake.faults.inject({ name: "reset", kind: "recording", times: 1 });
    expect((await download(pbx, path)).equals(bytes)).toBe(true);
  });

  test.each([
    [{ name: "cut" }, "recording_cut_short", /the connection broke after \d+ of 16044 bytes/],
    [{ name: "cut", afterBytes: 1_000 }, "recording_cut_short", /after \d+ of 16044 bytes/],
    [{ name: "stall" }, "recordings_timeout", /the PBX stopped sending after \d+ bytes/],
  ] as const)("breaks off with a reason: %j is %s", async (fault, code, words) => {
    const { fake, pbx, path } = await startWithRecording();
    fake.faults.inject(fault);
    const failure = await failureOf(download(pbx, path));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(words);
  });

  test("breaks off with a reason where its length was never announced", async () => {
    const { fake, pbx, path } = await startWithRecording();
    fake.faults.inject({ name: "no_length" });
    fake.faults.inject({ name: "cut" });
    expect(await codeOf(download(pbx, path))).toBe("recording_cut_short");
  });

  test("is had though it trickles for longer than any silence may last", async () => {
    const { fake, pbx, path, bytes } = await startWithRecording();
    fake.faults.inject({ name: "trickle", chunkBytes: 800, everyMs: 25 });
    expect((await download(pbx, path)).equals(bytes)).toBe(true);
  });

  test("is had though the taker is slower than any silence may last", async () => {
    const { pbx, path, bytes } = await startWithRecording(undefined, "seed", { stallMs: 20 });
    const { body } = await pbx.openRecording(path);
    const reader = body.getReader();
    let size = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.length;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    expect(size).toBe(bytes.length);
  });

  test("has no size where the PBX announces none", async () => {
    const { fake, pbx, path, bytes } = await startWithRecording();
    fake.faults.inject({ name: "no_length" });
    const recording = await pbx.openRecording(path);
    expect(recording.sizeBytes).toBeNull();
    expect((await bytesOf(recording)).equals(bytes)).toBe(true);
  });

  test("ends with the reason of whoever interrupts it", async () => {
    const { fake, pbx, path } = await startWithRecording();
    fake.faults.inject({ name: "stall", ms: 60_000 });
    const shutdown = new AbortController();
    const { body } = await pbx.openRecording(path, { signal: shutdown.signal });
    const taken = bytesOf({ body });
    shutdown.abort(new Error("Shutting down"));
    await expect(taken).rejects.toThrow("Shutting down");
  });
});

describe("openAudio()", () => {
  const open = (pbx: Pbx, path: string) => openAudio(pbx, path, new AbortController().signal);

  test("tells the kind by the bytes and gives every byte, the first request's and later ones'", async () => {
    const { fake, pbx, path, bytes } = await startWithRecording();
    const audio = await open(pbx, path);
    expect(audio.kind).toBe("wav");
    expect((await bytesOf(await audio.open(0))).equals(bytes)).toBe(true);
    expect(fake.counts.recording.total).toBe(1);
    expect((await bytesOf(await audio.open(10_000))).equals(bytes.subarray(10_000))).toBe(true);
  });

  test.each([
    ["html_page", "recording_not_audio"],
    ["empty", "recording_empty"],
    ["header_only", "recording_empty"],
  ] as const)("refuses what holds no sound: %s is %s", async (name, code) => {
    const { fake, pbx, path } = await startWithRecording();
    fake.faults.inject({ name, kind: "recording" });
    expect(await codeOf(open(pbx, path))).toBe(code);
  });

  test("shows a path without the control characters that somebody put into it", async () => {
    const pbx = pbxAt(await startServer((_, res) => res.end()));
    expect((await failureOf(open(pbx, "a\u001b[31m\r\nb.wav"))).message).toBe(
      'Cannot use recording "a[31mb.wav": the PBX sent 0 bytes',
    );
  });
});
