import { prune } from "../src/store/prune.ts";
import { defineTask } from "../src/worker/define_task.ts";

/** Forgets old history; calls, counts and gaps stay. */
export default defineTask("prune", async (_payload, { sql }) => ({
  done: "Old history forgotten",
  context: { rows: await prune(sql) },
}));
