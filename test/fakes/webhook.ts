import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Somebody's chat: takes what is posted, or refuses it. */
export interface FakeWebhook extends AsyncDisposable {
  url: string;
  messages: Record<string, string>[];
  /** The Authorization of each of them. */
  authorizations: (string | undefined)[];
  /** The status that it answers with; 200 at first. */
  status: number;
}

export async function startFakeWebhook(): Promise<FakeWebhook> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.method === "GET") return response.writeHead(200).end("A page for people.");
    if (webhook.status < 300) {
      webhook.messages.push(JSON.parse(body));
      webhook.authorizations.push(request.headers.authorization);
    }
    const isMoved = webhook.status >= 300 && webhook.status < 400;
    response.writeHead(webhook.status, isMoved ? { location: "/elsewhere" } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const webhook: FakeWebhook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`,
    messages: [],
    authorizations: [],
    status: 200,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return webhook;
}
