import { refusal } from "./drive_refusals.ts";

/** What a query can ask about a file. */
export interface Searchable {
  name: string;
  mimeType: string;
  trashed: boolean;
  parents: string[];
  createdTime: string;
  modifiedTime: string;
  appProperties: Record<string, string>;
  properties: Record<string, string>;
}

export type Test = (file: Searchable) => boolean;

export interface Query {
  test: Test;
  /** The folders that the query names. */
  parents: string[];
}

type Comparable = "name" | "mimeType" | "trashed" | "createdTime" | "modifiedTime";

const TOKEN = /\s*(?:('(?:[^'\\]|\\.)*')|(<=|>=|!=|[=<>(){}])|([A-Za-z]+))\s*/y;
const OPERATORS: Record<Comparable, RegExp> = {
  name: /^(=|!=|contains)$/,
  mimeType: /^(=|!=|contains)$/,
  trashed: /^(=|!=)$/,
  createdTime: /^(=|!=|<|<=|>|>=)$/,
  modifiedTime: /^(=|!=|<|<=|>|>=)$/,
};

/** Reads a query of `files.list` (developers.google.com/workspace/drive/api/guides/ref-search-terms) or refuses it. */
export function parseQuery(text: string): Query {
  if (text.trim() === "") return { test: () => true, parents: [] };
  const parser = new QueryParser(tokenize(text));
  const test = parser.readAlternatives();
  if (!parser.isAtEnd) throw invalid();
  return { test, parents: parser.parents };
}

class QueryParser {
  #tokens: string[];
  #at = 0;
  parents: string[] = [];

  constructor(tokens: string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  readAlternatives(): Test {
    let test = this.#readAll();
    while (this.#skip("or")) {
      const [one, other] = [test, this.#readAll()];
      test = (file) => one(file) || other(file);
    }
    return test;
  }

  #readAll(): Test {
    let test = this.#readOne();
    while (this.#skip("and")) {
      const [one, other] = [test, this.#readOne()];
      test = (file) => one(file) && other(file);
    }
    return test;
  }

  #readOne(): Test {
    if (this.#skip("not")) {
      const test = this.#readOne();
      return (file) => !test(file);
    }
    if (this.#skip("(")) {
      const test = this.readAlternatives();
      this.#expect(")");
      return test;
    }
    return this.#tokens[this.#at]?.startsWith("'") ? this.#readMembership() : this.#readComparison();
  }

  #readMembership(): Test {
    const id = this.#readString();
    this.#expect("in");
    this.#expect("parents");
    this.parents.push(id);
    return (file) => file.parents.includes(id);
  }

  #readComparison(): Test {
    const term = this.#next();
    if (term === "appProperties" || term === "properties") return this.#readProperty(term);
    if (!(term in OPERATORS)) throw invalid();
    const field = term as Comparable;
    const operator = this.#next();
    if (!OPERATORS[field].test(operator)) throw invalid();
    if (field === "trashed") {
      const isWanted = (this.#next() === "true") === (operator === "=");
      return (file) => file.trashed === isWanted;
    }
    return comparison(field, operator, this.#readString());
  }

  #readProperty(term: "appProperties" | "properties"): Test {
    for (const token of ["has", "{", "key", "="]) this.#expect(token);
    const key = this.#readString();
    for (const token of ["and", "value", "="]) this.#expect(token);
    const value = this.#readString();
    this.#expect("}");
    return (file) => file[term][key] === value;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw invalid();
    return token;
  }

  #readString(): string {
    const token = this.#next();
    if (!token.startsWith("'")) throw invalid();
    return token.slice(1, -1).replace(/\\(.)/g, "$1");
  }

  #skip(token: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (this.#next() !== token) throw invalid();
  }
}

function comparison(field: Exclude<Comparable, "trashed">, operator: string, value: string): Test {
  const isTime = field === "createdTime" || field === "modifiedTime";
  const wanted = isTime ? Date.parse(value) : value;
  if (Number.isNaN(wanted)) throw invalid();
  const read = (file: Searchable) => (isTime ? Date.parse(file[field]) : file[field]);
  switch (operator) {
    case "=":
      return (file) => read(file) === wanted;
    case "!=":
      return (file) => read(file) !== wanted;
    case "<":
      return (file) => read(file) < wanted;
    case "<=":
      return (file) => read(file) <= wanted;
    case ">":
      return (file) => read(file) > wanted;
    case ">=":
      return (file) => read(file) >= wanted;
    default:
      return field === "mimeType" ? (file) => file.mimeType.startsWith(value) : (file) => hasWord(file.name, value);
  }
}

/** `name contains` matches beginnings only: 'Hello' finds HelloWorld, 'World' does not. */
function hasWord(name: string, beginning: string): boolean {
  const [text, start] = [name.toLowerCase(), beginning.toLowerCase()];
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) return true;
  }
  return false;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw invalid();
    tokens.push(found[1] ?? found[2] ?? found[3] ?? "");
  }
  return tokens;
}

function invalid() {
  return refusal("invalid", { message: "Invalid Value", location: "q" });
}
