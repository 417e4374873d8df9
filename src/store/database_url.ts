import { sslModes } from "../addresses.ts";
import { ConfigError } from "../errors.ts";

/** Where the database is, in words that both drivers (`postgres` and `pg`) understand alike. */
export interface DatabaseAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** Schema of the two tables: Prisma's `?schema=`. */
  schema: string;
  /** Undefined: no TLS. `verify`: whether the server's certificate is checked. */
  tls: { verify: boolean } | undefined;
  /** True where the URL says that a pooler in transaction mode stands between: no prepared statements. */
  pooled: boolean;
}

/** What `sslmode` means, as libpq has it: `require` encrypts without looking at the certificate. */
const TLS: Record<(typeof sslModes)[number], DatabaseAddress["tls"]> = {
  disable: undefined,
  allow: undefined,
  prefer: undefined,
  require: { verify: false },
  "no-verify": { verify: false },
  "verify-ca": { verify: true },
  "verify-full": { verify: true },
};

/**
 * Reads a PostgreSQL URL as libpq, Prisma and Fly write it. Parameters of other programs (`connection_limit`, `pool_timeout`, …) are
 * passed over. Throws a ConfigError that names no part of the URL.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new ConfigError("DATABASE_URL must be a PostgreSQL URL: postgres://user:password@host:5432/database");
  }
  const parameter = (name: string) => url.searchParams.get(name) ?? undefined;
  const asked = parameter("sslmode") ?? (parameter("ssl") === "true" ? "require" : "prefer");
  const sslmode = sslModes.find((mode) => mode === asked);
  if (!sslmode) throw new ConfigError(`DATABASE_URL must have an sslmode of ${sslModes.join(", ")}`);
  const user = decodeURIComponent(url.username) || parameter("user") || "postgres";
  return {
    host:
      parameter("host") ?? (url.hostname ? decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1") : "localhost"),
    port: Number(url.port || parameter("port") || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    user,
    password: decodeURIComponent(url.password) || parameter("password") || "",
    schema: parameter("schema") ?? "public",
    tls: TLS[sslmode],
    pooled: parameter("pgbouncer") === "true",
  };
}

/** The `search_path` of every session: the two tables first, then what extensions put into `public`. */
export function searchPathOf(address: DatabaseAddress): string {
  const quoted = `"${address.schema.replaceAll('"', '""')}"`;
  return address.schema === "public" ? quoted : `${quoted}, public`;
}
