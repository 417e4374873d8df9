import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** Reads a file of the project. */
export const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** A piece of a document that somebody may copy: where it stands, and what it is. */
export interface Piece {
  /** `docs/operations.md:70` */
  place: string;
  text: string;
}

export interface Document {
  path: string;
  text: string;
  /** Blocks of `sh`, and commands in running text. */
  scripts: Piece[];
  /** Blocks of `sql`, and statements in running text. */
  statements: Piece[];
  /** All other code in running text: names, paths, addresses. */
  words: Piece[];
  links: string[];
}

const PROGRAM = /^(callcenter-sync|npm|npx|deno|curl|docker|fly|psql|pg_dump|pg_restore|git|gcloud) \S/;

/** A Markdown file, taken apart. */
export function readDocument(path: string): Document {
  const document: Document = { path, text: textOf(path), scripts: [], statements: [], words: [], links: [] };
  let fence: { language: string; piece: Piece } | undefined;
  for (const [index, line] of document.text.split("\n").entries()) {
    const mark = /^ *```(\w*)/.exec(line);
    if (mark && !fence) fence = { language: mark[1]!, piece: { place: `${path}:${index + 2}`, text: "" } };
    else if (mark && fence) {
      if (fence.language === "sh") document.scripts.push(fence.piece);
      if (fence.language === "sql") document.statements.push(fence.piece);
      fence = undefined;
    } else if (fence) fence.piece.text += `${line}\n`;
    else readLine(document, line, `${path}:${index + 1}`);
  }
  return document;
}

function readLine(document: Document, line: string, place: string): void {
  for (const [, code] of line.matchAll(/`([^`]+)`/g)) {
    const piece = { place, text: code!.replaceAll("\\|", "|") };
    const kind = PROGRAM.test(piece.text)
      ? "scripts"
      : /^(SELECT|DELETE|SET) /.test(piece.text)
        ? "statements"
        : "words";
    document[kind].push(piece);
  }
  for (const [, target] of line.replaceAll(/`[^`]*`/g, "``").matchAll(/\]\(([^)]+)\)/g)) document.links.push(target!);
}

/** Everything that is written for people. */
export const documents: Document[] = [
  ...["README.md", "README.vi.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`),
]
  .filter((path) => path.endsWith(".md"))
  .map(readDocument);

/** The anchors of a document's headings, as GitHub makes them. */
export const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** Every variable of the environment's schema in src/config.ts. */
export const schemaVariables: string[] = [
  ...textOf("src/config.ts")
    .split("const Environment = v.object({")[1]!
    .split("\n});")[0]!
    .matchAll(/^ {2}([A-Z][A-Z_]+):/gm),
].map(([, name]) => name!);
