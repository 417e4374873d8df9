import { favicon } from "./icons.ts";
import { script } from "./script.ts";
import { base } from "./style_base.ts";
import { pages } from "./style_pages.ts";
import { parts } from "./style_parts.ts";

interface Asset {
  path: string;
  /** With a version made of the content: a new one is fetched at once, an old one never again. */
  href: string;
  type: string;
  body: string;
}

function asset(path: string, type: string, body: string): Asset {
  return { path, href: `/ui${path}?v=${fingerprint(body)}`, type, body };
}

/** FNV-1a, 32 bits: enough to tell versions apart. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** The files of the dashboard. They are kept in the program: the HTTP app has no file system. */
export const assets = {
  style: asset("/style.css", "text/css; charset=utf-8", base + parts + pages),
  script: asset("/script.js", "text/javascript; charset=utf-8", script),
  icon: asset("/icon.svg", "image/svg+xml", favicon),
} as const satisfies Record<string, Asset>;
