import type { Context, MiddlewareHandler } from "hono";
import { sameSecret } from "../auth.ts";
import type { HttpContext, HttpEnv } from "../context.ts";
import { problems } from "../problem.ts";

/** The name and the password of HTTP Basic (RFC 7617); undefined where there are none. */
export function basicCredentials(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic +([\w+/=-]+) *$/i.exec(header ?? "")?.[1];
  if (!encoded) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    const [, user, password] = /^([^:]*):(.*)$/s.exec(new TextDecoder().decode(bytes)) ?? [];
    return user === undefined || password === undefined ? undefined : { user, password };
  } catch {
    return undefined;
  }
}

/** The name under which somebody came in; it proves nothing, and is a good guess for 'your name'. */
export const userOf = (c: Context): string => basicCredentials(c.req.header("Authorization"))?.user ?? "";

/** Lets pass who knows the password; `refuse` makes the answer for the others. */
export function withPassword(
  { apiToken }: HttpContext,
  refuse: (c: Context<HttpEnv>, refusal: "noToken" | "unauthorized") => Response | Promise<Response>,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!apiToken) return refuse(c, "noToken");
    const given = basicCredentials(c.req.header("Authorization"));
    if (given && (await sameSecret(given.password, apiToken))) return next();
    c.header("WWW-Authenticate", problems.password_needed.challenge);
    return refuse(c, "unauthorized");
  };
}
