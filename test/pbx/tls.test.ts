import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { callsOf, codeOf, DAY, failureOf, read, startPair } from "./pair.ts";

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
const caPem = fixture("ca.pem");
const tls = { key: fixture("server.key"), cert: fixture("server.pem") };

describe("a PBX whose certificate its own authority signed", () => {
  test("is refused, and the reading ends at once", async () => {
    const { fake, pbx } = await startPair({ tls, calls: callsOf(3) });
    const failure = await failureOf(read(pbx));
    expect(failure.code).toBe("pbx_tls");
    expect(failure.message).toMatch(/its TLS certificate is not accepted \(unable to verify the first certificate/);
    expect(await codeOf(pbx.openRecording("a.wav"))).toBe("recordings_tls");
    expect(fake.requests).toHaveLength(0);
  });

  test("is trusted with that authority's certificate, alone or among others in a bundle", async () => {
    for (const bundle of [caPem, `# our authorities\n${tls.cert}\n${caPem}`]) {
      const { pbx } = await startPair({ tls, calls: callsOf(3) }, { caPem: bundle });
      expect((await read(pbx)).calls.size).toBe(3);
      expect((await pbx.examine(DAY)).certificate).toBe("accepted");
    }
  });

  test("is read without a check where that was asked for", async () => {
    const { pbx } = await startPair({ tls, calls: callsOf(3) }, { tlsInsecure: true });
    expect((await read(pbx)).calls.size).toBe(3);
    expect((await pbx.examine(DAY)).certificate).toBe("unchecked");
  });

  test("is not reached over plain HTTP", async () => {
    const { fake } = await startPair({ tls });
    const { pbx } = await startPair({}, { apiUrl: new URL(fake.apiUrl.replace("https", "http")) });
    expect(["pbx_unreachable", "pbx_tls"]).toContain(await codeOf(read(pbx)));
  });
});

test("a plain server is no TLS server", async () => {
  const { fake } = await startPair();
  const { pbx } = await startPair({}, { apiUrl: new URL(fake.apiUrl.replace("http", "https")) });
  expect(await codeOf(read(pbx))).toBe("pbx_tls");
});
