import type { IncomingMessage, ServerResponse } from "node:http";
import type { SimulatedCall } from "./calls.ts";
import { type AnswerSettings, PbxAnswers } from "./pbx_answers.ts";
import { answerControl, CONTROL_PATH } from "./pbx_control.ts";
import { DIALECTS, type DialectName } from "./pbx_dialects.ts";
import { type Fault, FaultBox, type FaultName } from "./pbx_faults.ts";
import { type Listener, type ListenOptions, listen } from "./pbx_listener.ts";
import { type CallBook, moveCalls, type PageRead, paging } from "./pbx_page.ts";
import { recordingPathname } from "./pbx_recording.ts";
import { type Answer, send, strikeFirst } from "./pbx_send.ts";
import { CallStore } from "./pbx_store.ts";
import { expectedRecording, type Truth, truthOf } from "./pbx_truth.ts";
import { zoneNamed } from "./pbx_zone.ts";
import type { RecordingDigest } from "./recordings.ts";

export interface PbxOptions extends ListenOptions, AnswerSettings {
  dialect?: DialectName;
  zone?: string;
  domain?: string;
  calls?: SimulatedCall[];
  /** With `basic`: `user:password`. */
  apiKey?: string;
  order?: CallBook["order"];
  /** A larger limit is lowered to it silently. */
  pageCap?: number;
  /** How many requests the log keeps at least. */
  keepRequests?: number;
  /** Of what is left to chance in faults. */
  seed?: string | number;
  /** Lets another process steer it: see `pbx_control.ts`. */
  control?: boolean;
}

type Kind = LoggedRequest["kind"];

export interface LoggedRequest {
  time: Date;
  kind: "api" | "recording";
  method: string;
  /** Path and query as they came. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string | undefined>;
  faults: FaultName[];
}

/** A PBX that never existed: a real HTTP server with calls, recordings and, where told, every fault that real ones have. */
export interface FakePbx {
  readonly url: string;
  readonly apiUrl: string;
  readonly recordingBaseUrl: string;
  readonly calls: CallStore;
  readonly faults: FaultBox;
  /** Requests that reached it, oldest first. */
  readonly requests: LoggedRequest[];
  /** Requests answered or being answered, and how many at once: now, and at most so far. */
  readonly counts: Record<Kind, { total: number; now: number; peak: number }>;
  /** Another value rotates the key: the old one gets 401. */
  apiKey: string;
  /** Called (and awaited) before a request is answered. */
  onRequest?: (request: LoggedRequest) => void | Promise<void>;
  /** Called (and awaited) when a page has been read but not yet sent: the place to let calls come, go or change. */
  afterPage?: (page: PageRead) => void | Promise<void>;
  /** Where a client finds a call's recording; undefined where it has none, or at another host. */
  recordingUrl(uuid: string): string | undefined;
  expectedRecording(uuid: string): RecordingDigest | undefined;
  truth(): Truth;
  setDown(down: boolean): Promise<void>;
  close(): Promise<void>;
}

export const API_PATH = "/api/v2/cdrs";

/** Starts a PBX on a free port of 127.0.0.1. */
export async function startFakePbx(options: PbxOptions = {}): Promise<FakePbx> {
  const pbx = new SimulatedPbx(options);
  await pbx.start(options);
  return pbx;
}

class SimulatedPbx implements FakePbx {
  readonly requests: LoggedRequest[] = [];
  readonly counts = { api: { total: 0, now: 0, peak: 0 }, recording: { total: 0, now: 0, peak: 0 } };
  readonly calls: CallStore;
  readonly faults: FaultBox;
  apiKey: string;
  onRequest?: FakePbx["onRequest"];
  afterPage?: FakePbx["afterPage"];
  url = "";
  apiUrl = "";
  recordingBaseUrl = "";
  readonly #options: PbxOptions;
  readonly #book: CallBook;
  readonly #answers: PbxAnswers;
  #listener?: Listener;

  constructor(options: PbxOptions) {
    const zone = zoneNamed(options.zone ?? "Asia/Ho_Chi_Minh");
    this.#options = options;
    this.calls = new CallStore(zone);
    this.calls.add(options.calls ?? []);
    this.faults = new FaultBox(options.seed ?? 1);
    this.apiKey = options.apiKey ?? (options.auth === "basic" ? "api:secret" : "test-key");
    this.#book = {
      calls: this.calls,
      zone,
      domain: options.domain ?? "tazaspa102019",
      dialect: DIALECTS[options.dialect ?? "seed"],
      order: options.order ?? "newest_first",
      pageCap: options.pageCap ?? Number.POSITIVE_INFINITY,
    };
    this.#answers = new PbxAnswers(this.#book, options);
  }

  async start(options: ListenOptions): Promise<void> {
    this.#listener = await listen((req, res) => void this.#answer(req, res), options);
    this.url = `${options.tls ? "https" : "http"}://${options.host ?? "127.0.0.1"}:${this.#listener.port}`;
    this.apiUrl = this.url + API_PATH;
    this.recordingBaseUrl = `${this.url}/recordings`;
  }

  recordingUrl(uuid: string): string | undefined {
    const call = this.calls.get(uuid);
    const pathname = call && recordingPathname(this.#book, call, this.recordingBaseUrl);
    return pathname && this.url + encodeURI(pathname);
  }

  expectedRecording(uuid: string): RecordingDigest | undefined {
    const call = this.calls.get(uuid);
    return call && expectedRecording(call);
  }

  truth(): Truth {
    return truthOf(this.#book);
  }

  setDown(down: boolean): Promise<void> {
    return this.#listener!.setDown(down);
  }

  close(): Promise<void> {
    return this.#listener!.close();
  }

  /** Counts, and lets no error out: a bug in here must not look like a fault. */
  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (this.#options.control && req.url?.startsWith(CONTROL_PATH)) return answerControl(this, req, res);
    const kind = req.url?.startsWith(API_PATH) ? "api" : "recording";
    const count = this.counts[kind];
    count.total++;
    count.peak = Math.max(count.peak, ++count.now);
    try {
      await this.#answerCounted(kind, req, res);
    } catch (error) {
      if (!res.headersSent) res.writeHead(500);
      res.end(`The simulated PBX failed: ${error}`);
    } finally {
      count.now--;
    }
  }

  async #answerCounted(kind: Kind, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url ?? "/";
    const url = new URL(path, this.url);
    const faults = this.faults.take({ kind, path, ...paging(url.searchParams) });
    const request = this.#log(kind, req, url, faults);
    await this.onRequest?.(request);
    const struck = await strikeFirst(res, path, faults);
    if (struck === null) return;
    const refused = struck ?? this.#answers.refusal(req, this.apiKey);
    await send(res, refused ?? (await this.#trueAnswer(kind, req, url, faults)), faults);
  }

  #trueAnswer(kind: Kind, req: IncomingMessage, url: URL, faults: Fault[]): Answer | Promise<Answer> {
    if (kind === "recording") return this.#answers.recording(url, req.headers.range, this.recordingBaseUrl, faults);
    const watched = this.afterPage !== undefined || faults.length > 0;
    const onRead = async (read: PageRead) => {
      await this.afterPage?.(read);
      moveCalls(this.calls, read, faults);
    };
    return this.#answers.page(url.searchParams, faults, watched ? onRead : undefined);
  }

  #log(kind: Kind, req: IncomingMessage, url: URL, faults: Fault[]): LoggedRequest {
    const keep = this.#options.keepRequests ?? 10_000;
    if (this.requests.length >= 2 * keep) this.requests.splice(0, this.requests.length - keep);
    const request: LoggedRequest = {
      time: new Date(),
      kind,
      method: req.method ?? "",
      path: req.url ?? "",
      query: Object.fromEntries(url.searchParams),
      headers: req.headers as Record<string, string | undefined>,
      faults: faults.map((fault) => fault.name),
    };
    this.requests.push(request);
    return request;
  }
}
