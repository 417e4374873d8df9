import { createPublicKey, generateKeyPair, randomBytes, verify } from "node:crypto";
import { promisify } from "node:util";
import { refusal, tokenRefusal } from "./drive_refusals.ts";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token";
const SKEW_SECONDS = 300;

/** Who calls: a service account itself owns no storage; acting for a subject it is that user. */
export interface Caller {
  kind: "service" | "user";
  email: string;
  scopes: Set<string>;
  accessToken: string;
}

/** Everything secret that a fake Drive knows; plain JSON. */
export interface Secrets {
  privateKey: string;
  privateKeyId: string;
  clientEmail: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
}

let sharedKey: Promise<string> | null = null;

/** New secrets. The RSA key is made once a process: it takes longer than everything else. */
export async function makeSecrets(): Promise<Secrets> {
  sharedKey ??= promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  }).then((pair) => pair.privateKey);
  return {
    privateKey: await sharedKey,
    privateKeyId: randomBytes(20).toString("hex"),
    clientEmail: "callcenter-sync@fake-project.iam.gserviceaccount.com",
    clientId: "123456789012-fake.apps.googleusercontent.com",
    clientSecret: `GOCSPX-${randomBytes(18).toString("base64url")}`,
    refreshToken: `1//${randomBytes(48).toString("base64url")}`,
  };
}

export interface AccountsOptions {
  secrets: Secrets;
  tokenUrl: string;
  /** Users for whom the service account may act. */
  subjects: string[];
  /** The user behind the authorized-user credentials. */
  userEmail: string;
  now: () => number;
}

/** Google's side of OAuth: credentials, grants, access tokens. */
export class Accounts {
  lifetimeSeconds = 3599;
  #options: AccountsOptions;
  #publicKey: ReturnType<typeof createPublicKey>;
  #tokens = new Map<string, { caller: Caller; expiresAt: number }>();
  #isRefreshTokenRevoked = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#publicKey = createPublicKey(options.secrets.privateKey);
  }

  serviceAccountCredentials() {
    const { secrets, tokenUrl } = this.#options;
    return {
      type: "service_account",
      project_id: "fake-project",
      private_key_id: secrets.privateKeyId,
      private_key: secrets.privateKey,
      client_email: secrets.clientEmail,
      client_id: "104000000000000000000",
      auth_uri: "https://accounts.google.com/o/oauth2/auth",
      token_uri: tokenUrl,
      universe_domain: "googleapis.com",
    };
  }

  authorizedUserCredentials() {
    const { secrets, tokenUrl } = this.#options;
    const { clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token } = secrets;
    return { type: "authorized_user", client_id, client_secret, refresh_token, token_uri: tokenUrl };
  }

  /** Answers a token request, or refuses it in OAuth's words. */
  grant(form: URLSearchParams) {
    const caller = this.#callerOf(form);
    const accessToken = `ya29.${randomBytes(64).toString("base64url")}`;
    const now = this.#options.now();
    for (const [token, { expiresAt }] of this.#tokens) if (expiresAt <= now) this.#tokens.delete(token);
    const expiresAt = now + this.lifetimeSeconds * 1000;
    this.#tokens.set(accessToken, { caller: { ...caller, accessToken }, expiresAt });
    const scope = [...caller.scopes].join(" ");
    return { access_token: accessToken, expires_in: this.lifetimeSeconds, scope, token_type: "Bearer" };
  }

  /** The caller behind an access token; refuses a missing, unknown, expired or revoked one. */
  identify(accessToken: string | null): Caller {
    const known = accessToken === null ? undefined : this.#tokens.get(accessToken);
    if (known && known.expiresAt > this.#options.now()) return known.caller;
    const message = accessToken === null ? "Login Required." : "Invalid Credentials";
    throw refusal("authError", { message, location: "Authorization", locationType: "header" });
  }

  /** Revokes an access token or the refresh token; false when it knows none such. */
  revoke(token: string): boolean {
    if (token !== this.#options.secrets.refreshToken) return this.#tokens.delete(token);
    this.revokeRefreshToken();
    return true;
  }

  revokeAccessTokens(): void {
    this.#tokens.clear();
  }

  revokeRefreshToken(): void {
    this.#isRefreshTokenRevoked = true;
    this.#tokens.clear();
  }

  #callerOf(form: URLSearchParams): Omit<Caller, "accessToken"> {
    switch (form.get("grant_type")) {
      case JWT_BEARER:
        return this.#readAssertion(form.get("assertion") ?? "");
      case "refresh_token":
        return this.#readRefreshToken(form);
      default:
        throw tokenRefusal("unsupported_grant_type", `Invalid grant_type: ${form.get("grant_type") ?? ""}`);
    }
  }

  #readRefreshToken(form: URLSearchParams): Omit<Caller, "accessToken"> {
    const { secrets, userEmail } = this.#options;
    if (form.get("client_id") !== secrets.clientId) {
      throw tokenRefusal("invalid_client", "The OAuth client was not found.");
    }
    if (form.get("client_secret") !== secrets.clientSecret) throw tokenRefusal("invalid_client", "Unauthorized");
    if (form.get("refresh_token") !== secrets.refreshToken || this.#isRefreshTokenRevoked) {
      throw tokenRefusal("invalid_grant", "Token has been expired or revoked.");
    }
    return { kind: "user", email: userEmail, scopes: new Set(["https://www.googleapis.com/auth/drive"]) };
  }

  #readAssertion(assertion: string): Omit<Caller, "accessToken"> {
    const { secrets, subjects } = this.#options;
    const claims = this.#verify(assertion);
    if (claims.iss !== secrets.clientEmail) {
      throw tokenRefusal("invalid_grant", "Invalid grant: account not found");
    }
    const scopes = String(claims.scope ?? "").split(" ");
    if (scopes[0] === "") throw tokenRefusal("invalid_scope", "Empty or missing scope not allowed.");
    if (claims.sub === undefined || claims.sub === claims.iss) {
      return { kind: "service", email: secrets.clientEmail, scopes: new Set(scopes) };
    }
    if (!subjects.includes(String(claims.sub))) {
      const reason = "Client is unauthorized to retrieve access tokens using this method, ";
      throw tokenRefusal("unauthorized_client", `${reason}or client not authorized for any of the scopes requested.`);
    }
    return { kind: "user", email: String(claims.sub), scopes: new Set(scopes) };
  }

  #verify(assertion: string): Record<string, unknown> {
    const [head = "", body = "", signature = ""] = assertion.split(".");
    const header = readSegment(head);
    const claims = readSegment(body);
    const isSigned =
      header.alg === "RS256" &&
      verify("RSA-SHA256", Buffer.from(`${head}.${body}`), this.#publicKey, Buffer.from(signature, "base64url"));
    if (!isSigned) throw tokenRefusal("invalid_grant", "Invalid JWT Signature.");
    if (![this.#options.tokenUrl, GOOGLE_TOKEN_URL].includes(String(claims.aud))) {
      throw tokenRefusal("invalid_grant", "Invalid JWT: Failed audience check.");
    }
    const [issued, expires, now] = [Number(claims.iat), Number(claims.exp), this.#options.now() / 1000];
    const isTimely = issued <= now + SKEW_SECONDS && expires > now - SKEW_SECONDS && expires - issued <= 3600;
    if (isTimely && expires > issued) return claims;
    const advice = "Check your iat and exp values in the JWT claim.";
    const rule = "Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
    throw tokenRefusal("invalid_grant", `Invalid JWT: ${rule} ${advice}`);
  }
}

function readSegment(segment: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
    if (value !== null && typeof value === "object") return value as Record<string, unknown>;
  } catch {}
  throw tokenRefusal("invalid_grant", "Invalid JWT: Failed to decode.");
}
