import type { Context } from "hono";
import { getCookie } from "hono/cookie";

export const languages = ["vi", "en"] as const;
export type Language = (typeof languages)[number];

export const LANGUAGE_COOKIE = "ccs_language";

export const isLanguage = (text: unknown): text is Language => languages.includes(text as Language);

/** The language that a person chose, else the first of the browser's that we speak, else English. */
export function languageOf(c: Context): Language {
  const chosen = getCookie(c, LANGUAGE_COOKIE);
  return isLanguage(chosen) ? chosen : preferred(c.req.header("Accept-Language") ?? "");
}

/** `vi-VN,vi;q=0.9,en;q=0.8`: the one with the greatest `q` (RFC 9110 §12.5.4). */
export function preferred(header: string): Language {
  const wishes = header
    .slice(0, 500)
    .split(",")
    .map((part, place) => {
      const [range = "", ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
      return { language: range.split("-")[0], weight: Number(weight) || 0, place };
    });
  const spoken = wishes.filter(({ language, weight }) => isLanguage(language) && weight > 0);
  spoken.sort((a, b) => b.weight - a.weight || a.place - b.place);
  const [best] = spoken;
  return isLanguage(best?.language) ? best.language : "en";
}
