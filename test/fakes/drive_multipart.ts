import { refusal } from "./drive_refusals.ts";

const LONGEST_HEAD_BYTES = 1024 * 1024;

export interface Multipart {
  /** The first part, as text. */
  metadata: string;
  /** Content type of the second part. */
  mediaType: string | null;
  /** The second part's bytes as they arrive; throws unless the closing boundary follows. */
  media: AsyncIterable<Buffer>;
}

/** Opens a `multipart/related` body of two parts (RFC 2387): reads the first, streams the second. */
export async function openMultipart(body: AsyncIterable<Buffer>, contentType: string): Promise<Multipart> {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (!/^multipart\/related\b/i.test(contentType) || !boundary) throw malformed("Content-Type");
  const delimiter = `--${boundary[1] ?? boundary[2]}`;
  const reader = new PartReader(body);
  await reader.readUntil(delimiter);
  await reader.readUntil("\r\n\r\n");
  const metadata = await reader.readUntil(`\r\n${delimiter}`);
  const head = await reader.readUntil("\r\n\r\n");
  const mediaType = /^content-type:\s*([^\r\n]+)/im.exec(head.toString("latin1"))?.[1]?.trim() ?? null;
  return { metadata: metadata.toString("utf8"), mediaType, media: reader.streamUntil(`\r\n${delimiter}--`) };
}

/** Reads a stream from delimiter to delimiter, holding back no more than it must. */
class PartReader {
  #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Buffer>) {
    this.#source = body[Symbol.asyncIterator]();
  }

  async readUntil(delimiter: string): Promise<Buffer> {
    for (;;) {
      const end = this.#held.indexOf(delimiter);
      if (end >= 0) {
        const found = this.#held.subarray(0, end);
        this.#held = this.#held.subarray(end + delimiter.length);
        return found;
      }
      if (this.#held.length > LONGEST_HEAD_BYTES) throw malformed("part");
      await this.#readMore();
    }
  }

  async *streamUntil(delimiter: string): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#held.indexOf(delimiter);
      if (end >= 0) {
        yield this.#held.subarray(0, end);
        return await this.#drain();
      }
      const safeBytes = Math.max(0, this.#held.length - delimiter.length + 1);
      if (safeBytes > 0) yield this.#held.subarray(0, safeBytes);
      this.#held = this.#held.subarray(safeBytes);
      await this.#readMore();
    }
  }

  async #readMore(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw malformed("end");
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
  }

  async #drain(): Promise<void> {
    this.#held = Buffer.alloc(0);
    while (!(await this.#source.next()).done);
  }
}

function malformed(where: string) {
  return refusal("badRequest", { message: `Malformed multipart body (${where}).` });
}
