import { type Refusal, refusal } from "./drive_refusals.ts";

/** What a `fields` mask lets through: null is everything below. */
export type Mask = Map<string, Mask> | null;

/** Reads a mask such as `nextPageToken,files(id,capabilities/canEdit)`; `*` is everything. */
export function parseFields(text: string): Mask {
  const tokens = text.match(/[A-Za-z0-9_]+|[*,()/]|\S/g) ?? [];
  let at = 0;

  function readList(): Mask {
    const mask = new Map<string, Mask>();
    let isEverything = false;
    for (;;) {
      if (tokens[at] === "*") {
        at += 1;
        isEverything = true;
      } else {
        const [name, below] = readOne();
        mask.set(name, mask.has(name) ? join(mask.get(name) ?? null, below) : below);
      }
      if (tokens[at] !== ",") return isEverything ? null : mask;
      at += 1;
    }
  }

  function readOne(): [string, Mask] {
    const name = tokens[at];
    if (name === undefined || !/^\w+$/.test(name)) throw badFields(text);
    at += 1;
    if (tokens[at] === "/") {
      at += 1;
      if (tokens[at] === "*") {
        at += 1;
        return [name, null];
      }
      return [name, new Map([readOne()])];
    }
    if (tokens[at] !== "(") return [name, null];
    at += 1;
    const below = readList();
    if (tokens[at] !== ")") throw badFields(text);
    at += 1;
    return [name, below];
  }

  const mask = readList();
  if (at !== tokens.length) throw badFields(text);
  return mask;
}

/** The part of a resource that the mask lets through; fields that the resource lacks are absent. */
export function pickFields(value: unknown, mask: Mask): unknown {
  if (mask === null || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((element) => pickFields(element, mask));
  const whole = value as Record<string, unknown>;
  const picked: Record<string, unknown> = {};
  for (const [name, below] of mask) {
    if (whole[name] !== undefined) picked[name] = pickFields(whole[name], below);
  }
  return picked;
}

/** Throws as Google does for a field that its resource never has: a client's typing error. */
export function checkFields(mask: Mask, known: ReadonlySet<string>): void {
  for (const name of mask?.keys() ?? []) if (!known.has(name)) throw badFields(name);
}

function badFields(selection: string): Refusal {
  return refusal("invalidParameter", { message: `Invalid field selection ${selection}`, location: "fields" });
}

function join(one: Mask, other: Mask): Mask {
  if (one === null || other === null) return null;
  const both = new Map(one);
  for (const [name, below] of other) both.set(name, both.has(name) ? join(both.get(name) ?? null, below) : below);
  return both;
}
