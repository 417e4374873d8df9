import { drive_v3 } from "@googleapis/drive";
import { JWT, UserRefreshClient } from "google-auth-library";
import type { Credentials } from "./credentials.ts";

/** All of Drive: with `drive.file`, a folder that a person shared would not be seen. */
const SCOPE = "https://www.googleapis.com/auth/drive";

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
