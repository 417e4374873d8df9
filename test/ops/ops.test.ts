import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processMetrics } from "../../src/start/process_metrics.ts";
import { type Client, openClient } from "../http/client.ts";

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const ALERTS = fileOf("../../ops/alerts.yml");

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { uid: string };
  targets?: { expr: string; datasource: { uid: string } }[];
}

const dashboard = JSON.parse(readFileSync(fileOf("../../ops/grafana-dashboard.json"), "utf8")) as {
  panels: Panel[];
  uid: string;
};
const alerts = readFileSync(ALERTS, "utf8");

let client: Client;
/** Each name that /metrics knows, with the values that its labels have. */
let known: Map<string, Map<string, Set<string>>>;
beforeAll(async () => {
  client = await openClient();
  const { sql } = client.database;
  await sql`insert into "CallCenterRecord" ("uuid", "recordingPath", "uploadRetryCount") values ('a', 'a.wav', 3)`;
  known = namesOf((await client.but({ processMetrics }).ask("/metrics")).text);
});
afterAll(() => client.close());

function namesOf(text: string): Map<string, Map<string, Set<string>>> {
  const names = new Map<string, Map<string, Set<string>>>();
  const labelsOf = (name: string) => names.get(name) ?? names.set(name, new Map()).get(name)!;
  for (const line of text.split("\n")) {
    const described = /^# TYPE (\w+)/.exec(line);
    const sample = /^(\w+)(?:\{(.*)\})? /.exec(line);
    if (described) labelsOf(described[1]!);
    if (!sample) continue;
    const labels = labelsOf(sample[1]!);
    for (const [, label, value] of (sample[2] ?? "").matchAll(/(\w+)="([^"]*)"/g)) {
      labels.set(label!, (labels.get(label!) ?? new Set()).add(value!));
    }
  }
  return names;
}

/** What a PromQL expression asks for that does not exist. */
function unknownIn(expr: string): string[] {
  const faults: string[] = [];
  for (const [, name, selector] of expr.matchAll(/\b((?:callcenter|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)) {
    const labels = known.get(name!);
    if (!labels) faults.push(name!);
    for (const [, label, operator, value] of (selector ?? "").matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
      const wanted = operator === "=~" ? value!.split("|") : [value!];
      for (const one of wanted) if (!labels?.get(label!)?.has(one)) faults.push(`${name}{${label}="${one}"}`);
    }
  }
  return faults;
}

describe("the Grafana dashboard", () => {
  const panels = dashboard.panels.filter(({ type }) => type !== "row");

  test.each(panels.map((panel) => [panel.title, panel] as const))(
    "%s asks for metrics and labels that exist",
    (_, panel) => {
      expect(panel.targets?.length).toBeGreaterThan(0);
      for (const { expr, datasource } of panel.targets ?? []) {
        expect(unknownIn(expr), expr).toEqual([]);
        expect(datasource.uid).toMatch(/^\$\{datasource\}$/);
      }
    },
  );

  test("shows every metric that comes from PostgreSQL", () => {
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
    const shown = (name: string) => new RegExp(`\\b${name}`).test(asked);
    const elsewhere = ["callcenter_database_up", "callcenter_sync_enabled", "callcenter_drive_enabled"];
    const names = [...known.keys()].filter((name) => name.startsWith("callcenter_") && !elsewhere.includes(name));
    expect(names.filter((name) => !shown(name))).toEqual([]);
  });

  test("has panels that do not cover each other, each with an id of its own", () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const [index, { title, gridPos: a }] of dashboard.panels.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of dashboard.panels.slice(index + 1)) {
        const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(isApart, title).toBe(true);
      }
    }
  });
});

describe("the alert rules", () => {
  const rules = alerts.split(/^ {6}- alert: /m).slice(1);

  test.each(rules.map((rule) => [rule.split("\n")[0]!, rule]))(
    "%s asks for metrics that exist, and says what to do",
    (_, rule) => {
      expect(unknownIn(rule.slice(rule.indexOf("expr:"), rule.indexOf("for:")))).toEqual([]);
      expect(rule).toMatch(/for: \d+[mhd]\n/);
      expect(rule).toMatch(/severity: (critical|warning|info) /);
      expect(rule).toMatch(/summary: .+\n\s+description: .+/);
    },
  );

  const promtool = (...parameters: string[]) => spawnSync("promtool", parameters, { encoding: "utf8" });
  const isMissing = promtool("--version").error !== undefined;

  test.skipIf(isMissing && !process.env.CI)("are what promtool calls rules, and fire when they should", () => {
    for (const parameters of [
      ["check", "rules", ALERTS],
      ["test", "rules", fileOf("alerts.promtool.yml")],
    ]) {
      const { status, stdout, stderr, error } = promtool(...parameters);
      expect(error, "Debian's package prometheus has promtool").toBeUndefined();
      expect(status, `${stdout}${stderr}`).toBe(0);
    }
  });
});
