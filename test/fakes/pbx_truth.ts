import type { SimulatedCall } from "./calls.ts";
import type { CallBook } from "./pbx_page.ts";
import { digestOf, type RecordingDigest } from "./recordings.ts";

/** What a client that lost nothing must hold: by local day, ids of calls, and of each recording its size and MD5. */
export type Truth = Record<string, { uuids: string[]; recordings: Record<string, RecordingDigest> }>;

const digests = new WeakMap<SimulatedCall, RecordingDigest>();

/** The truth about everything that the PBX holds now. Hashes every recording once: costs a second a gigabyte. */
export function truthOf(book: CallBook): Truth {
  return Object.fromEntries(
    book.calls.days().map((day) => {
      const calls = book.calls.ofDay(day);
      const recorded = calls.flatMap((call) =>
        call.recording ? [[call.uuid, expectedRecording(call)!] as const] : [],
      );
      return [day, { uuids: calls.map((call) => call.uuid), recordings: Object.fromEntries(recorded) }];
    }),
  );
}

/** Size and MD5 of a call's recording as it lies at the PBX; undefined where it has none. */
export function expectedRecording(call: SimulatedCall): RecordingDigest | undefined {
  if (!call.recording) return undefined;
  let digest = digests.get(call);
  if (!digest) {
    digest = digestOf(call.recording, call.uuid);
    digests.set(call, digest);
  }
  return digest;
}
