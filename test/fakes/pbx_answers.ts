import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
import { type Fault, struckBy } from "./pbx_faults.ts";
import { type CallBook, type PageRead, renderEmpty, renderPage } from "./pbx_page.ts";
import { callAt, recordingAnswer } from "./pbx_recording.ts";
import { type Answer, whole } from "./pbx_send.ts";

export interface AnswerSettings {
  auth?: "bearer" | "basic" | "none";
  /** What a client of another domain gets. */
  otherDomain?: "empty" | "forbidden";
  /** Whether recordings can be had in parts. */
  ranges?: boolean;
  /** Remembers rendered pages until a call changes: memory for speed, for benches that read a day twice. */
  cachePages?: boolean;
}

const JSON_TYPE = "application/json; charset=utf-8";

/** What the PBX has to say, once it is known that it will answer at all. */
export class PbxAnswers {
  readonly #book: CallBook;
  readonly #settings: AnswerSettings;
  readonly #pages = new Map<string, Buffer>();
  #pagesVersion = -1;

  constructor(book: CallBook, settings: AnswerSettings) {
    this.#book = book;
    this.#settings = settings;
  }

  /** Why a request is not answered; undefined where it is. */
  refusal(req: IncomingMessage, apiKey: string): Answer | undefined {
    const { auth = "bearer" } = this.#settings;
    if (req.method !== "GET" && req.method !== "HEAD") return this.#failure(405, "Method not allowed");
    const wanted = auth === "basic" ? `Basic ${Buffer.from(apiKey).toString("base64")}` : `Bearer ${apiKey}`;
    if (auth === "none" || req.headers.authorization === wanted) return undefined;
    return this.#failure(401, "Unauthorized", {
      "WWW-Authenticate": auth === "basic" ? 'Basic realm="pbx"' : "Bearer",
    });
  }

  recording(url: URL, range: string | undefined, baseUrl: string, faults: Fault[]): Answer {
    const call = callAt(this.#book, url.pathname, baseUrl);
    if (!call) return whole(404, "text/plain", "Not Found\n");
    const all: Fault[] = this.#settings.ranges === false ? [...faults, { name: "ignore_range" }] : faults;
    return recordingAnswer(call, range, all);
  }

  /** A page of calls; `onRead` hears what was read before it is sent. */
  async page(
    query: URLSearchParams,
    faults: Fault[],
    onRead?: (read: PageRead) => void | Promise<void>,
  ): Promise<Answer> {
    const refused = struckBy(faults, "error_envelope");
    if (refused) return this.#failure(200, refused.message ?? "Internal error");
    if (query.get("domain") !== this.#book.domain) {
      if (this.#settings.otherDomain === "forbidden") return this.#failure(403, "Forbidden");
      return whole(200, JSON_TYPE, renderEmpty(this.#book, query));
    }
    if (this.#settings.cachePages && faults.length === 0 && !onRead)
      return whole(200, JSON_TYPE, this.#cachedPage(query));
    const { read, text } = renderPage(this.#book, query, faults);
    await onRead?.(read);
    return encoded(text, faults);
  }

  #cachedPage(query: URLSearchParams): Buffer {
    if (this.#pagesVersion !== this.#book.calls.version) this.#pages.clear();
    this.#pagesVersion = this.#book.calls.version;
    const key = query.toString();
    const body = this.#pages.get(key) ?? Buffer.from(renderPage(this.#book, query, []).text);
    this.#pages.set(key, body);
    return body;
  }

  #failure(status: number, message: string, headers: Record<string, string> = {}): Answer {
    return whole(status, JSON_TYPE, JSON.stringify(this.#book.dialect.failure(message)), headers);
  }
}

function encoded(text: string, faults: Fault[]): Answer {
  const marked = struckBy(faults, "bom") ? `\ufeff${text}` : text;
  const told = struckBy(faults, "truncated_json") ? marked.slice(0, Math.floor((marked.length * 2) / 3)) : marked;
  if (!struckBy(faults, "gzip")) return whole(200, JSON_TYPE, told);
  return whole(200, JSON_TYPE, gzipSync(told), { "Content-Encoding": "gzip" });
}
