import type { Dialect, WireRecord } from "./pbx_dialects.ts";
import { type BadRecord, type Fault, struckBy } from "./pbx_faults.ts";
import type { Zone } from "./pbx_zone.ts";

const ALL_BAD: BadRecord[] = ["no_uuid", "no_start", "garbage_dates", "zero_dates", "not_an_object"];

/**
 * The records of a page after everything that faults do to them; the same array where they do nothing. `pattern`: what bad records are made
 * from, undefined for none.
 */
export function spoilRecords(
  records: WireRecord[],
  pattern: WireRecord | undefined,
  dialect: Dialect,
  zone: Zone,
  faults: Fault[],
): unknown[] {
  const changes = changesOf(dialect, zone, faults);
  let spoilt: unknown[] = changes.length > 0 ? records.map((record) => changed(record, changes)) : records;

  const long = struckBy(faults, "long_strings");
  if (long && spoilt.length > 0) {
    const name = "Nguyễn ".repeat(Math.ceil((long.length ?? 100_000) / 7)).slice(0, long.length ?? 100_000);
    spoilt = [{ ...(spoilt[0] as WireRecord), [dialect.nameField]: name }, ...spoilt.slice(1)];
  }
  const bad = struckBy(faults, "bad_records");
  if (bad && pattern) spoilt = amongThem(spoilt, badRecords(pattern, bad.kinds ?? ALL_BAD, dialect));
  const twice = struckBy(faults, "duplicate_uuids");
  if (twice) spoilt = [...spoilt, ...spoilt.slice(0, twice.count ?? 1)];
  return spoilt;
}

type Change = (record: WireRecord) => void;

function changed(record: WireRecord, changes: Change[]): WireRecord {
  const copy = { ...record };
  for (const change of changes) change(copy);
  return copy;
}

/** Changes that fall on each record of the page, in the order in which they do not undo one another. */
function changesOf(dialect: Dialect, zone: Zone, faults: Fault[]): Change[] {
  const changes: Change[] = [];
  const times = struckBy(faults, "times_as");
  if (times) changes.push((record) => rewriteTimes(record, dialect, zone, times.as));
  const absent = struckBy(faults, "absent_as");
  if (absent) changes.push((record) => rewriteAbsent(record, dialect, absent.as));
  if (struckBy(faults, "numbers_as_strings")) {
    changes.push((record) =>
      rewrite(record, dialect.numeric, (value) => (typeof value === "number" ? `${value}` : value)),
    );
  }
  if (struckBy(faults, "strings_as_numbers")) {
    changes.push((record) => rewrite(record, dialect.numeric, (value) => (isDecimal(value) ? Number(value) : value)));
  }
  if (struckBy(faults, "spaces_around_ids"))
    changes.push((record) => Object.assign(record, { uuid: ` ${record.uuid}\t` }));
  if (struckBy(faults, "extra_keys")) changes.push((record) => Object.assign(record, EXTRA_KEYS));
  if (struckBy(faults, "strange_names")) {
    changes.push((record) => Object.assign(record, { [dialect.nameField]: strangeName(String(record.uuid)) }));
  }
  return changes;
}

const EXTRA_KEYS = { accountcode: "", mos: 4.41, legs: [{ gateway: "sip-01", codec: "PCMA" }], tags: [] };

/** NUL and half a surrogate pair (PostgreSQL refuses both), control characters, markup, right-to-left, an emoji. */
const STRANGE = [
  "\u0000Trần",
  "Lê \ud83d",
  "\udcde Võ",
  "Đỗ\u001b[31m\r\n",
  "<b onclick=alert(1)>",
  "\u202eمرحبا",
  "👩‍⚕️ Spa",
];

function strangeName(uuid: string): string {
  return `${STRANGE[Number.parseInt(uuid.trim().slice(0, 8), 16) % STRANGE.length]} ${"a\u0000b"}`;
}

function rewrite(record: WireRecord, fields: readonly string[], how: (value: unknown) => unknown): void {
  for (const field of fields) if (field in record) record[field] = how(record[field]);
}

const isDecimal = (value: unknown) => typeof value === "string" && /^\d+$/.test(value);
const isAbsent = (value: unknown) => value === null || value === "" || value === "null" || value === "0";

function rewriteTimes(
  record: WireRecord,
  dialect: Dialect,
  zone: Zone,
  as: "naive" | "epoch_seconds" | "epoch_ms",
): void {
  const decimal = dialect.numeric.includes(dialect.times[0]!);
  rewrite(record, dialect.times, (value) => {
    if (isAbsent(value)) return value;
    const ms = isDecimal(value) ? Number(value) * 1000 : Date.parse(String(value));
    if (as === "naive") return zone.local(ms).replace("T", " ");
    const epoch = as === "epoch_ms" ? ms : ms / 1000;
    return decimal ? String(epoch) : epoch;
  });
}

function rewriteAbsent(record: WireRecord, dialect: Dialect, as: null | "" | "null" | "0" | "missing"): void {
  for (const [field, value] of Object.entries(record)) {
    const length = dialect.numeric.includes(field) && !dialect.times.includes(field);
    if (length || !isAbsent(value)) continue;
    if (as === "missing") delete record[field];
    else record[field] = as;
  }
}

let answers = 0;

/** Records that nobody can store. Their ids are none that the store holds, and of no version that carries a time. */
function badRecords(pattern: WireRecord, kinds: BadRecord[], dialect: Dialect): unknown[] {
  const without = (fields: readonly string[]) =>
    Object.fromEntries(Object.entries(pattern).filter(([field]) => !fields.includes(field)));
  const dated = (date: string) => Object.fromEntries(dialect.times.map((field) => [field, date]));
  const make: Record<BadRecord, unknown[]> = {
    no_uuid: [without(["uuid"]), { ...pattern, uuid: "" }, { ...pattern, uuid: null }],
    no_start: [{ ...without(dialect.times), uuid: "bad-no-start" }],
    garbage_dates: [{ ...pattern, ...dated("not a date"), uuid: "bad-garbage-dates" }],
    zero_dates: [{ ...pattern, ...dated("0000-00-00 00:00:00"), uuid: "bad-zero-dates" }],
    changing: [{ ...without(["uuid"]), answers: ++answers }],
    not_an_object: [null, "a line of text", 42, [], true],
  };
  return kinds.flatMap((kind) => make[kind]);
}

/** Each bad record behind a good one, the rest at the end. */
function amongThem(good: unknown[], bad: unknown[]): unknown[] {
  const mixed = good.flatMap((record, index) => (index < bad.length ? [record, bad[index]] : [record]));
  return [...mixed, ...bad.slice(good.length)];
}
