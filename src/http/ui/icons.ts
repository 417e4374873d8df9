import { raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** Line drawings on a grid of 24, drawn for this dashboard. They say nothing that the text beside them does not: hidden from readers. */
const drawings = {
  check: '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
  alert: '<path d="M12 7v6"/><path d="M12 16.5v.5"/>',
  cross: '<path d="m7 7 10 10M17 7 7 17"/>',
  clock: '<path d="M12 7v5l3.5 2"/>',
  moving: '<path d="M6 12h12m-5-5 5 5-5 5"/>',
  dot: '<circle cx="12" cy="12" r="3" fill="currentColor" stroke="none"/>',
  empty: '<path d="M7 12h10"/>',
  left: '<path d="m14 6-6 6 6 6"/>',
  right: '<path d="m10 6 6 6-6 6"/>',
  incoming: '<path d="M17 7 7 17m0-8v8h8"/>',
  outgoing: '<path d="M7 17 17 7M9 7h8v8"/>',
  internal: '<path d="M5 9h13l-3-3M19 15H6l3 3"/>',
  play: '<path d="M8 6v12l10-6z"/>',
} as const;

export type Icon = keyof typeof drawings;

export const icon = (name: Icon, className = "icon"): HtmlEscapedString =>
  raw(`<svg class="${className}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${drawings[name]}</svg>`);

/** The mark of the project: a call's wave, kept in a ring. */
export const mark = raw(
  '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="9"/><path d="M8 16h0M12 12v8M16 8v16M20 12v8M24 16h0"/></svg>',
);

export const favicon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#12705c"/><path d="M8 16h0M12 12v8M16 8v16M20 12v8M24 16h0" stroke="#fff" stroke-width="2.6" stroke-linecap="round" fill="none"/></svg>';
