import { readFileSync } from "node:fs";

const read = (): unknown => JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** Of package.json. */
export const version = (read() as { version: string }).version;
