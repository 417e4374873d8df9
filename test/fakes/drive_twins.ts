import { type DriveFile, FOLDER_TYPE } from "./drive_store.ts";

/** Something that is present more than once: a name in one folder, or a recording (by its uuid) anywhere. */
export interface Twin {
  kind: "name" | "uuid";
  value: string;
  ids: string[];
}

/** Twins among what is not in the trash. */
export function findTwins(files: Iterable<DriveFile>, isTrashed: (file: DriveFile) => boolean): Twin[] {
  const places = new Map<string, Twin>();
  const note = (kind: Twin["kind"], value: string, place: string, id: string) => {
    const key = `${kind} ${place} ${value}`;
    const twin = places.get(key) ?? { kind, value, ids: [] };
    twin.ids.push(id);
    places.set(key, twin);
  };
  for (const file of files) {
    if (isTrashed(file) || file.parents.length === 0) continue;
    note("name", file.name, file.parents.join(), file.id);
    const uuid = file.mimeType === FOLDER_TYPE ? null : uuidOf(file);
    if (uuid !== null) note("uuid", uuid, "", file.id);
  }
  return [...places.values()].filter((twin) => twin.ids.length > 1);
}

/** A recording's uuid, from its properties or from its name `{uuid}_{YYYYMMDD_HHMMSS}.{ext}`. */
function uuidOf({ appProperties, name }: DriveFile): string | null {
  return appProperties.uuid ?? /^(.+)_\d{8}_\d{6}\.\w+$/s.exec(name)?.[1] ?? null;
}
