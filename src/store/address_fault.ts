/** What is wrong with DATABASE_URL as the server's refusal shows, and what to do. */
export interface AddressFault {
  message: string;
  hint: string;
}

/** What Node says of a certificate that does not pass. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY)|INVALID_CA|HOSTNAME_MISMATCH)/;

/** Tells a wrong address by how a connection to it was refused; undefined for any other error. */
export function addressFault(error: unknown): AddressFault | undefined {
  const { code = "", message = "" } = (error ?? {}) as { code?: string; message?: string };
  if (code === "08P01" && /unsupported startup parameter/.test(message)) {
    return {
      message: "DATABASE_URL leads to a connection pooler (such as PgBouncer).",
      hint: "A worker needs the direct URL of the same database; --role web and commands may keep this one: add pgbouncer=true to it (?pgbouncer=true).",
    };
  }
  if (code === "28000" && /no encryption/.test(message)) {
    return {
      message: "DATABASE_URL asks for no TLS, which its server demands.",
      hint: "Add sslmode=require to it (?sslmode=require).",
    };
  }
  if (CERTIFICATE.test(code)) {
    return {
      message: `DATABASE_URL asks to check its server's certificate, which does not pass (${code}).`,
      hint: "Name the certificate's authority in NODE_EXTRA_CA_CERTS, or encrypt without the check: sslmode=require.",
    };
  }
  return undefined;
}
