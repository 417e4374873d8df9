import { expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import { ConfigError } from "../src/errors.ts";

const WORKER = {
  DATABASE_URL: "postgres://u:database-password@localhost/db",
  PBX_API_URL: "https://pbx.example.com/api/v2/cdrs",
  PBX_DOMAIN: "tenant",
  PBX_API_KEY: "pbx-secret-key",
  PBX_RECORDING_BASE_URL: "https://pbx.example.com/recordings",
};

const problemsOf = (environment: Record<string, string>, role: "all" | "web" | "worker" = "worker") => {
  try {
    readConfig(environment, role);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
};

test("readConfig() has the defaults of the contract", () => {
  expect(readConfig(WORKER, "all")).toMatchObject({
    TIMEZONE: "Asia/Ho_Chi_Minh",
    PORT: 8080,
    HOST: "0.0.0.0",
    PBX_DIALECT: "auto",
    PBX_AUTH: "bearer",
    PBX_TLS_INSECURE: false,
    PBX_CONCURRENCY: 2,
    GOOGLE_DRIVE_ENABLED: true,
    GOOGLE_DRIVE_CREDENTIALS_PATH: "/app/credentials/google-credentials.json",
    GOOGLE_DRIVE_FOLDER_LAYOUT: "flat",
    UPLOAD_CONCURRENCY: 4,
    CALLCENTER_SYNC_ENABLED: true,
    CALLCENTER_MAX_RETRIES: 3,
    CALLCENTER_BATCH_SIZE: 200,
    CALLCENTER_DEFAULT_DAYS_BACK: 30,
    LOG_LEVEL: "info",
  });
});

test("readConfig() names every bad variable in one message and shows no value", () => {
  const message = problemsOf({
    ...WORKER,
    TIMEZONE: "Mars/Olympus",
    PORT: "eighty",
    PBX_API_URL: "ftp://hidden.example.com",
    CALLCENTER_DAILY_SYNC_HOUR: "24",
    GOOGLE_DRIVE_ENABLED: "perhaps",
    GOOGLE_DRIVE_FOLDER_LAYOUT: "{YEAR}",
  });
  for (const name of [
    "TIMEZONE",
    "PORT",
    "PBX_API_URL",
    "CALLCENTER_DAILY_SYNC_HOUR",
    "GOOGLE_DRIVE_ENABLED",
    "GOOGLE_DRIVE_FOLDER_LAYOUT",
  ]) {
    expect(message).toContain(name);
  }
  for (const value of ["Mars", "eighty", "hidden", "24\n", "perhaps", "YEAR}"]) expect(message).not.toContain(value);
});

test("readConfig() wants a PostgreSQL URL, with an sslmode that means something", () => {
  expect(problemsOf({ ...WORKER, DATABASE_URL: "mysql://localhost/x" })).toContain("DATABASE_URL must be a PostgreSQL");
  expect(problemsOf({ ...WORKER, DATABASE_URL: "postgres://h/x?sslmode=banana" })).toContain(
    "DATABASE_URL must have an",
  );
  expect(problemsOf({ ...WORKER, DATABASE_URL: "postgresql://h/x?schema=kata&sslmode=require" })).toBe("");
  for (const password of ["50%off", "a%ff"]) {
    const problems = problemsOf({ ...WORKER, DATABASE_URL: `postgres://u:${password}@h/x` });
    expect(problems).toContain("DATABASE_URL must write a % in its user, password or database as %25");
  }
  expect(problemsOf({ ...WORKER, DATABASE_URL: "postgres://u:50%25off@h/x" })).toBe("");
});

test("readConfig() wants a database URL whose parameters can be used", () => {
  const problems = (query: string) => problemsOf({ ...WORKER, DATABASE_URL: `postgres://h/x?${query}` });
  for (const port of ["abc", "0", "65536", ""]) expect(problems(`port=${port}`)).toContain("must have a port");
  expect(problems("schema=")).toContain("DATABASE_URL must name a schema");
  expect(problems("schema=app&pgbouncer=true")).toContain(
    "DATABASE_URL must not have both pgbouncer=true and a schema",
  );
  for (const query of ["schema=public&pgbouncer=true", "schema=app&pgbouncer=false", "port=6432", "sslmode=require"])
    expect(problems(query)).toBe("");
});

test("readConfig() wants a webhook whose user and password can be read", () => {
  const problems = problemsOf({ ...WORKER, ALERT_WEBHOOK_URL: "https://bot:50%off@h/x" });
  expect(problems).toContain("ALERT_WEBHOOK_URL must write a % in its user or password as %25");
  expect(problemsOf({ ...WORKER, ALERT_WEBHOOK_URL: "https://bot:50%25off@h/hook%" })).toBe("");
});

test("readConfig() asks a role only for what it uses", () => {
  expect(problemsOf({ DATABASE_URL: WORKER.DATABASE_URL }, "web")).toBe("");
  const message = problemsOf({ DATABASE_URL: WORKER.DATABASE_URL }, "worker");
  for (const name of ["PBX_API_URL", "PBX_DOMAIN", "PBX_API_KEY", "PBX_RECORDING_BASE_URL"])
    expect(message).toContain(name);
  expect(problemsOf({ ...WORKER, PBX_API_KEY: "", PBX_AUTH: "none" })).toBe("");
});

test("readConfig() without DATABASE_URL says what to set and names the demo", () => {
  const message = problemsOf({}, "all");
  expect(message).toContain("DATABASE_URL is not set");
  expect(message).toContain("npm run demo");
});

test("an empty variable counts as unset", () => {
  const config = readConfig({ ...WORKER, CALLCENTER_MAX_RETRIES: " ", API_TOKEN: "" }, "all");
  expect([config.CALLCENTER_MAX_RETRIES, config.API_TOKEN]).toEqual([3, undefined]);
});

test("what is on or off is read as Python's pydantic does", () => {
  const read = (PBX_TLS_INSECURE: string) => readConfig({ ...WORKER, PBX_TLS_INSECURE }, "all").PBX_TLS_INSECURE;
  for (const word of ["true", "T", "yes", "Y", "on", "1"]) expect(read(word)).toBe(true);
  for (const word of ["False", "f", "NO", "n", "off", "0"]) expect(read(word)).toBe(false);
});

test("basic authentication wants user:password", () => {
  expect(problemsOf({ ...WORKER, PBX_AUTH: "basic" })).toContain("PBX_API_KEY must be user:password");
  expect(problemsOf({ ...WORKER, PBX_AUTH: "basic", PBX_API_KEY: "user:password" })).toBe("");
});

test("a bearer key that no HTTP header can carry is told, not sent", () => {
  for (const key of ["khóa-bí-mật", "abc\u200bdef", "abc\ndef", "abc\u0007"]) {
    const problems = problemsOf({ ...WORKER, PBX_API_KEY: key });
    expect(problems).toContain("PBX_API_KEY has characters that no HTTP header can carry");
    expect(problems).not.toContain("abc");
    expect(problemsOf({ ...WORKER, PBX_AUTH: "none", PBX_API_KEY: key })).toBe("");
  }
  for (const key of [" abc.DEF-123=\n", "clé"]) expect(problemsOf({ ...WORKER, PBX_API_KEY: key })).toBe("");
  expect(problemsOf({ ...WORKER, PBX_AUTH: "basic", PBX_API_KEY: "người:mật khẩu" })).toBe("");
});
