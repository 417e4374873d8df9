import { parse } from "smol-toml";
import { expect, test } from "vitest";
import { pbxVariables, readConfig, variables } from "../../src/config.ts";
import { exists, namesIn, read, SHUTDOWN_SECONDS, seconds } from "./files.ts";

interface Check {
  path: string;
  port?: number;
  processes?: string[];
  method: string;
}

interface Fly {
  kill_signal: string;
  kill_timeout: string;
  build: { dockerfile: string };
  deploy: { release_command: string };
  env: Record<string, string>;
  processes: Record<string, string>;
  http_service: {
    processes: string[];
    internal_port: number;
    force_https: boolean;
    auto_stop_machines: string;
    min_machines_running: number;
    checks: Check[];
  };
  checks: Record<string, Check>;
  vm: { size: string; memory: string; processes: string[] }[];
}

const text = read("fly.toml");
const fly = parse(text) as unknown as Fly;
const groups = Object.keys(fly.processes);

test("fly.toml starts the halves of the service, and the migrations before them, with commands of the image", () => {
  expect(fly.build.dockerfile).toBe("Dockerfile");
  expect(groups).toEqual(["web", "worker"]);
  for (const [role, command] of Object.entries(fly.processes)) {
    expect(`exec ${command}`).toBe(`${JSON.parse(read("package.json")).scripts.start} --role ${role}`);
  }
  expect(exists("src/start/container.ts")).toBe(true);
  expect(fly.deploy.release_command).toBe("callcenter-sync migrate");
  expect(exists("src/cli/commands/migrate.ts")).toBe(true);
});

test("fly.toml never stops a machine for idleness, and leaves a clean shutdown its time", () => {
  expect(fly.http_service).toMatchObject({ auto_stop_machines: "off", min_machines_running: 1, force_https: true });
  expect(fly.http_service.processes).not.toContain("worker");
  expect(fly.kill_signal).toBe("SIGTERM");
  expect(seconds(fly.kill_timeout)).toBeGreaterThan(SHUTDOWN_SECONDS);
});

test("fly.toml checks every process on /health/live, which needs no database", () => {
  const checks = [
    ...fly.http_service.checks.map((check) => ({
      ...check,
      ...fly.http_service,
      port: fly.http_service.internal_port,
    })),
    ...Object.values(fly.checks),
  ];
  for (const check of checks) {
    expect(check).toMatchObject({ method: "GET", path: "/health/live", port: Number(fly.env.PORT) });
  }
  expect(checks.flatMap(({ processes }) => processes).sort()).toEqual(groups);
});

test("fly.toml runs the smallest machine that a night fits into", () => {
  expect(fly.vm).toHaveLength(1);
  expect(fly.vm[0]).toEqual({ size: "shared-cpu-1x", memory: "512mb", processes: groups });
});

test("fly.toml names variables of the contract alone, every secret in a comment and none as a value", () => {
  const secrets = ["DATABASE_URL", "API_TOKEN", ...pbxVariables({}), "GOOGLE_DRIVE_CREDENTIALS_JSON", "METRICS_TOKEN"];
  const names = namesIn(text);
  expect(names.filter((name) => !(variables as string[]).includes(name))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(secrets));
  expect(Object.keys(fly.env).filter((name) => secrets.includes(name))).toEqual([]);
  expect(() => readConfig({ ...fly.env, DATABASE_URL: "postgres://localhost/x" }, "web")).not.toThrow();
});
