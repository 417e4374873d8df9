/** One call detail record (CDR), in our words, whatever dialect the PBX speaks. */
export interface Call {
  /** The PBX's id of the call. */
  uuid: string;
  callerId: string | null;
  callerName: string | null;
  destination: string | null;
  direction: string | null;
  /** Seconds from the first ring to the end. */
  durationSeconds: number;
  /** Seconds from the answer to the end; 0 where nobody answered. */
  billSeconds: number;
  startedAt: Date;
  answeredAt: Date | null;
  endedAt: Date | null;
  /** `ANSWERED`, `NO ANSWER`, `BUSY`, `FAILED`, or the PBX's own word in capitals. */
  disposition: string | null;
  /** Where the recording lies at the PBX, as the PBX wrote it; null where there is none. */
  recordingPath: string | null;
  /** The record as it came, cleaned of what PostgreSQL refuses (NUL, lone surrogates). */
  raw: unknown;
}

/** A record that cannot be stored, and why. `uuid` where it has one, else an id made of its content. */
export interface RefusedRecord {
  uuid: string;
  reason: string;
  record: unknown;
}

/** Milliseconds from the Gregorian reform (15 October 1582), where version-1 UUIDs count from, to 1970. */
const UUID_EPOCH_OFFSET_MS = 12_219_292_800_000;
const VERSION_1 = /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** The instant inside a version-1 UUID (RFC 9562 §5.1), undefined for any other text. */
export function timeOfUuid(uuid: string): Date | undefined {
  if (!VERSION_1.test(uuid)) return undefined;
  // Its ticks of 100 ns are more than a number holds: 2^32 of them are 429,496 ms and 7,296 ticks.
  const high = Number.parseInt(uuid.slice(15, 18) + uuid.slice(9, 13), 16);
  const low = Number.parseInt(uuid.slice(0, 8), 16);
  return new Date(high * 429_496 + Math.floor((high * 7_296 + low) / 10_000) - UUID_EPOCH_OFFSET_MS);
}

/** A phone number in the one spelling that searches compare: digits only, Vietnam's 84, 0084 and +84 (0) written as 0. */
export function normalPhone(text: string): string {
  const digits = text.replaceAll(/\D/g, "");
  return digits.replace(/^(?:00)?840?(?=\d{8,10}$)/, "0");
}
