import { collectDefaultMetrics, Registry } from "prom-client";

const registry = new Registry();
let isCollecting = false;

/** Memory, CPU and event loop of this process, in Prometheus' text. */
export function processMetrics(): Promise<string> {
  if (!isCollecting) collectDefaultMetrics({ register: registry });
  isCollecting = true;
  return registry.metrics();
}
