import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface ListenOptions {
  /** 127.0.0.1 unless told. */
  host?: string;
  /** A free one unless told. */
  port?: number;
  tls?: { key: string; cert: string };
}

export interface Listener {
  readonly port: number;
  /** An outage as it really is: nothing listens and every connection dies; then the same port again. */
  setDown(down: boolean): Promise<void>;
  close(): Promise<void>;
}

type Answering = (req: IncomingMessage, res: ServerResponse) => void;

/** Listens, and can stop and come back on the same port. */
export async function listen(answering: Answering, options: ListenOptions = {}): Promise<Listener> {
  const { host = "127.0.0.1", port = 0, tls } = options;
  let open: OpenServer | undefined = await openServer(answering, host, port, tls);
  const ownPort = open.port;
  let last: Promise<void> = Promise.resolve();

  const setDown = (down: boolean) => {
    last = last.then(async () => {
      if (down) await open?.close();
      open = down ? undefined : (open ?? (await openServer(answering, host, ownPort, tls)));
    });
    return last;
  };
  return { port: ownPort, setDown, close: () => setDown(true) };
}

interface OpenServer {
  port: number;
  close(): Promise<void>;
}

async function openServer(
  answering: Answering,
  host: string,
  port: number,
  tls: ListenOptions["tls"],
): Promise<OpenServer> {
  // An idle connection must not be closed just when a client takes it up again: that would be a fault nobody asked for.
  const settings = { keepAliveTimeout: 120_000, requestTimeout: 0 };
  const server = tls ? createTlsServer({ ...settings, ...tls }, answering) : createServer(settings, answering);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, close };
}
