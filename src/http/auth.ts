import type { MiddlewareHandler } from "hono";
import type { HttpContext, HttpEnv } from "./context.ts";
import { Problem } from "./problem.ts";

const digest = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

/** True where both are the same; how long that takes tells nothing about either, not even its length. */
export async function sameSecret(given: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(given), digest(expected)]);
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

const bearerOf = (header: string | undefined) => /^Bearer +(\S.*?) *$/i.exec(decoded(header ?? ""))?.[1];

/** A header's text: UTF-8, as clients send it, which arrives as one character a byte; as it is where it is no UTF-8. */
function decoded(header: string): string {
  const codes = Array.from(header, (char) => char.charCodeAt(0));
  if (codes.some((code) => code > 0xff)) return header;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(codes));
  } catch {
    return header;
  }
}

/** Lets nobody pass while no token is set: what is behind it is closed. */
export function whenTokenIsSet({ apiToken }: HttpContext): MiddlewareHandler<HttpEnv> {
  return async (_, next) => {
    if (!apiToken) throw new Problem("token_not_set", "API_TOKEN is not set: nobody could prove who they are.");
    await next();
  };
}

/** Lets pass who sends the bearer token; Basic never does. */
export function withBearer(
  token: string | undefined,
  code: "unauthorized" | "metrics_unauthorized",
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const given = bearerOf(c.req.header("Authorization"));
    if (given === undefined) throw new Problem(code, "The request carries no token.");
    if (!token || !(await sameSecret(given, token))) throw new Problem(code, "The token is not the right one.");
    await next();
  };
}
