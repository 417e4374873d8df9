import * as v from "valibot";

const text = v.pipe(v.string(), v.trim(), v.minLength(1, "is empty"));

/** The URL of a text; undefined where it is none. */
const parsed = (value: string) => (URL.canParse(value) ? new URL(value) : undefined);

/** Of a program that speaks HTTP. */
export const address = v.pipe(
  text,
  v.check((value) => /^https?:$/.test(parsed(value)?.protocol ?? ""), "must be an http:// or https:// URL"),
  v.transform((value) => new URL(value)),
);

/** What a database URL may say of TLS. */
export const sslModes = ["disable", "allow", "prefer", "require", "no-verify", "verify-ca", "verify-full"] as const;

/** With a user and a password, where the webhook wants them. */
export const webhookAddress = v.pipe(
  address,
  v.check(
    ({ username, password }) => canDecode(`${username}:${password}`),
    "must write a % in its user or password as %25",
  ),
);

/** A parameter of a database URL. */
const parameter = (value: string, name: string) => parsed(value)?.searchParams.get(name) ?? undefined;

const isPort = (written: string) => /^\d{1,5}$/.test(written) && Number(written) > 0 && Number(written) <= 65_535;

/** As libpq, Prisma and Fly write it. */
export const databaseAddress = v.pipe(
  text,
  v.check(
    (value) => /^postgres(ql)?:$/.test(parsed(value)?.protocol ?? ""),
    "must be a PostgreSQL URL: postgres://user:password@host:5432/database",
  ),
  v.check(
    (value) => sslModes.some((mode) => mode === (parameter(value, "sslmode") ?? "prefer")),
    `must have an sslmode of ${sslModes.join(", ")}`,
  ),
  v.check((value) => isPort(parameter(value, "port") ?? "5432"), "must have a port from 1 to 65535"),
  v.check((value) => parameter(value, "schema") !== "", "must name a schema behind schema=, or leave it out"),
  v.check(
    (value) => parameter(value, "pgbouncer") !== "true" || (parameter(value, "schema") ?? "public") === "public",
    "must not have both pgbouncer=true and a schema, which a pooler does not pass on: " +
      "leave schema out and set the search_path of its user (alter role … set search_path), or give the direct URL",
  ),
  v.check(canDecode, "must write a % in its user, password or database as %25"),
);

/** True where what is percent-encoded in a URL can be read. */
function canDecode(url: string): boolean {
  try {
    decodeURIComponent(url.replace(/\?.*/, ""));
    return true;
  } catch {
    return false;
  }
}
