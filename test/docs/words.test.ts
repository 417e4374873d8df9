import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { meanings } from "../../src/errors.ts";
import { anchorsOf, documents, ROOT, schemaVariables, textOf } from "./documents.ts";
import { commandsIn } from "./shell.ts";

const sorted = (names: Iterable<string>) => [...names].sort();
const READMES = ["README.md", "README.vi.md"] as const;

/** The rows of a README's table of variables: each variable with its default. */
function tableOf(path: string): Map<string, string | undefined> {
  const rows = [...textOf(path).matchAll(/^\| (`[A-Z_`, ]+`) \| ([^|]*) \|/gm)];
  const codes = (cell: string) => [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code);
  return new Map(
    rows.flatMap(([, names, defaults]) => codes(names!).map((name, nth) => [name!, codes(defaults!)[nth]])),
  );
}

/** Every line of .env.example that sets something, commented out or not. */
const exampleLines = [...textOf(".env.example").matchAll(/^(# )?([A-Z][A-Z_]+)=(.*)$/gm)].map(
  ([, comment, name, value]) => ({ name: name!, value: value!, isSet: comment === undefined }),
);

describe("variables", () => {
  const defaults: Record<string, unknown> = readConfig({ DATABASE_URL: "postgres://localhost/x" }, "cli");
  /** What the schema leaves to `crontab`. */
  const scheduled = {
    CALLCENTER_DAILY_SYNC_HOUR: 2,
    CALLCENTER_DAILY_SYNC_MINUTE: 0,
    CALLCENTER_RETRY_INTERVAL_MINUTES: 15,
    CALLCENTER_MISSING_CHECK_HOUR: 3,
  };
  const defaultOf = (name: string) => ({ ...defaults, ...scheduled, DATABASE_URL: undefined })[name];

  test.each(READMES)("%s names those of the schema, and no others", (path) => {
    expect(sorted(tableOf(path).keys())).toEqual(sorted(schemaVariables));
  });

  test.each(READMES)("%s gives their defaults", (path) => {
    for (const [name, value] of tableOf(path)) expect(value, name).toBe(defaultOf(name)?.toString());
  });

  test(".env.example has those of the schema, and what compose.yaml asks for", () => {
    const composed = [...textOf("compose.yaml").matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!);
    expect(sorted(exampleLines.map(({ name }) => name))).toEqual(sorted(new Set([...schemaVariables, ...composed])));
  });

  test(".env.example sets nothing, and shows the defaults", () => {
    expect(Object.values(parseEnv(textOf(".env.example"))).filter(Boolean)).toEqual([]);
    for (const { name, value, isSet } of exampleLines.filter(({ name }) => schemaVariables.includes(name))) {
      expect([name, isSet ? "" : value]).toEqual([name, isSet ? "" : (defaultOf(name)?.toString() ?? "")]);
    }
  });
});

describe("documents", () => {
  test.each(documents.map(({ path }) => path))("every link of %s leads somewhere", (path) => {
    const { links } = documents.find((document) => document.path === path)!;
    for (const link of links.filter((target) => !/^https?:/.test(target))) {
      const [file, anchor] = link.split("#") as [string, string?];
      const target = file ? join(dirname(path), file) : path;
      expect(existsSync(join(ROOT, target)), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(textOf(target))).toContain(anchor);
    }
  });

  test("README.md has at most 250 lines, and README.vi.md the same parts", () => {
    const [english, vietnamese] = READMES.map((path) => textOf(path).split("\n"));
    expect(english!.length).toBeLessThanOrEqual(250);
    const headings = (lines: string[]) => lines.filter((line) => line.startsWith("#")).length;
    expect(headings(vietnamese!)).toBe(headings(english!));
  });

  test("README.vi.md has the commands, statements, links and names of README.md", () => {
    const [english, vietnamese] = READMES.map((path) => {
      const { scripts, statements, words, links } = documents.find((document) => document.path === path)!;
      return {
        commands: sorted(scripts.flatMap(({ text }) => commandsIn(text).map((command) => command.join(" ")))),
        statements: sorted(statements.map(({ text }) => text)),
        words: sorted(words.map(({ text }) => text)),
        links: sorted(links.filter((link) => !link.startsWith("README"))),
      };
    });
    expect(vietnamese).toEqual(english);
  });

  test("every code of an error or of what needs attention that the operations name is one", () => {
    const sql = ["001_calls_and_sync_logs", "004_views"].map((name) => textOf(`sql/${name}.sql`)).join("\n");
    const { words } = documents.find(({ path }) => path === "docs/operations.md")!;
    const codes = words
      .map(({ text }) => text)
      .filter((word) => /^(pbx|drive|recordings?|day|zone|twin|not|nightly|no)_[a-z_]+$/.test(word));
    expect(codes.length).toBeGreaterThan(15);
    const isKnown = (code: string) =>
      Object.hasOwn(meanings, code) || new RegExp(`\\b${code.replace(/^recording_/, "(recording_)?")}\\b`).test(sql);
    expect(codes.filter((code) => !isKnown(code))).toEqual([]);
  });
});
