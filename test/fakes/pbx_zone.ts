/**
 * Local times of an IANA zone, over nothing but Intl: the simulated PBX must not lean on the code that it tests.
 * Offsets are remembered by the quarter of an hour and days as text: Intl and Date are slow, and a day has 200,000 calls.
 */
export interface Zone {
  /** Milliseconds that local clocks are ahead of UTC at an instant. */
  offsetMs(ms: number): number;
  /** `2024-01-15T10:30:00`, without offset. */
  local(ms: number): string;
  /** `2024-01-15T10:30:00+07:00`. */
  iso(ms: number): string;
  /** `2024-01-15`. */
  day(ms: number): string;
  /** The first second of a local day. */
  startOfDay(day: string): number;
  /** The instant of `YYYY-MM-DD[ HH:MM:SS]`; of two (clocks set back) the one asked for; undefined for another text. */
  instant(local: string, which: "earlier" | "later"): number | undefined;
}

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const TWO = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));
const zones = new Map<string, Zone>();

/** The zone of that name; the same object each time. Throws a RangeError for a name that is none. */
export function zoneNamed(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = makeZone(name);
  zones.set(name, zone);
  return zone;
}

/** The day `count` days later. */
export function dayAfter(day: string, count = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

function makeZone(name: string): Zone {
  const offsetMs = offsetsOf(name);
  let today = { number: Number.NaN, text: "" };
  const dayOf = (localMs: number) => {
    const number = Math.floor(localMs / DAY_MS);
    if (number !== today.number) today = { number, text: new Date(localMs).toISOString().slice(0, 10) };
    return today;
  };
  const local = (ms: number) => {
    const localMs = ms + offsetMs(ms);
    const { number, text } = dayOf(localMs);
    const second = Math.floor((localMs - number * DAY_MS) / 1000);
    return `${text}T${TWO[Math.floor(second / 3600)]}:${TWO[Math.floor(second / 60) % 60]}:${TWO[second % 60]}`;
  };
  const suffixes = new Map<number, string>();
  const suffix = (offset: number) => {
    if (!suffixes.has(offset)) suffixes.set(offset, written(offset));
    return suffixes.get(offset)!;
  };

  const instant: Zone["instant"] = (text, which) => {
    const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}))?$/.exec(text);
    const naive = match ? Date.parse(`${match[1]}T${match[2] ?? "00:00:00"}Z`) : Number.NaN;
    if (Number.isNaN(naive)) return undefined;
    const candidates = [naive - offsetMs(naive - DAY_MS), naive - offsetMs(naive + DAY_MS)];
    const real = candidates.filter((ms) => ms + offsetMs(ms) === naive);
    if (real.length === 0) return candidates[0];
    return which === "earlier" ? Math.min(...real) : Math.max(...real);
  };

  const startOfDay = (day: string) => {
    const ms = instant(day, "earlier");
    if (ms === undefined) throw new RangeError(`Cannot find the day ${JSON.stringify(day)}: not YYYY-MM-DD`);
    return ms;
  };

  return {
    offsetMs,
    local,
    iso: (ms) => local(ms) + suffix(offsetMs(ms)),
    day: (ms) => dayOf(ms + offsetMs(ms)).text,
    startOfDay,
    instant,
  };
}

function offsetsOf(name: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  const known = new Map<number, number>();
  let last = { quarter: Number.NaN, offset: 0 };
  return (ms) => {
    const quarter = Math.floor(ms / QUARTER_MS);
    if (quarter === last.quarter) return last.offset;
    let offset = known.get(quarter);
    if (offset === undefined) {
      const [, hours = "+0", minutes = "0"] = /GMT([+-]\d{2}):(\d{2})/.exec(format.format(quarter * QUARTER_MS)) ?? [];
      offset = (Number(hours) * 60 + (hours.startsWith("-") ? -1 : 1) * Number(minutes)) * 60_000;
      known.set(quarter, offset);
    }
    last = { quarter, offset };
    return offset;
  };
}

/** `+07:00`. */
function written(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  return `${offsetMs < 0 ? "-" : "+"}${TWO[Math.floor(minutes / 60)]}:${TWO[minutes % 60]}`;
}
