import { expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig, variables } from "../../src/config.ts";
import { exists, read, SHUTDOWN_SECONDS, seconds } from "./files.ts";

interface Service {
  image: string;
  build?: string;
  profiles?: string[];
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
  env_file?: { path: string; required: boolean }[];
  environment?: Record<string, string>;
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  mem_limit?: string;
  ports?: string[];
  volumes?: string[];
  network_mode?: string;
}

const compose = parse(read("compose.yaml"), { merge: true }) as { services: Record<string, Service> };
const { database, demo, simulators } = compose.services as Record<string, Service>;
const service = compose.services["callcenter-sync"]!;

test("compose.yaml runs the service read-only, without privileges, and leaves a clean shutdown its time", () => {
  for (const one of [service, demo!]) {
    expect(one).toMatchObject({ build: ".", read_only: true, cap_drop: ["ALL"], mem_limit: "512m" });
    expect(seconds(one.stop_grace_period)).toBeGreaterThan(SHUTDOWN_SECONDS);
  }
});

test("compose.yaml starts PostgreSQL first and gives its address", () => {
  expect(database?.image).toBe("postgres:17");
  expect(database?.ports).toBeUndefined();
  expect(service.depends_on).toEqual({ database: { condition: "service_healthy" } });
  expect(service.environment?.DATABASE_URL).toMatch(/@database:5432\/callcenter$/);
});

test("compose.yaml publishes on loopback alone", () => {
  const ports = Object.values(compose.services).flatMap((one) => one.ports ?? []);
  expect(ports.every((port) => port.startsWith("127.0.0.1:"))).toBe(true);
  for (const one of [service, demo!]) expect(one.environment?.PORT).toBe("8080");
});

test("compose.yaml names variables of the contract alone; the rest stands in .env", () => {
  expect(service.env_file).toEqual([{ path: ".env", required: false }]);
  const names = [service, demo!].flatMap((one) => Object.keys(one.environment ?? {}));
  expect(names.filter((name) => !(variables as string[]).includes(name))).toEqual([]);
});

test("the demo of compose.yaml is fully configured and starts only where it is asked for", () => {
  for (const name of ["demo", "demo_database", "simulators"]) {
    expect(compose.services[name]?.profiles).toEqual(["demo"]);
  }
  const config = readConfig(demo?.environment ?? {}, "all");
  const [, script, ...options] = simulators?.command ?? [];
  expect(exists(script ?? "")).toBe(true);
  const option = (name: string) => options[options.indexOf(name) + 1];
  expect(config.PBX_API_URL?.port).toBe(option("--pbx-port"));
  expect(config.GOOGLE_API_ROOT_URL.port).toBe(option("--drive-port"));
  expect(demo?.network_mode).toBe("service:simulators");
  const credentials = config.GOOGLE_DRIVE_CREDENTIALS_PATH.replace("/app/credentials/", "/credentials/");
  expect(option("--credentials")).toBe(credentials);
  expect(demo?.volumes).toContain("simulated_credentials:/app/credentials:ro");
});
