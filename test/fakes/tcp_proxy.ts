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
  /** Lets what is asked through, but no answer back, and says nothing: what the server does, nobody hears. */
  loseAnswers(): void;
  /** Lets everything pass again; what was lost stays lost. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a wire on a free port of loopback. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<net.Socket>();
  let isMute = false;
  const join = (from: net.Socket, to: net.Socket, isLost: () => boolean) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk) => {
      if (isLost() || to.write(chunk)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.on("end", () => to.end());
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(target);
    join(client, upstream, () => false);
    join(upstream, client, () => isMute);
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
    loseAnswers() {
      isMute = true;
    },
    async restore() {
      isMute = false;
      if (!server.listening) await listen(port);
    },
    close: refuse,
  };
}
