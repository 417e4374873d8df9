import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

const fixture = (name: string) => readFileSync(new URL(`../pbx/fixtures/${name}`, import.meta.url));

const SSL_REQUEST = 80_877_103;

/** A server that refuses every start-up message with an error of PostgreSQL's protocol; where asked for TLS, with a certificate that nobody knows. */
export async function startRefusingPostgres(refusal: { code: string; message: string }) {
  const fields = Buffer.from(`SFATAL\0C${refusal.code}\0M${refusal.message}\0\0`);
  const header = Buffer.alloc(5);
  header.write("E");
  header.writeInt32BE(fields.length + 4, 1);
  const refuse = (socket: Socket) =>
    socket
      .on("error", () => {})
      .once("data", (first) => {
        if (first.readInt32BE(4) !== SSL_REQUEST) return void socket.end(Buffer.concat([header, fields]));
        socket.write("S");
        refuse(new TLSSocket(socket, { isServer: true, key: fixture("server.key"), cert: fixture("server.pem") }));
      });
  const server = createServer(refuse);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `postgres://nobody:hidden@127.0.0.1:${(server.address() as AddressInfo).port}/none`;
  return { url, [Symbol.asyncDispose]: async () => void server.close() };
}
