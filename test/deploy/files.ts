import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

export const exists = (path: string) => existsSync(resolve(ROOT, path));
export const read = (path: string) => readFileSync(resolve(ROOT, path), "utf8");

/** What the service promises after a signal (CONTRACT §1); a platform must wait longer. */
export const SHUTDOWN_SECONDS = 30;

/** `40s` or `40` in seconds. */
export const seconds = (text: unknown) => Number(/^(\d+)s?$/.exec(String(text))?.[1]);

/** The words of a text that look like variables of an environment. */
export const namesIn = (text: string) => [...new Set(text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [])];

/** JSON with comments of whole lines. */
export const readJsonc = (path: string) => JSON.parse(read(path).replaceAll(/^\s*\/\/.*$/gm, ""));
