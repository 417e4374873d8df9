import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bytesOf, download, startWithRecording } from "./one_recording.ts";
import { codeOf, pbxAt, startPair } from "./pair.ts";
import { startServer } from "./server.ts";

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
    expect(await codeOf(pbx.openRecording(path))).toBe("recording_redirected");
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
    const pbx = pbxAt(api, { recordingBaseUrl: new URL(`${recordings}/recordings/`) });
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
    const pbx = pbxAt(origin);
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
    const pbx = pbxAt(origin);
    expect(await codeOf(pbx.openRecording("a.wav", { from: 10 }))).toBe("recording_cut_short");
    expect((await bytesOf(await pbx.openRecording("a.wav", { from: 55 }))).toString()).toBe("56789");
  });
});
