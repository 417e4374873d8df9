import { Hono } from "hono";
import * as v from "valibot";
import type { Neighbour } from "../errors.ts";
import { type Circuit, type Condition, type LastSync, readCondition } from "../store/health.ts";
import { within } from "../within.ts";
import { keptAnswers } from "./cached.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { describe } from "./describe.ts";
import { HealthSchema } from "./health_shape.ts";
import { databaseProblem, Problem, problems } from "./problem.ts";
import { hintOf } from "./shown.ts";

/** A monitor waits some seconds; a database that is down must not make it wait in vain. */
const DATABASE_MS = 1_500;

type Health = v.InferOutput<typeof HealthSchema>;

const tags = ["Health"];
const described = {
  live: describe({
    tags,
    open: true,
    summary: "Whether the process can answer",
    description: "Touches nothing else: for platforms, which restart on it.",
    answers: { 200: { description: "It can.", schema: v.strictObject({ status: v.literal("alive") }) } },
  }),
  health: describe({
    tags,
    open: true,
    summary: "How the service is",
    description: "For people and monitors. Asks neither the PBX nor Google: it tells their last word.",
    answers: {
      200: { description: "`healthy` or `degraded`.", schema: HealthSchema },
      503: { description: "`unhealthy`: no database, or no worker alive.", schema: HealthSchema },
    },
  }),
};

export function healthRoutes({ sql, log }: HttpContext): Hono<HttpEnv> {
  const condition = keptAnswers<Condition>(0);
  const late = () => new Problem("database_unavailable", "The database did not answer in time.");
  return new Hono<HttpEnv>()
    .get("/health/live", described.live, (c) => c.json({ status: "alive" }))
    .get("/health", described.health, async (c) => {
      try {
        const health = judge(
          await within(
            DATABASE_MS,
            condition("", () => readCondition(sql)),
            late,
          ),
        );
        return c.json(health, health.status === "unhealthy" ? 503 : 200);
      } catch (error) {
        const code = error instanceof Problem ? error.code : databaseProblem(error);
        if (code === "internal") throw error;
        log.named("callcenter.http").warn("The database does not answer", { request_id: c.get("requestId"), code });
        return c.json(withoutDatabase(code), 503);
      }
    });
}

function withoutDatabase(code: keyof typeof problems): Health {
  const unknown = { status: "unknown" } as const;
  return {
    status: "unhealthy",
    scheduler: unknown,
    database: { status: "failing", reason: code, hint: problems[code].hint },
    google_drive: unknown,
    pbx: unknown,
    last_sync: unknown,
  };
}

function judge(condition: Condition): Health {
  const { circuits, driveEnabled, workersAlive } = condition;
  const of = (...names: Neighbour[]) => neighbourPart(circuits.filter(({ neighbour }) => names.includes(neighbour)));
  const parts = {
    scheduler: schedulerPart(condition),
    database: { status: "ok" as const },
    google_drive: driveEnabled ? of("drive") : { status: "disabled" as const },
    pbx: of("pbx_api", "pbx_recordings"),
    last_sync: lastSyncPart(condition.lastSync),
  };
  const isBad = Object.values(parts).some((part) => "reason" in part);
  return { status: workersAlive === 0 ? "unhealthy" : isBad ? "degraded" : "healthy", ...parts };
}

function schedulerPart(condition: Condition): Health["scheduler"] {
  const { workersAlive, lastHeartbeatAt, syncEnabled, missedNight } = condition;
  const nextRunAt = syncEnabled ? nextRun(condition) : undefined;
  const facts = {
    workers: workersAlive,
    ...(lastHeartbeatAt && { last_heartbeat_at: lastHeartbeatAt.toISOString() }),
    ...(nextRunAt && { next_run_at: nextRunAt.toISOString() }),
  };
  const failing = (reason: string, hint: string) => ({ status: "failing" as const, ...facts, reason, hint });
  if (workersAlive === 0) {
    return failing("no_worker", "Nothing is fetched or uploaded. Start a worker (npm start), or look at its log.");
  }
  if (!syncEnabled) {
    const hint = "CALLCENTER_SYNC_ENABLED=false: nothing is scheduled. Jobs queued by hand run.";
    return { status: "disabled", ...facts, reason: "sync_disabled", hint };
  }
  if (missedNight) {
    return failing(
      "nightly_run_missing",
      `The nightly run for ${missedNight} did not happen: fetch the day with POST /backfill.`,
    );
  }
  if (!nextRunAt)
    return failing(
      "schedule_unknown",
      "The next nightly run is not known: look at the crontab and restart the worker.",
    );
  return { status: "ok", ...facts };
}

/** When the nightly run is due: every day at one time, or what the last worker noted at its start. */
function nextRun({ nextNightlyRunAt, schedule, now }: Condition): Date | undefined {
  if (nextNightlyRunAt) return nextNightlyRunAt;
  return (schedule.daily_sync ?? []).map((text) => new Date(text)).find((at) => at > now);
}

function neighbourPart(circuits: readonly Circuit[]): Health["pbx"] {
  const open = circuits.find(({ isOpen }) => isOpen);
  const heard = circuits
    .flatMap(({ lastSuccessAt }) => lastSuccessAt ?? [])
    .sort((a, b) => b.getTime() - a.getTime())[0];
  const facts = heard && { last_success_at: heard.toISOString() };
  if (open?.code) {
    const { code, since } = open;
    return { status: "failing", since: since.toISOString(), ...facts, reason: code, hint: hintOf(code) };
  }
  return { status: heard ? "ok" : "unknown", ...facts };
}

function lastSyncPart(sync: LastSync | null): Health["last_sync"] {
  if (!sync) return { status: "none" };
  const reason = sync.status === "completed" || sync.isMended ? undefined : (sync.errorCode ?? `sync_${sync.status}`);
  return {
    status: sync.status,
    day: sync.day,
    sync_type: sync.syncType,
    ...(sync.endedAt && { ended_at: new Date(sync.endedAt).toISOString() }),
    total_records: sync.totalRecords,
    success_count: sync.successCount,
    failed_count: sync.failedCount,
    ...(reason && { reason, hint: hintOf(reason) }),
  };
}
