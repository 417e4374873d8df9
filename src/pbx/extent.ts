/** Which bytes of a file an answer holds. */
export interface Extent {
  /** Bytes that come before the first one wanted. */
  skipBytes: number;
  /** Bytes of the body; null where nothing says. */
  bodyBytes: number | null;
  /** Bytes of the whole file; null where nothing says. */
  sizeBytes: number | null;
}

/** What an answer (RFC 9110 §14) to a request for a file from byte `from` on holds, or in words why it is of no use. */
export function extentOf(response: Response, from: number): Extent | string {
  if (response.status === 206) return partOf(response.headers, from);
  if (response.status === 416) return nothingOf(response.headers, from);
  if (!response.ok) return `the PBX answered ${response.status}`;
  const sizeBytes = lengthOf(response.headers);
  if (sizeBytes !== null && sizeBytes < from) return `it has only ${sizeBytes} bytes now`;
  return { skipBytes: from, bodyBytes: sizeBytes, sizeBytes };
}

function partOf(headers: Headers, from: number): Extent | string {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || first > from || last < first) return "the PBX sends another part of it than was asked for";
  return {
    skipBytes: from - first,
    bodyBytes: last - first + 1,
    sizeBytes: match[3] === "*" ? null : Number(match[3]),
  };
}

/** 416 is right where everything but the end has come already. */
function nothingOf(headers: Headers, from: number): Extent | string {
  const size = /^bytes \*\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  if (Number(size) !== from) return `it has only ${size ?? "some"} bytes now`;
  return { skipBytes: 0, bodyBytes: 0, sizeBytes: from };
}

/** `Content-Length`, unless it is that of a compressed body. */
function lengthOf(headers: Headers): number | null {
  const length = headers.get("content-length");
  const isPlain = ["", "identity"].includes(headers.get("content-encoding") ?? "");
  return isPlain && length !== null && /^\d+$/.test(length) ? Number(length) : null;
}
