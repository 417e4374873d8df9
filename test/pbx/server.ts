import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A server of a few lines, for what the simulated PBX does not do; ends with the test. Resolves to its origin. */
export async function startServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One that answers each request with the next of these JSON values, the last for ever. */
export function startJsonServer(...answers: unknown[]): Promise<string> {
  let asked = 0;
  return startServer((_, res) => res.end(JSON.stringify(answers[Math.min(asked++, answers.length - 1)])));
}
