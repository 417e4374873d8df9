import * as v from "valibot";
import { SyncError } from "../errors.ts";

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

const Credentials = v.union([ServiceAccount, AuthorizedUser]);
export type Credentials = v.InferOutput<typeof Credentials>;

/** Reads a service account's key or a user's OAuth credentials; throws `drive_credentials` for anything else. */
export function readCredentials(json: unknown): Credentials {
  const parsed = v.safeParse(Credentials, json);
  if (parsed.success) return parsed.output;
  throw new SyncError("drive_credentials", `Cannot use the Google credentials: ${flawOf(json)}`);
}

/** True for what `readCredentials` takes. */
export const areCredentials = (json: unknown): boolean => v.is(Credentials, json);

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
