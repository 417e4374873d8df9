import { drive_v3 } from "@googleapis/drive";
import { JWT, UserRefreshClient } from "google-auth-library";
import * as v from "valibot";
import { SyncError } from "../errors.ts";

/** All of Drive: with `drive.file`, a folder that a person shared would not be seen. */
const SCOPE = "https://www.googleapis.com/auth/drive";

const Text = v.pipe(v.string(), v.nonEmpty());

const ServiceAccount = v.object({
  type: v.literal("service_account"),
  client_email: Text,
  private_key: Text,
  private_key_id: v.optional(v.string()),
  token_uri: v.optional(v.string()),
});

/** As gcloud writes it, or Python's `Credentials.to_json()`, which names no type. */
const AuthorizedUser = v.object({
  type: v.optional(v.literal("authorized_user"), "authorized_user"),
  client_id: Text,
  client_secret: Text,
  refresh_token: Text,
  token_uri: v.optional(v.string()),
});

export type Credentials = v.InferOutput<typeof ServiceAccount> | v.InferOutput<typeof AuthorizedUser>;

/** Reads a service account's key or a user's OAuth credentials; throws `drive_credentials` for anything else. */
export function readCredentials(json: unknown): Credentials {
  const parsed = v.safeParse(v.union([ServiceAccount, AuthorizedUser]), json);
  if (parsed.success) return parsed.output;
  throw new SyncError("drive_credentials", `Cannot use the Google credentials: ${flawOf(json)}`);
}

function flawOf(json: unknown): string {
  if (typeof json !== "object" || json === null) return "they are no JSON object";
  if ("missing" in json) return String(json.missing);
  if ("installed" in json || "web" in json) return "they are an OAuth client without a user's consent (refresh_token)";
  const wanted = "wanted: a service account's key, or an authorized user with a refresh_token";
  const { type } = json as { type?: unknown };
  const isKnown = type === "service_account" || type === "authorized_user";
  return isKnown
    ? `fields are missing (type ${type})`
    : `their type is ${JSON.stringify(type) ?? "missing"}; ${wanted}`;
}

/** One sign-in: it fetches tokens when it needs them and again before they expire. */
export interface Login {
  client: JWT | UserRefreshClient;
  api: drive_v3.Drive;
}

/** Signs in, for `subject` where a service account acts for a user. Sends nothing before the first call. */
export function makeLogin(credentials: Credentials, subject: string | undefined, fetchToken: typeof fetch): Login {
  // The library would try again by itself, on top of our own patience.
  const transporterOptions = { fetchImplementation: fetchToken, retryConfig: { retry: 0 } };
  if (credentials.type === "authorized_user") {
    const { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken } = credentials;
    const client = new UserRefreshClient({ clientId, clientSecret, refreshToken, transporterOptions });
    return { client, api: new drive_v3.Drive({ auth: client }) };
  }
  const { client_email: email, private_key, private_key_id: keyId } = credentials;
  const key = private_key.replaceAll("\\n", "\n");
  const scopes = [SCOPE];
  const client = new JWT({
    email,
    key,
    scopes,
    transporterOptions,
    ...(keyId && { keyId }),
    ...(subject && { subject }),
  });
  return { client, api: new drive_v3.Drive({ auth: client }) };
}
