import type { MiddlewareHandler } from "hono";
import { sameSecret } from "../auth.ts";
import type { HttpContext, HttpEnv } from "../context.ts";

const HOUR_MS = 3_600_000;
/** How long a page may stand open before its forms are refused. */
const HOURS = 24;

/**
 * A token for the forms of a page: an hour, signed with the dashboard's password. Only who has the password ever sees one, so a foreign page
 * cannot put it into a form. Nothing is kept on the server: any process takes what another one gave.
 */
export async function csrfToken(secret: string, now: Date): Promise<string> {
  const hour = Math.floor(now.getTime() / HOUR_MS);
  return `${hour}.${await sign(secret, hour)}`;
}

export async function isCsrfToken(token: unknown, secret: string, now: Date): Promise<boolean> {
  const [, hour, signature] = (typeof token === "string" && /^(\d{1,9})\.([\w-]{43})$/.exec(token)) || [];
  if (!hour || !signature) return false;
  const age = Math.floor(now.getTime() / HOUR_MS) - Number(hour);
  return age >= 0 && age <= HOURS && sameSecret(signature, await sign(secret, Number(hour)));
}

async function sign(secret: string, hour: number): Promise<string> {
  const text = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", text.encode(secret), algorithm, false, ["sign"]);
  const bytes = await crypto.subtle.sign("HMAC", key, text.encode(`callcenter-sync form ${hour}`));
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * True where a request comes from one of our own pages, or from a program that is no browser. Browsers say where they come from:
 * `Sec-Fetch-Site`, the older ones `Origin` alone.
 */
export function isSameOrigin(headers: { get(name: string): string | null }, host: string | null): boolean {
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("Origin");
  if (origin === null) return true;
  return host !== null && URL.canParse(origin) && new URL(origin).host === host;
}

/** Lets a form pass only where it comes from our own page, with its token. `refuse` makes the answer for the others. */
export function guardForms(
  { apiToken, now }: HttpContext,
  refuse: MiddlewareHandler<HttpEnv>,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return next();
    const { csrf } = await c.req.parseBody().catch(noForm);
    const isOurs = isSameOrigin(c.req.raw.headers, c.req.header("Host") ?? new URL(c.req.url).host);
    if (isOurs && (await isCsrfToken(csrf, apiToken ?? "", now()))) return next();
    return refuse(c, next);
  };
}

/** What cannot be read as a form has no token. */
function noForm(error: unknown): Record<string, undefined> {
  if (error instanceof TypeError) return {};
  throw error;
}
