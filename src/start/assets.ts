import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const TYPES: Record<string, string> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
};

/** A file of Swagger UI, served from here: the page calls nobody. */
export async function swaggerAsset(name: string): Promise<{ body: Uint8Array; type: string } | undefined> {
  const type = TYPES[name];
  if (!type) return undefined;
  const directory = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  return { body: await readFile(join(directory, name)), type };
}
