const quote = (item: unknown) => (item === null ? "NULL" : `"${String(item).replaceAll(/["\\]/g, "\\$&")}"`);

/** `{"a","b"}`, as PostgreSQL reads an array of any type. */
const serialize = (items: readonly unknown[]): string => `{${items.map(quote).join(",")}}`;

const ITEM = /"((?:[^"\\]|\\.)*)"|([^{},"]+)/g;

/** What PostgreSQL writes for an array of one dimension. */
const parserOf = (parseItem: (text: string) => unknown) => (text: string) =>
  [...text.matchAll(ITEM)].map(([, quoted, plain]) => {
    if (plain === "NULL") return null;
    return parseItem(quoted?.replaceAll(/\\(.)/gs, "$1") ?? plain ?? "");
  });

const arrayType = (oid: number, parseItem: (text: string) => unknown) => ({
  to: oid,
  from: [oid],
  serialize,
  parse: parserOf(parseItem),
});

/**
 * The array types of our statements, for clients that do not ask the server for its types (`fetch_types: false`): that saves each
 * connection a round trip. The numbers are PostgreSQL's own (pg_type.dat) and never change.
 */
export const arrayTypes = {
  boolArray: arrayType(1000, (text) => text === "t"),
  int4Array: arrayType(1007, Number),
  textArray: arrayType(1009, (text) => text),
  float8Array: arrayType(1022, Number),
  dateArray: arrayType(1182, (text) => new Date(text)),
  timestamptzArray: arrayType(1185, (text) => new Date(text)),
};
