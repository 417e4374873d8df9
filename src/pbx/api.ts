import { type ErrorCode, SyncError } from "../errors.ts";
import type { Log } from "../log.ts";
import { answerIn, badAnswer } from "./answer.ts";
import { chunksOf, StalledError, textOf } from "./body.ts";
import type { PbxClient } from "./client.ts";
import type { Answer, Dialect, Page, Question } from "./dialect.ts";
import { dialectOf, dialects, isEmpty } from "./dialects.ts";
import { fault, networkFault, type Subject } from "./faults.ts";
import { patiently } from "./patience.ts";
import type { PbxConfig, Timeouts } from "./pbx_config.ts";

/** A page, the dialect it came in, and the server's clock where the answer shows it. */
export interface AnsweredPage extends Page {
  dialect: Dialect;
  date: Date | null;
}

export interface HowToAsk {
  signal?: AbortSignal | undefined;
  /** To learn whether the PBX answers anybody. */
  withoutKey?: boolean;
  /** Tried once instead of a few times. */
  once?: boolean;
}

const RETRIES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "pbx_unreachable",
  "pbx_timeout",
  "pbx_server_error",
  "pbx_rate_limited",
  "pbx_bad_answer",
]);

const RETRY_DELAYS_MS = [1_000, 2_000, 4_000, 8_000];

/**
 * A server that ignores the limit answers a day at once: up to this it is read. An answer takes a dozen times its size in memory, and two are
 * read at once: more than this does not fit half a gigabyte. It holds 10,000 records of 1.6 KB.
 */
const MAX_PAGE_MIB = 16;

/** The PBX's list of calls, in whatever dialect it speaks. */
export class PbxApi {
  readonly pageSize: number;
  readonly #config: PbxConfig;
  readonly #timeouts: Timeouts;
  readonly #client: PbxClient;
  readonly #log: Log;
  /** As configured; undefined where the PBX's answers tell. */
  readonly #wanted: Dialect | undefined;
  #known: Dialect | undefined;

  constructor(config: PbxConfig, timeouts: Timeouts, client: PbxClient, log: Log) {
    this.pageSize = config.pageSize;
    this.#config = config;
    this.#timeouts = timeouts;
    this.#client = client;
    this.#log = log;
    this.#wanted = dialects.find(({ name }) => name === config.dialect);
    this.#known = this.#wanted;
  }

  /** What the PBX speaks, where that is known. */
  get dialect(): Dialect | undefined {
    return this.#known;
  }

  /** One page. Throws a SyncError when the PBX does not give it, also after some patience; `day_paging_stuck` where it is too long. */
  async ask(question: Question, how: HowToAsk = {}): Promise<AnsweredPage> {
    const delaysMs = how.once ? [] : (this.#config.retryDelaysMs ?? RETRY_DELAYS_MS);
    const patience = { delaysMs, retries: RETRIES, log: this.#log, signal: how.signal };
    try {
      return await patiently(() => this.#find(question, how), patience);
    } catch (error) {
      // It may speak another dialect since yesterday: the next question finds out.
      if (isBadAnswer(error) || isStumble(error)) this.#known = this.#wanted;
      throw error;
    }
  }

  /** Asks in the dialect that is known, else in one after the other, until the answer is of the dialect asked in. */
  async #find(question: Question, how: HowToAsk): Promise<AnsweredPage> {
    let failure: SyncError | undefined;
    for (const dialect of this.#wanted ? [this.#wanted] : new Set([this.#known ?? dialects, dialects].flat())) {
      try {
        const { answer, date } = await this.#askIn(dialect, question, how);
        const speaks = dialectOf(answer, dialect) ?? (isEmpty(answer) && !failure ? dialect : undefined);
        if (speaks === dialect) return this.#remember({ ...dialect.page(answer), dialect, date });
      } catch (error) {
        // Where the dialect is known, the question was right: another one would be no better, but wide.
        if (this.#known || !(isBadAnswer(error) || isTooLong(error) || isStumble(error))) throw error;
        failure ??= error;
      }
    }
    throw failure ?? mismatch(question, this.#wanted);
  }

  async #askIn(dialect: Dialect, question: Question, how: HowToAsk): Promise<{ answer: Answer; date: Date | null }> {
    const url = new URL(this.#config.apiUrl);
    url.searchParams.set("domain", this.#config.domain);
    for (const [name, value] of Object.entries(dialect.query(question))) url.searchParams.set(name, value);
    const subject = subjectOf(question);
    const { signal, withoutKey = false } = how;
    const headers = { accept: "application/json" };
    const response = await this.#client.get({ ...subject, url, headers, signal, withoutKey });
    const text = await readText(response, subject, this.#timeouts.stallMs, signal);
    if (!response.ok) throw badAnswer(subject, `the PBX answered ${response.status}`);
    return { answer: answerIn(text, subject), date: dateOf(response) };
  }

  /** An empty page proves no dialect: a server may just have found nothing in a question that it did not understand. */
  #remember(page: AnsweredPage): AnsweredPage {
    if (page.records.length === 0 || page.dialect === this.#known) return page;
    this.#known = page.dialect;
    this.#log.info("The PBX's dialect is known", { dialect: page.dialect.name });
    return page;
  }
}

function subjectOf({ span, offset }: Question): Subject {
  return {
    side: "pbx",
    cannot: `Cannot read calls of ${span.day}${offset > 0 ? ` from number ${offset + 1} on` : ""}`,
  };
}

function mismatch(question: Question, wanted: Dialect | undefined): SyncError {
  const how = wanted
    ? `asked in the dialect ${wanted.name}, the PBX answers in another one`
    : "the PBX answers calls in no dialect that we know";
  return new SyncError("pbx_dialect_mismatch", `${subjectOf(question).cannot}: ${how}`);
}

async function readText(
  response: Response,
  subject: Subject,
  stallMs: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const text = await textOf(chunksOf(response.body, stallMs), MAX_PAGE_MIB * 1024 * 1024).catch((cause: unknown) => {
    signal?.throwIfAborted();
    if (cause instanceof StalledError)
      throw fault(subject, "timeout", "the PBX stopped in the middle of its answer", { cause });
    throw networkFault(subject, cause);
  });
  if (text !== undefined) return text;
  const why = `the PBX heeds no limit, its answer is longer than ${MAX_PAGE_MIB} MiB`;
  throw new SyncError("day_paging_stuck", `${subject.cannot}: ${why}`);
}

const isBadAnswer = (error: unknown): error is SyncError =>
  error instanceof SyncError && error.code === "pbx_bad_answer";

/** A server may stumble over a question that it does not understand; 502 to 504 are an outage's. */
const isStumble = (error: unknown): error is SyncError => error instanceof SyncError && error.status === 500;

/** Whether an answer was too long: the day may be asked for in parts. */
export const isTooLong = (error: unknown): error is SyncError =>
  error instanceof SyncError && error.code === "day_paging_stuck";

function dateOf(response: Response): Date | null {
  const ms = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(ms) ? null : new Date(ms);
}
