import { raiseAlerts } from "../src/store/alerts.ts";
import { defineTask } from "../src/worker/define_task.ts";

/** What newly needs a person, or no longer does, becomes one `send_alert` job. */
export default defineTask("raise_alerts", async (_payload, { sql }) => {
  const { raised, cleared } = await raiseAlerts(sql);
  return { done: "Attention checked", level: raised + cleared > 0 ? "info" : "debug", context: { raised, cleared } };
});
