import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Call, type Drive, Reset, Silence } from "./drive_call.ts";
import type { RequestEntry, RequestLog } from "./drive_log.ts";
import { htmlRefusal, Refusal } from "./drive_refusals.ts";
import { type Route, routeOf } from "./drive_routes.ts";

/** A port that can be closed, as in an outage, and opened again as the same port. */
export class Port {
  #listener: RequestListener;
  #server: Server | null = null;
  #sockets = new Set<Socket>();
  number = 0;

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  async open(port = this.number): Promise<void> {
    if (this.#server) return;
    const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0, noDelay: true }, this.#listener);
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    this.#server = server;
    this.number = (server.address() as AddressInfo).port;
  }

  /** Refuses new connections and resets those that are open. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) reset(socket);
    server.closeAllConnections();
    await closed;
  }
}

/** Serves the API of one Drive. */
export function apiListener(drive: Drive, log: RequestLog): RequestListener {
  return async (request, response) => {
    const url = new URL(request.url ?? "/", drive.rootUrl);
    const route = routeOf(request.method ?? "", url, request.headers["content-range"]);
    const entry = log.begin(route?.operation ?? "unknown", request);
    const body = request.iterator({ destroyOnReturn: false }) as AsyncGenerator<Buffer>;
    const call = callOf(drive, route, url, request, body);
    const status = await answer(call, route, response).catch((error) => {
      reset(request.socket);
      if (!(error instanceof Reset)) console.error(error);
      return "reset" as const;
    });
    log.end(entry, status, call.fault?.name ?? null);
    if (status === "silence") return;
    await body.return(undefined);
    request.resume();
  };
}

function callOf(drive: Drive, route: Route | null, url: URL, request: IncomingMessage, body: AsyncIterable<Buffer>) {
  const operation = route?.operation ?? "get";
  const call: Call = { drive, operation, url, request, body, id: route?.id ?? "", caller: null, fault: null };
  return call;
}

/** Handles the call and sends its answer; throws where the connection must be reset. */
async function answer(call: Call, route: Route | null, response: ServerResponse): Promise<RequestEntry["status"]> {
  let found: Answer;
  try {
    if (!route) throw htmlRefusal(404, "Not Found");
    identify(call, route);
    found = await route.handle(call);
  } catch (error) {
    if (error instanceof Silence) return "silence";
    if (error instanceof Refusal) found = error;
    else if (!(error instanceof Reset) && isGone(call.request)) return "aborted";
    else throw error;
  }
  const { fault } = call;
  if (fault?.name === "answerLost" || fault?.name === "resetBeforeCommit") throw new Reset();
  const delayMs = call.drive.settings.latencyMs + (fault?.name === "slow" ? (fault.delayMs ?? 1000) : 0);
  if (delayMs > 0) await sleep(delayMs);
  if (isGone(call.request)) return "aborted";
  send(response, found);
  return found.status;
}

function identify(call: Call, { needsToken }: Route): void {
  const { accounts } = call.drive;
  const bearer = /^Bearer (.+)$/i.exec(call.request.headers.authorization ?? "")?.[1] ?? null;
  const token = bearer ?? call.url.searchParams.get("access_token");
  if (needsToken === "always" || (needsToken === "if sent" && token !== null)) call.caller = accounts.identify(token);
}

export function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  const payload = isRaw ? (body ?? "") : JSON.stringify(body);
  const type = isRaw ? {} : { "content-type": "application/json; charset=UTF-8" };
  const length = status === 204 ? {} : { "content-length": Buffer.byteLength(payload) };
  response.writeHead(status, { ...type, ...length, ...headers });
  response.end(payload);
}

/** Whether the client went away; a request is `destroyed` also when it was merely read to its end. */
function isGone({ socket }: IncomingMessage): boolean {
  return socket.destroyed;
}

function reset(socket: Socket): void {
  if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  else socket.destroy();
}
