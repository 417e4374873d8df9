import { Buffer } from "node:buffer";
import { SyncError } from "../errors.ts";
import { plain } from "../log.ts";
import { createMeter, sniff } from "../recording.ts";
import type { Pbx } from "./pbx.ts";

/** A recording at the PBX whose first bytes were looked at; disposed, it lets go of the connection that nobody took over. */
export interface AudioSource extends AsyncDisposable {
  kind: "wav" | "mp3";
  /** Reads its length on the way: give it every byte once, in order. */
  meter: ReturnType<typeof createMeter>;
  /** The bytes from an offset on. The first call from 0 goes on with the request that was made to look. */
  open(from: number): Promise<{ body: ReadableStream<Uint8Array>; sizeBytes: number | null }>;
}

/** Enough to tell audio from a page, and to hold a whole file that is nothing but a header. */
const HEAD_BYTES = 4_096;

/**
 * Opens a recording and tells by its bytes what it is. Throws `recording_not_audio` for anything but WAV and MP3 and `recording_empty` for a
 * file without a sound in it: nothing of those is uploaded.
 */
export async function openAudio(pbx: Pbx, path: string, signal: AbortSignal): Promise<AudioSource> {
  const recording = await pbx.openRecording(path, { signal });
  const reader = recording.body.getReader();
  const { head, isWhole } = await readHead(reader);
  const kind = sniff(head);
  const refusal = refusalOf(head, isWhole, kind, path);
  if (refusal || !kind) {
    await reader.cancel().catch(() => {});
    throw refusal;
  }
  let unread: ReadableStream<Uint8Array> | undefined = resume(head, reader, isWhole);
  return {
    kind,
    meter: createMeter(),
    open: async (from) => {
      const body = unread;
      unread = undefined;
      if (body && from === 0) return { body, sizeBytes: recording.sizeBytes };
      await body?.cancel();
      return pbx.openRecording(path, { from, signal, version: recording.version });
    },
    [Symbol.asyncDispose]: async () => unread?.cancel().catch(() => {}),
  };
}

async function readHead(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ head: Uint8Array; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const { done, value } = await reader.read();
    if (done) return { head: Buffer.concat(chunks), isWhole: true };
    chunks.push(value);
    size += value.length;
  }
  return { head: Buffer.concat(chunks), isWhole: false };
}

function refusalOf(head: Uint8Array, isWhole: boolean, kind: string | null, path: string): SyncError | undefined {
  const what = `Cannot use recording "${plain(path)}"`;
  if (head.length === 0) return new SyncError("recording_empty", `${what}: the PBX sent 0 bytes`);
  if (!kind) return new SyncError("recording_not_audio", `${what}: the PBX sent something that is no WAV or MP3`);
  if (!isWhole) return undefined;
  const meter = createMeter();
  meter.add(head);
  if (meter.hasSound()) return undefined;
  return new SyncError("recording_empty", `${what}: the PBX sent a header of ${head.length} bytes without a sound`);
}

/** The head again, then the rest. */
function resume(
  head: Uint8Array,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  isWhole: boolean,
): ReadableStream<Uint8Array> {
  let isHeadSent = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!isHeadSent) {
          isHeadSent = true;
          controller.enqueue(head);
          if (isWhole) controller.close();
          return;
        }
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
