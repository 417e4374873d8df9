import { expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import { secretsOf } from "../src/secrets.ts";

const WORKER = {
  DATABASE_URL: "postgres://u:database-password@localhost/db",
  PBX_API_URL: "https://pbx.example.com/api/v2/cdrs",
  PBX_DOMAIN: "tenant",
  PBX_API_KEY: "pbx-secret-key",
  PBX_RECORDING_BASE_URL: "https://pbx.example.com/recordings",
};

test("secretsOf() lists the key, the tokens and the password of the database", () => {
  const secrets = secretsOf(readConfig({ ...WORKER, API_TOKEN: "api-token", METRICS_TOKEN: "metrics-token" }, "all"));
  expect(secrets).toEqual(
    expect.arrayContaining(["pbx-secret-key", "api-token", "metrics-token", "database-password"]),
  );
  const encoded = secretsOf(readConfig({ ...WORKER, DATABASE_URL: "postgres://u:p%40ss@h/x" }, "all"));
  expect(encoded).toEqual(expect.arrayContaining(["p%40ss", "p@ss"]));
  const webhook = secretsOf(readConfig({ ...WORKER, ALERT_WEBHOOK_URL: "https://bot:h%40ok@h/x" }, "all"));
  expect(webhook).toEqual(expect.arrayContaining(["h%40ok", "h@ok"]));
});

test("a Basic password of any script is known as it is sent, too", () => {
  const config = readConfig({ ...WORKER, PBX_AUTH: "basic", PBX_API_KEY: "user:mật khẩu" }, "all");
  const sent = Buffer.from("user:mật khẩu", "utf8").toString("base64");
  expect(secretsOf(config)).toEqual(expect.arrayContaining([sent, "mật khẩu"]));
});
