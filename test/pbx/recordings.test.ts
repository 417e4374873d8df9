import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../src/log.ts";
import { openAudio } from "../../src/pbx/audio.ts";
import { createPbx, type OpenRecording, type Pbx } from "../../src/pbx/pbx.ts";
import { wavBytes } from "../fakes/recordings.ts";
import { callsOf, codeOf, configFor, failureOf, impatient, startPair } from "./pair.ts";
import { startServer } from "./server.ts";

const bytesOf = async ({ body }: Pick<OpenRecording, "body">) => Buffer.from(await new Response(body).arrayBuffer());
const download = async (pbx: Pbx, path: string, from = 0) => bytesOf(await pbx.openRecording(path, { from }));

/** One call with a recording of some 16 kB at a path of the PBX's choice. */
async function startWithRecording(
  path?: string,
  dialect: "seed" | "onepos-v2" = "seed",
  timeouts = impatient.timeouts,
) {
  const [call] = callsOf(40, { recordingsShare: 1, talkSeconds: [2, 2] }).filter(({ recording }) => recording);
  if (path !== undefined) call!.recording!.path = path;
  const pair = await startPair({ dialect, calls: [call!] }, { timeouts });
  const own = `2024/01/15/${call!.uuid}.wav`;
  return { ...pair, call: call!, path: path ?? own, bytes: wavBytes(call!.recording!.seconds, call!.uuid) };
}

describe("a recording", () => {
  test("comes whole, byte for byte, with its size", async () => {
    const { fake, pbx, path, call } = await startWithRecording();
    const recording = await pbx.openRecording(path);
    const bytes = await bytesOf(recording);
    const truth = fake.expectedRecording(call.uuid);
    expect(recording.sizeBytes).toBe(truth?.sizeBytes);
    expect(createHash("md5").update(bytes).digest("hex")).toBe(truth?.md5);
  });

  test.each([
    "/2024/01/15/a b.wav",
    "2024/01/15/cuộc gọi số 1.wav",
    "tazaspa/../2024/01/15/x.wav",
    "2024/01/15/50%.wav",
    "2024/01/15/a+b&c=d;e,f.wav",
    "//archive/a.wav",
  ])("is found at the path %j", async (path) => {
    const { pbx, bytes } = await startWithRecording(path);
    expect((await download(pbx, path)).equals(bytes)).toBe(true);
  });

  test("is found at an absolute address of the PBX, and at a path that repeats the base's", async () => {
    const { fake, pbx, call, path, bytes } = await startWithRecording();
    expect(fake.recordingUrl(call.uuid)).toBe(`${fake.recordingBaseUrl}/${path}`);
    expect((await download(pbx, `${fake.recordingBaseUrl}/${path}`)).equals(bytes)).toBe(true);
    expect((await download(pbx, `/recordings/${path}`)).equals(bytes)).toBe(true);
  });

  test("is found where onepos-v2 says that it lies", async () => {
    const { fake, pbx, call, bytes } = await startWithRecording(undefined, "onepos-v2");
    const path = `/tazaspa102019/archive/2024/Jan/15/${call.uuid}.wav`;
    expect((await download(pbx, path)).equals(bytes)).toBe(true);
    expect(fake.requests.at(-1)?.path).toBe(`/recordings${path}`);
  });

  test.each([
    "http://evil.example/a.wav",
    "https://127.0.0.1/a.wav",
    "file:///etc/passwd",
    "HTTP://user:pw@evil.example/a.wav",
    "http://",
  ])("is never fetched from %j", async (path) => {
    const { fake, pbx } = await startPair();
    expect(await codeOf(pbx.openRecording(path))).toBe("recording_foreign_address");
    expect(fake.counts.recording.total).toBe(0);
  });

  test.each(["//evil.example/a.wav", "\\\\evil.example\\a.wav", "../../../../etc/passwd", "javascript:alert(1)"])(
    "stays at the PBX with the path %j",
    async (path) => {
      const { fake, pbx } = await startPair();
      expect(await codeOf(pbx.openRecording(path))).toBe("recording_gone");
      expect(fake.counts.recording.total).toBe(1);
    },
  );

  test("is not fetched where the PBX redirects to another host", async () => {
    let asked = 0;
    const elsewhere = await startServer((_, res) => {
      asked++;
      res.end("RIFF");
    });
    const { fake, pbx, path } = await startWithRecording();
    fake.faults.inject({ name: "redirect", kind: "recording", location: `${elsewhere}/a.wav` });
    expect(await codeOf(pbx.openRecording(path))).toBe("recording_foreign_address");
    expect(asked).toBe(0);
  });

  test("is fetched with the key from both configured origins, and without it after a redirect between them", async () => {
    const seen: string[] = [];
    const origin = () =>
      startServer((req, res) => {
        seen.push(`${req.url} ${req.headers.authorization ?? "no key"}`);
        if (req.url === "/recordings/moved.wav") res.writeHead(302, { location: `${api}/there.wav` });
        res.end();
      });
    const [api, recordings] = [await origin(), await origin()];
    const config = configFor(`${api}/cdrs`, { recordingBaseUrl: new URL(`${recordings}/recordings/`) });
    const pbx = createPbx(config, silentLog);
    onTestFinished(() => pbx.close());
    for (const path of ["own.wav", `${api}/api.wav`, "moved.wav"]) await download(pbx, path);
    expect(seen).toEqual([
      "/recordings/own.wav Bearer test-key",
      "/api.wav Bearer test-key",
      "/recordings/moved.wav Bearer test-key",
      "/there.wav no key",
    ]);
  });
});

describe("a part of a recording", () => {
  test.each(["with", "without"])("comes from the byte asked for, %s the PBX's help", async (help) => {
    const { fake, pbx, path, bytes } = await startWithRecording();
    if (help === "without") fake.faults.inject({ name: "ignore_range" });
    for (const from of [1, 5_000, bytes.length - 1, bytes.length]) {
      const recording = await pbx.openRecording(path, { from });
      expect(recording).toMatchObject({ from, sizeBytes: bytes.length });
      expect((await bytesOf(recording)).equals(bytes.subarray(from))).toBe(true);
    }
    expect(await codeOf(pbx.openRecording(path, { from: bytes.length + 1 }))).toBe("recording_cut_short");
  });

  test("is refused when the file is another one than before", async () => {
    let etag = '"1"';
    const origin = await startServer((_, res) => res.setHeader("etag", etag).end("RIFF data"));
    const pbx = createPbx(configFor(`${origin}/cdrs`), silentLog);
    onTestFinished(() => pbx.close());
    const { version } = await pbx.openRecording("a.wav");
    expect(version).toBe('"1"');
    expect((await bytesOf(await pbx.openRecording("a.wav", { from: 2, version }))).toString()).toBe("FF data");
    etag = '"2"';
    expect(await codeOf(pbx.openRecording("a.wav", { from: 2, version }))).toBe("recording_cut_short");
  });

  test("is refused when the PBX sends another part", async () => {
    const origin = await startServer((_, res) =>
      res.writeHead(206, { "content-range": "bytes 50-59/100" }).end("0123456789"),
    );
    const pbx = createPbx(configFor(`${origin}/cdrs`), silentLog);
    onTestFinished(() => pbx.close());
    expect(await codeOf(pbx.openRecording("a.wav", { from: 10 }))).toBe("recording_cut_short");
    expect((await bytesOf(await pbx.openRecording("a.wav", { from: 55 }))).toString()).toBe("56789");
  });
});

test("a recording that ends before its announced part does, though the connection stays whole, is cut short", async () => {
  const origin = await startServer((req, res) => {
    if (req.headers.range) res.writeHead(206, { "content-range": "bytes 1-99/100" });
    res.flushHeaders();
    res.end("01234");
  });
  const pbx = createPbx(configFor(`${origin}/cdrs`), silentLog);
  onTestFinished(() => pbx.close());
  const failure = await failureOf(download(pbx, "a.wav", 1));
  expect(failure.code).toBe("recording_cut_short");
  expect(failure.message).toMatch(/it ends after 5 of 99 bytes$/);
});

test("a recording that is shorter now than what was had of it is cut short", async () => {
  const origin = await startServer((_, res) => {
    res.flushHeaders();
    res.end("01234");
  });
  const pbx = createPbx(configFor(`${origin}/cdrs`), silentLog);
  onTestFinished(() => pbx.close());
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
});
