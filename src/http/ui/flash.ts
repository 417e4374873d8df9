import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { isDay } from "../../day.ts";
import type { Format } from "./format.ts";
import type { Words } from "./words.ts";

const COOKIE = "ccs_flash";

type Messages = Words["flash"];
export type Flash = keyof Messages;

/** True where the browser came by https, through a proxy or not. */
const isSecure = (c: Context) =>
  (c.req.header("X-Forwarded-Proto") ?? new URL(c.req.url).protocol).split(",")[0]?.replace(":", "").trim() === "https";

export const cookieOptions = (c: Context) =>
  ({ path: "/ui", httpOnly: true, sameSite: "Lax", secure: isSecure(c) }) as const;

/** What the next page says: one of our own sentences, with a number or a day in it. Nobody can make it say anything else. */
export function setFlash(c: Context, message: Flash, value: string | number = ""): void {
  setCookie(c, COOKIE, `${message}:${value}`, { ...cookieOptions(c), maxAge: 60 });
}

/** The sentence that the last form left; it is said once. */
export function takeFlash(c: Context, words: Words, format: Format): string | undefined {
  const cookie = getCookie(c, COOKIE);
  if (cookie === undefined) return undefined;
  deleteCookie(c, COOKIE, cookieOptions(c));
  const [, name = "", value = ""] = /^(\w+):([\d-]{0,10})$/.exec(cookie) ?? [];
  if (!Object.hasOwn(words.flash, name)) return undefined;
  const message = words.flash[name as Flash];
  if (typeof message === "string") return message;
  if (isDay(value)) return (message as (day: string) => string)(format.longDay(value));
  return (message as (n: number) => string)(Number(value) || 0);
}
