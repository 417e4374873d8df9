import { retryUploads } from "../src/store/recordings.ts";
import { defineTask } from "../src/worker/define_task.ts";

/** A new round of attempts for recordings without a link, those tried longest ago first. */
export default defineTask("retry_uploads", async ({ limit, force }, { sql, drive }) => {
  if (!drive) return { done: "Nothing to upload: Google Drive is disabled" };
  const { length: queued } = await retryUploads(sql, { limit, force });
  return { done: "Uploads queued again", context: { queued, force } };
});
