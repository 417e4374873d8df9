import { createDrive, type Drive, type DriveConfig, type UploadRequest } from "../../src/drive/drive.ts";
import { silentLog } from "../../src/log.ts";
import type { FakeDrive } from "../fakes/drive.ts";

/** Our Drive, connected to a simulated one, impatient. */
export function connect(fake: FakeDrive, config: Partial<DriveConfig> = {}): Drive {
  return createDrive(
    {
      credentials: fake.serviceAccountCredentials(),
      folderId: fake.folderId,
      rootUrl: new URL(fake.rootUrl),
      chunkBytes: 256 * 1024,
      retryDelaysMs: [1, 1, 1, 1],
      ...config,
    },
    silentLog,
  );
}

/** A PBX that is nothing but bytes; it counts how often it was asked, and breaks off where told. */
export class Recording {
  readonly bytes: Uint8Array;
  /** From where it was asked for. */
  readonly openings: number[] = [];
  /** Breaks the nth opening (0 is the first) after so many bytes. */
  breaks: (number | undefined)[] = [];
  /** True: a break looks like an end. */
  endsSilently = false;
  tellsSize = true;
  pieceBytes = 64 * 1024;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  open = async (from: number) => {
    const breakAt = this.breaks[this.openings.length] ?? Number.POSITIVE_INFINITY;
    this.openings.push(from);
    const { bytes, pieceBytes, endsSilently } = this;
    let at = from;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const end = Math.min(at + pieceBytes, bytes.length, breakAt);
        if (at < end) controller.enqueue(bytes.subarray(at, end));
        else if (at >= breakAt && !endsSilently) controller.error(new Error("the PBX hung up"));
        else controller.close();
        at = end;
      },
    });
    return { body, sizeBytes: this.tellsSize ? bytes.length : null };
  };
}

/** A request to upload a recording under a fresh id; `seen` collects what `onChunk` saw, `saved` the sessions. */
export async function requestFor(
  drive: Drive,
  fake: FakeDrive,
  recording: Recording,
  change: Partial<UploadRequest> = {},
) {
  const seen: Uint8Array[] = [];
  const saved: (string | null)[] = [];
  const request: UploadRequest = {
    fileId: await drive.reserveId(),
    name: "1234_20240115_093000.wav",
    mimeType: "audio/wav",
    parentId: fake.folderId,
    appProperties: { uuid: "1234", startTime: "2024-01-15T02:30:00.000Z" },
    exists: false,
    open: recording.open,
    onChunk: (chunk) => seen.push(chunk),
    session: null,
    saveSession: async (address) => void saved.push(address),
    ...change,
  };
  return { request, saved, seen: () => Buffer.concat(seen) };
}
