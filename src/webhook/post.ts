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

/** Posts an alert. Throws `alert_refused` where it did not arrive; the address, often a secret, is in no message. */
export async function postAlert(url: URL, message: AlertMessage, signal: AbortSignal): Promise<void> {
  try {
    const answer = await ky.post(url, { json: message, signal, timeout: 15_000, retry: 0, throwHttpErrors: false });
    await answer.body?.cancel();
    if (answer.ok) return;
    throw new SyncError("alert_refused", `Cannot deliver the alert: the webhook answered ${answer.status}`);
  } catch (error) {
    if (error instanceof SyncError || signal.aborted) throw error;
    throw new SyncError("alert_refused", "Cannot deliver the alert: the webhook does not answer", { cause: error });
  }
}
