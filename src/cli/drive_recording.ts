import { instantOfLocal } from "../day.ts";
import type { DriveFile } from "../drive/drive.ts";

/** What a file in Drive is, by what it says of itself. */
export type Identity = { kind: "recording"; uuid: string; startedAt: Date } | { kind: "unknown" | "empty" | "trashed" };

/** `{uuid}_{YYYYMMDD_HHMMSS}.{ext}` (CONTRACT §7), the time in the zone of the business. */
const NAME = /^(.+)_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)\.\w+$/s;

/** Reads the properties that every upload leaves on its file; else the name, which is all that the old system left. */
export function identify(file: DriveFile, zone: string): Identity {
  if (file.trashed) return { kind: "trashed" };
  const named = readName(file.name, zone);
  const { uuid: said = named?.uuid, startTime } = file.appProperties;
  // As the PBX sent it, the old system wrote white space around it too.
  const uuid = said?.trim();
  const told = startTime === undefined ? Number.NaN : Date.parse(startTime);
  const startedAt = Number.isNaN(told) ? named?.startedAt : new Date(told);
  if (!uuid || !startedAt) return { kind: "unknown" };
  return file.sizeBytes && file.md5 ? { kind: "recording", uuid, startedAt } : { kind: "empty" };
}

function readName(name: string, zone: string): { uuid: string; startedAt: Date } | undefined {
  const [, uuid, year, month, date, hour, minute, second] = NAME.exec(name) ?? [];
  const startedAt = instantOfLocal(`${year}-${month}-${date} ${hour}:${minute}:${second}`, zone);
  return uuid && startedAt ? { uuid, startedAt } : undefined;
}
