import { once } from "node:events";
import net from "node:net";

/** A wire to a server, which a test can cut. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** How many connections pass through it now. */
  readonly connections: number;
  /** Resets every connection, as a server that dies or a firewall does; new ones pass. */
  cut(): void;
  /** Resets every connection and refuses new ones, as a server that is down does. */
  refuse(): Promise<void>;
  /** Lets bytes of open connections through no more, in both directions, and says nothing: as a cable that was pulled. */
  freeze(): void;
  /** Lets everything pass again, what was frozen included. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a wire on a free port of loopback. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<net.Socket>();
  let isFrozen = false;
  const join = (from: net.Socket, to: net.Socket) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk) => {
      if (!to.write(chunk)) from.pause();
      to.once("drain", () => isFrozen || from.resume());
    });
    from.on("end", () => to.end());
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    if (isFrozen) from.pause();
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(target);
    join(client, upstream);
    join(upstream, client);
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as net.AddressInfo).port;
  };
  const port = await listen(0);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const refuse = async () => {
    const closed = server.listening ? once(server, "close") : undefined;
    server.close();
    cut();
    await closed;
  };
  return {
    host: "127.0.0.1",
    port,
    get connections() {
      return sockets.size / 2;
    },
    cut,
    refuse,
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    async restore() {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
      if (!server.listening) await listen(port);
    },
    close: refuse,
  };
}
