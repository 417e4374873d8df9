import { expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import { redactor } from "../src/log.ts";
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

const KEY_LINES = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7", "VJTUt9Us8cKj+MzEfYyjiWA4R4/M2bS1"];
const SERVICE_ACCOUNT = {
  type: "service_account",
  client_email: "sync@example.com",
  private_key: `-----BEGIN PRIVATE KEY-----\n${KEY_LINES.join("\n")}\n-----END PRIVATE KEY-----\n`,
};
const USER = { client_id: "an-id", client_secret: "GOCSPX-hidden", refresh_token: "1//0hidden-token" };

test("what is secret within Google's credentials is known by itself, from the variable and from a file", () => {
  const config = readConfig({ ...WORKER, GOOGLE_DRIVE_CREDENTIALS_JSON: JSON.stringify(USER) }, "all");
  const said = redactor(secretsOf(config))("Google says: GOCSPX-hidden of an-id may not use 1//0hidden-token");
  expect(said).toBe("Google says: *** of an-id may not use ***");

  const fromFile = redactor(secretsOf(readConfig(WORKER, "all"), JSON.stringify(SERVICE_ACCOUNT, null, 2)));
  expect(fromFile(`a line ${KEY_LINES[1]} of sync@example.com`)).toBe("a line *** of sync@example.com");
  expect(fromFile(SERVICE_ACCOUNT.private_key)).toBe("***");
  for (const broken of ["", "{no json", "null", "[]", '"text"', '{"private_key":7}'])
    expect(secretsOf(readConfig(WORKER, "all"), broken)).toContain("pbx-secret-key");
});
