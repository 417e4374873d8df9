import { type Refusal, refusal } from "./drive_refusals.ts";

/** What a `fields` mask lets through: null is everything below. */
export type Mask = Map<string, Mask> | null;

/** Reads a mask such as `nextPageToken,files(id,capabilities/canEdit)`; `*` is everything. */
export function parseFields(text: string): Mask {
  const tokens = text.match(/[A-Za-z0-9_]+|[*,()/]|\S/g) ?? [];
  const mask = readList(tokens, text);
  if (tokens.length > 0) throw badFields(text);
  return mask;
}

/** Takes a list off the front of the tokens. */
function readList(tokens: string[], text: string): Mask {
  let mask: Mask = new Map();
  do {
    const name = tokens.shift();
    if (name === "*") {
      mask = null;
      continue;
    }
    if (name === undefined || !/^\w+$/.test(name)) throw badFields(text);
    const below = readBelow(tokens, text);
    mask?.set(name, mask.has(name) ? join(mask.get(name) ?? null, below) : below);
  } while (skip(tokens, ","));
  return mask;
}

/** Takes what follows a name: nothing, `/field` or `(list)`. */
function readBelow(tokens: string[], text: string): Mask {
  if (skip(tokens, "/")) {
    const name = tokens.shift();
    if (name === "*") return null;
    if (name === undefined || !/^\w+$/.test(name)) throw badFields(text);
    return new Map([[name, readBelow(tokens, text)]]);
  }
  if (!skip(tokens, "(")) return null;
  const below = readList(tokens, text);
  if (!skip(tokens, ")")) throw badFields(text);
  return below;
}

function skip(tokens: string[], token: string): boolean {
  if (tokens[0] !== token) return false;
  tokens.shift();
  return true;
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
