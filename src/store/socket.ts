import { connect, isIP, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { ConfigError } from "../errors.ts";
import type { DatabaseAddress } from "./database_url.ts";

/**
 * A connection to the database for postgres.js, under way. A connection that breaks tells it first of the error, then of the end; to a
 * statement that it hands to the connection in between it never reacts, or, at the next connection, with an empty answer. It looks for
 * such statements only where the connection ended without an error: hence every end is told as one.
 *
 * `silenceMs`: after so long without a byte either way the connection is taken for dead. A server whose address has moved to another machine
 * takes leave of nobody, and the system would wait a quarter of an hour.
 */
export function openSocket({ host, port, tls }: DatabaseAddress, silenceMs?: number): Socket {
  // Kept alive from here: postgres.js asks the socket that it gets for it, and one that speaks TLS over ours has no wire of its own.
  const plain = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  if (!tls) return withoutBlame(expectingAnswer(notSilent(plain, silenceMs)));
  const socket = new AskingForTls(plain);
  const servername = isIP(host) ? {} : { servername: host };
  const secure = connectTls({ socket, rejectUnauthorized: tls.verify, ...servername });
  return withoutBlame(expectingAnswer(notSilent(secure, silenceMs)));
}

function notSilent(socket: Socket, silenceMs = 0): Socket {
  const silent = () => Object.assign(new Error("PostgreSQL has gone silent"), { code: "ETIMEDOUT" });
  return socket.setTimeout(silenceMs, () => socket.destroy(silent()));
}

function withoutBlame(socket: Socket): Socket {
  const emit = socket.emit.bind(socket);
  socket.emit = ((event: string, ...details: unknown[]) =>
    event === "close" ? emit(event, false) : emit(event, ...details)) as Socket["emit"];
  return socket;
}

/** What follows the length of a start-up message: version 3.0 of the protocol. */
const VERSION = 196_608;

/** What PostgreSQL may say first: authentication, an error, a notice, another version of the protocol. */
const FIRST_BYTES: ReadonlySet<number | undefined> = new Set(Buffer.from("RENv"));

const cut = (reason: string) => Object.assign(new Error(reason), { code: "ECONNRESET" });

/**
 * Fails a connection whose start-up message gets no answer, or none of PostgreSQL's, as from a tunnel with nothing behind it or from a web
 * server: after a mere end postgres.js would connect again for ever, without a pause. It may where something stale went before that message.
 */
function expectingAnswer(socket: Socket): Socket {
  const write = socket.write.bind(socket) as (...details: unknown[]) => boolean;
  const onEnd = () => void socket.destroy(cut("The server closed the connection without an answer"));
  const onAnswer = ([first]: Buffer) => {
    socket.off("end", onEnd);
    if (!FIRST_BYTES.has(first)) socket.destroy(cut("What answers is no PostgreSQL server"));
  };
  socket.write = (message: string | Uint8Array, ...details: unknown[]) => {
    socket.write = write;
    const sent = Buffer.from(message as Uint8Array);
    if (sent.length >= 8 && sent.readInt32BE(4) === VERSION) {
      socket.prependOnceListener("end", onEnd).prependOnceListener("data", onAnswer);
    }
    return write(message, ...details);
  };
  return socket;
}

/** `SSLRequest` (PostgreSQL's protocol, 54.7), and the one byte with which a server agrees or refuses. */
const REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const NO_TLS =
  "DATABASE_URL asks for TLS, which its server does not support: switch it on there, or leave sslmode out.";
const [AGREED, REFUSED] = Buffer.from("SN");

/** A connection that asks the server for TLS first, and holds back what is written until it has agreed. */
class AskingForTls extends Duplex {
  readonly #plain: Socket;
  readonly #agreed = Promise.withResolvers<void>();

  constructor(plain: Socket) {
    super();
    this.#plain = plain;
    this.#agreed.promise.catch(() => {}); // Told by destroy().
    plain.on("connect", () => plain.write(REQUEST));
    plain.once("data", ([first]: Buffer) => this.#answer(first));
    plain.on("end", () => this.push(null));
    plain.on("error", (error) => this.destroy(error));
    plain.on("close", () => this.destroy());
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#agreed.promise.then(() => this.#plain.write(chunk, done), done);
  }

  override _read(): void {
    this.#plain.resume();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#plain.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#agreed.reject(error ?? new Error("The connection was closed"));
    this.#plain.destroy();
    done(error);
  }

  #answer(first: number | undefined): void {
    if (first === REFUSED) return void this.destroy(new ConfigError(NO_TLS));
    if (first !== AGREED) return void this.destroy(cut("What answers is no PostgreSQL server"));
    this.#plain.on("data", (chunk: Buffer) => this.push(chunk) || this.#plain.pause());
    this.#agreed.resolve();
  }
}
