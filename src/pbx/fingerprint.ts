/**
 * A 32-bit hash (FNV-1a) of a JSON value: tells that a record changed between two readings. Made without its text, for a day has
 * hundreds of thousands of records.
 */
export function fingerprint(value: unknown): number {
  return mix(0x811c9dc5, value);
}

function mix(hash: number, value: unknown): number {
  if (typeof value === "string") return mixText(step(hash, 1), value);
  if (value === null || typeof value !== "object") return mixText(step(hash, 2), String(value));
  let mixed = step(hash, Array.isArray(value) ? 3 : 4);
  for (const key of Object.keys(value)) mixed = mix(mixText(mixed, key), value[key as keyof typeof value]);
  return step(mixed, 5);
}

function mixText(hash: number, text: string): number {
  let mixed = hash;
  for (let index = 0; index < text.length; index++) mixed = step(mixed, text.charCodeAt(index));
  return mixed;
}

const step = (hash: number, code: number) => Math.imul(hash ^ code, 0x01000193);
