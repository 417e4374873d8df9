import { isoInZone } from "../src/day.ts";
import { plain } from "../src/log.ts";
import { findAlert, noteDelivery } from "../src/store/alerts.ts";
import { postAlert } from "../src/webhook/post.ts";
import { defineTask } from "../src/worker/define_task.ts";

/** Delivers one alert, or the message that its cause is over. A cause that was over before it was told is not told. */
export default defineTask("send_alert", async ({ alertId, cleared }, { sql, config, redact, zone, signal }) => {
  const alert = await findAlert(sql, alertId);
  if (!alert || !config.ALERT_WEBHOOK_URL) return { done: "No alert to deliver", level: "debug" };
  if (cleared ? !alert.isSent : alert.isSent || alert.isCleared) return { done: "No alert to deliver", level: "debug" };
  const { kind, subject } = alert;
  const reason = redact(plain(alert.reason, 500));
  const text = cleared
    ? `Over: ${kind} (${subject})`
    : `${kind} (${subject}): ${/[.!?…]$/.test(reason) ? reason : `${reason}.`} ${alert.hint}`;
  const message = { text, kind, subject, reason: cleared ? "It is over." : reason, hint: cleared ? "" : alert.hint };
  try {
    await postAlert(config.ALERT_WEBHOOK_URL, { ...message, since: isoInZone(alert.since, zone) }, signal);
  } catch (error) {
    await noteDelivery(sql, alertId, { cleared, error: redact((error as Error).message) });
    throw error;
  }
  await noteDelivery(sql, alertId, { cleared, error: null });
  return { done: cleared ? "Alert cleared" : "Alert delivered", context: { kind, subject } };
});
