import { setTimeout as pause } from "node:timers/promises";
import type { ProveWorld } from "./world.ts";

/** Asks for every day, as anybody would with psql, spread over this time: there is always something left to do. */
export async function requestDayByDay({ ask, plan }: ProveWorld, withinMs: number): Promise<void> {
  for (const day of plan.days) {
    await addJob(ask, "daily_sync", { dateFrom: day, dateTo: day });
    await pause(withinMs / plan.days.length);
  }
}

/** What people ask for meanwhile, often more than once and at the same time. Returns how many requests that were. */
export async function requestSomething({ ask, plan, pbx }: ProveWorld): Promise<number> {
  const { random, days } = plan;
  const from = random.between(0, days.length - 1);
  const range = { dateFrom: days[from], dateTo: days[random.between(from, days.length - 1)] };
  const uuid = random.pick([...pbx.calls]).uuid;
  const [task, payload] = random.pick<[string, object]>([
    ["daily_sync", range],
    ["daily_sync", range],
    ["daily_sync", {}],
    ["daily_sync", { ...range, syncType: "retry" }],
    ["missing_check", {}],
    ["missing_check", { daysBack: days.length }],
    ["retry_syncs", {}],
    ["retry_uploads", {}],
    ["retry_uploads", { force: true }],
    ["upload_recording", { uuid }],
    ["verify_drive", {}],
    ["prune", {}],
    ["daily_sync", { dateFrom: "2024-02-30" }],
  ]);
  const times = random.between(1, 3);
  await Promise.all(Array.from({ length: times }, () => addJob(ask, task, payload)));
  return times;
}

async function addJob(ask: ProveWorld["ask"], task: string, payload: object): Promise<void> {
  await ask("select graphile_worker.add_job($1, $2::json)", [task, JSON.stringify(payload)]);
}
