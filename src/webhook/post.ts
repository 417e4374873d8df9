import ky from "ky";
import { SyncError } from "../errors.ts";

/** What an alert says; Slack and its like read `text`. `since` is ISO 8601 in business time. */
export interface AlertMessage {
  text: string;
  kind: string;
  subject: string;
  reason: string;
  hint: string;
  since: string;
}

/**
 * Posts an alert; a user and a password in the address go as HTTP Basic. Throws `alert_refused` where it did not arrive; the address, often
 * a secret, is in no message.
 */
export async function postAlert(address: URL, message: AlertMessage, signal: AbortSignal): Promise<void> {
  const { url, headers } = withoutCredentials(address);
  try {
    // Followed, a redirect would turn the POST into a GET: its 200 would say nothing of the alert.
    const how = { timeout: 15_000, retry: 0, throwHttpErrors: false, redirect: "manual" } as const;
    const answer = await ky.post(url, { ...how, json: message, headers, signal });
    await answer.body?.cancel();
    if (answer.ok) return;
    const isMoved = answer.status >= 300 && answer.status < 400;
    const advice = isMoved ? ": it leads elsewhere, and ALERT_WEBHOOK_URL must be the final address" : "";
    throw new SyncError("alert_refused", `Cannot deliver the alert: the webhook answered ${answer.status}${advice}`);
  } catch (error) {
    if (error instanceof SyncError || signal.aborted) throw error;
    throw new SyncError("alert_refused", "Cannot deliver the alert: the webhook does not answer", { cause: error });
  }
}

/** fetch() takes no address with credentials in it. */
function withoutCredentials(address: URL): { url: URL; headers: Record<string, string> } {
  const { username, password } = address;
  if (username === "" && password === "") return { url: address, headers: {} };
  const url = new URL(address);
  url.username = "";
  url.password = "";
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { url, headers: { Authorization: `Basic ${credentials.toString("base64")}` } };
}
