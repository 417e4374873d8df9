import { collectDefaultMetrics, Registry } from "prom-client";

const registry = new Registry();
let isCollecting = false;

/** Gauges that are named like counters, which `promtool check metrics` refuses; each has a twin with a type. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Memory, CPU and event loop of this process, in Prometheus' text. */
export function processMetrics(): Promise<string> {
  if (!isCollecting) {
    collectDefaultMetrics({ register: registry });
    for (const name of MISNAMED) registry.removeSingleMetric(name);
  }
  isCollecting = true;
  return registry.metrics();
}
