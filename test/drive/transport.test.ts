import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { createTransport } from "../../src/drive/transport.ts";

const MIB = 2 ** 20;
let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(take: (request: IncomingMessage) => Promise<void>): Promise<URL> {
  server = createServer(async (request, response) => {
    await take(request).catch(() => {});
    response.end("taken");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const transport = (stallMs: number) =>
  createTransport({ tokenUrl: new URL("http://127.0.0.1/"), answerMs: 60_000, stallMs, now: () => new Date() });

const send = (url: URL, stallMs: number, sizeBytes: number) =>
  transport(stallMs).send({ method: "PUT", url, headers: new Headers(), body: [new Uint8Array(sizeBytes)] });

it("gives up on a body that nobody takes, long before the time for an answer is over", async () => {
  const url = await serve(() => new Promise(() => {}));
  await expect(send(url, 200, 64 * MIB)).rejects.toMatchObject({ code: "drive_timeout" });
});

it("waits for a body that goes slowly, as long as it goes", async () => {
  let isSlow = false;
  const url = await serve(async (request) => {
    let taken = 0;
    const startedAt = performance.now();
    for await (const chunk of request) {
      taken += chunk.length;
      // Forty rests of 100 ms: four seconds in all, each far below the patience.
      if (taken > 2 * MIB) taken = await pause(100, 0);
    }
    isSlow = performance.now() - startedAt > 3_000;
  });
  expect(await send(url, 3_000, 80 * MIB)).toMatchObject({ status: 200, text: "taken" });
  expect(isSlow).toBe(true);
});
