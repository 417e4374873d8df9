import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDatabaseUrl } from "../../src/store/database_url.ts";
import { openSql } from "../../src/store/open.ts";
import { openSocket } from "../../src/store/socket.ts";
import { createDatabase, type TestDatabase } from "../database.ts";
import { eventually } from "../eventually.ts";
import { startTcpProxy } from "../fakes/tcp_proxy.ts";

const fixture = (name: string) => readFileSync(new URL(`../pbx/fixtures/${name}`, import.meta.url), "utf8");

let database: TestDatabase;
const servers: net.Server[] = [];

beforeAll(async () => {
  database = await createDatabase({ empty: true });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await database.drop();
});

async function listen(onConnection: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer(onConnection).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

const addressAt = (port: number, sslmode: string) => {
  const url = new URL(database.url);
  url.host = `127.0.0.1:${port}`;
  return parseDatabaseUrl(`${url.href}?sslmode=${sslmode}`);
};

/** Answers to the request for TLS with one byte; speaks TLS with the client and plainly with PostgreSQL where that byte is S. */
async function startTlsFront(answer: "S" | "N", { hostname, port } = new URL(database.url)): Promise<number> {
  return listen((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(answer);
      if (answer === "N") return;
      const secure = new TLSSocket(socket, { isServer: true, key: fixture("server.key"), cert: fixture("server.pem") });
      const upstream = net.connect(Number(port), hostname);
      for (const [from, to] of [
        [secure, upstream],
        [upstream, secure],
      ] as const) {
        from.on("error", () => to.destroy());
        from.pipe(to);
      }
    });
  });
}

test("a connection that is reset says so, and then ends like any other", async () => {
  const port = await listen((socket) => socket.once("data", () => socket.resetAndDestroy()));
  const socket = openSocket(addressAt(port, "disable"));
  const told: unknown[] = [];
  socket.on("error", (error: NodeJS.ErrnoException) => told.push(error.code));
  socket.on("close", (hadError) => told.push(hadError));
  socket.write("hello");
  await once(socket, "close").catch(() => once(socket, "close"));
  expect(told).toEqual(["ECONNRESET", false]);
});

test.each<[string, string, (socket: net.Socket) => void]>([
  ["closes without a word, as a tunnel with nothing behind it does", "disable", (socket) => socket.end()],
  ["answers in another protocol", "disable", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["answers in another protocol and stays", "disable", (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["closes at the request for TLS", "require", (socket) => socket.end()],
  ["answers the request for TLS in another protocol", "require", (socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n")],
])(
  "a statement fails where a listener takes it that %s, and nothing connects again",
  async (_what, sslmode, answer) => {
    let connections = 0;
    const port = await listen((socket) => {
      connections++;
      socket.on("error", () => {}).once("data", () => answer(socket));
    });
    const sql = openSql(addressAt(port, sslmode), { max: 1 });
    await expect(sql`select 1`).rejects.toMatchObject({ code: "ECONNRESET" });
    await sql.end({ timeout: 0 });
    expect(connections).toBe(1);
  },
);

test("a database behind TLS is spoken to, its certificate looked at where the URL says so", async () => {
  const port = await startTlsFront("S");
  const sql = openSql(addressAt(port, "require"), { max: 1 });
  const [row] = await sql`select ${["a", "b"]}::text[] as letters, repeat('x', 200000) as long`;
  expect([row?.letters, row?.long.length]).toEqual([["a", "b"], 200_000]);
  await sql.end();
  const careful = openSql(addressAt(port, "verify-full"), { max: 1 });
  await expect(careful`select 1`).rejects.toThrow(/certificate/);
  await careful.end({ timeout: 0 });
});

test("a database that has no TLS where the URL asks for it is not spoken to in plain", async () => {
  const sql = openSql(addressAt(await startTlsFront("N"), "require"), { max: 1 });
  await expect(sql`select 1`).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("DATABASE_URL asks for TLS, which its server does not support"),
  });
  await sql.end({ timeout: 0 });
});

test.each(["disable", "require"])(
  "sslmode=%s: a statement fails whose connection has gone silent, as after a failover, and the next has a connection of its own",
  async (sslmode) => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const front = await startTlsFront("S", new URL(`http://${proxy.host}:${proxy.port}`));
    const sql = openSql(addressAt(sslmode === "require" ? front : proxy.port, sslmode), { max: 1, silenceMs: 400 });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    proxy.loseAnswers();
    await expect(sql`select 2 as two`).rejects.toMatchObject({ code: "ETIMEDOUT" });
    await proxy.restore();
    await eventually(() => sql`select 3 as three`.catch(() => null), "the next statement");
    await sql.end();
    await proxy.close();
  },
);

test.each(["disable", "require"])(
  "sslmode=%s: the system asks after a peer that has long said nothing",
  async (sslmode) => {
    const address = addressAt(await startTlsFront("S"), sslmode);
    const asked: unknown[][] = [];
    const wires: net.Socket[] = [];
    const note = (message: unknown) => wires.push((message as { socket: net.Socket }).socket);
    subscribe("net.client.socket", note);
    const socket = openSocket(address);
    unsubscribe("net.client.socket", note);
    const [wire] = wires as unknown as { _handle: { setKeepAlive(...how: unknown[]): number } }[];
    const handle = wire!._handle;
    const setKeepAlive = handle.setKeepAlive.bind(handle);
    handle.setKeepAlive = (...how) => {
      asked.push(how.slice(0, 2));
      return setKeepAlive(...how);
    };
    await once(wires[0]!, "connect");
    expect(asked).toEqual([[true, 60]]);
    socket.destroy();
  },
);
