import { expect, test } from "vitest";
import { createLog, type LogLine, plain, redactor } from "../src/log.ts";

function lines(level: "debug" | "info" = "info", secrets: string[] = []) {
  const written: LogLine[] = [];
  const now = () => new Date("2024-01-14T19:00:00Z");
  const log = createLog({
    level,
    zone: "Asia/Ho_Chi_Minh",
    redact: redactor(secrets),
    write: (line) => written.push(line),
    now,
  });
  return { log, written };
}

test("a line has the shape of the contract, its time in business time", () => {
  const { log, written } = lines();
  log
    .named("callcenter.sync")
    .info("Sync completed", { sync_log_id: "clr123abc", total_records: 150, duration_seconds: 45.2 });
  expect(JSON.stringify(written[0])).toBe(
    '{"timestamp":"2024-01-15T02:00:00.000+07:00","level":"INFO","logger":"callcenter.sync","message":"Sync completed","context":{"sync_log_id":"clr123abc","total_records":150,"duration_seconds":45.2}}',
  );
});

test("a level below the log's own is not written", () => {
  const { log, written } = lines("info");
  log.debug("quiet");
  log.warn("loud");
  expect(written.map(({ message }) => message)).toEqual(["loud"]);
});

test("secrets are masked wherever they stand, at every depth", () => {
  const { log, written } = lines("info", ["s3cr3t-key"]);
  log.error("key s3cr3t-key refused", { deep: { list: ["Bearer abc.def-ghi", new Error("s3cr3t-key")] } });
  const text = JSON.stringify(written);
  expect(text).not.toContain("s3cr3t-key");
  expect(text).not.toContain("abc.def-ghi");
});

test.each([
  ["0901234567", "***567"],
  ["+84 90 123 4567 called", "***567 called"],
  ["from 84901234567 to 1900123456", "from ***567 to ***456"],
  ["2025/0987654321_to_+84912345678.wav", "2025/***321_to_***678.wav"],
  ["OUT0987654321-1736.wav phone0987654321end", "OUT***736.wav phone***321end"],
  ["x0987 654 321, (0987)654-321, +84 (90) 123-4567", "x***321, ***321, ***567"],
  ["0987654321.wav 09876543210987654321", "***321.wav ***321"],
  ["2024/01/15/%2B84901234567_x.wav %20%2B84901234567", "2024/01/15/%2B***567_x.wav %20%2B***567"],
  ["090 - 123 - 4567, 0901/234/567 and +84 / 901 / 234 / 567", "***567, ***567 and ***567"],
  ["2024/01/15/0901234567.wav 2024/01/15/20240115_103000.wav", "2024/01/15/***567.wav 2024/01/15/20240115_103000.wav"],
  ["\uff10\uff19\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17 called", "***567 called"],
  ["call-1a0901234567 call-2b84901234567.wav", "call-1a***567 call-2b***567.wav"],
  ["0901_234_567, 090_123_4567, +84_901_234_567", "***567, ***567, ***567"],
  [
    "0901\u00b7234\u00b7567, 0901\u2013234\u2013567, 0901\u2011234\u2011567 and 0901\u2212234\u2212567",
    "***567, ***567, ***567 and ***567",
  ],
  ["0901%20234%20567.wav 090%201234%20567", "***567.wav ***567"],
  ["\u200b0901\u200b234\u00ad567\ufeff", "\u200b***567\ufeff"],
  ["19001234, 1900 1234 and 1800-1091 called", "***234, ***234 and ***091 called"],
  ["2024/01/15/38291234_1736.wav 2024/01/15/out-28123456.mp3", "2024/01/15/***234_1736.wav 2024/01/15/out-***456.mp3"],
  [
    "PBX sent 19001234 of 28123456 bytes, not 18001091 bytes",
    "PBX sent 19001234 of 28123456 bytes, not 18001091 bytes",
  ],
  ["REC20240115%20103000.wav, 2024_01_15, 20240115_1030", "REC20240115%20103000.wav, 2024_01_15, 20240115_1030"],
  ["rec/20240115/20240115_103000.wav, 20240115_38291234", "rec/20240115/20240115_103000.wav, 20240115_38291234"],
  ["2024/01/15 10:30:00, 15/01/2024 02:00:00", "2024/01/15 10:30:00, 15/01/2024 02:00:00"],
  ["2024-01-01 - 2024-01-31: 1234/5678 calls", "2024-01-01 - 2024-01-31: 1234/5678 calls"],
  ["1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms", "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"],
  ["d41d8cd98f00b204e9800998ecf8427e 12345678 bytes", "d41d8cd98f00b204e9800998ecf8427e 12345678 bytes"],
  ["postgres://user:password@host/db", "postgres://***@host/db"],
  ["https://x/upload?upload_id=AbC123&z=1", "https://x/upload?upload_id=***&z=1"],
  ["2024-01-15 02:00:00", "2024-01-15 02:00:00"],
  ["2024-01-15T02:00:00.000+07:00", "2024-01-15T02:00:00.000+07:00"],
  ["2024/01/15/a_20240115_103000.wav", "2024/01/15/a_20240115_103000.wav"],
  [
    "5f2ba130-8ee7-11f0-8c4f-e3cd36bb494f_20240115_103000.wav",
    "5f2ba130-8ee7-11f0-8c4f-e3cd36bb494f_20240115_103000.wav",
  ],
  ["pool-444018123456789012dd46", "pool-444018123456789012dd46"],
  [
    "12345678-1234-1234-1234-123456789012_20240115_103000.wav",
    "12345678-1234-1234-1234-123456789012_20240115_103000.wav",
  ],
  [
    "connect ECONNREFUSED 192.168.100.200:5432, not 090.123.456.789",
    "connect ECONNREFUSED 192.168.100.200:5432, not ***789",
  ],
  ["connect ECONNREFUSED 127.0.0.1:54315", "connect ECONNREFUSED 127.0.0.1:54315"],
  ["5f2ba130-8ee7-11f0-8c4f-e3cd36bb494f", "5f2ba130-8ee7-11f0-8c4f-e3cd36bb494f"],
  ["12345678-1234-1234-1234-123456789012", "12345678-1234-1234-1234-123456789012"],
])("redactor() makes of %j %j", (text, masked) => {
  expect(redactor([])(text)).toBe(masked);
  expect(redactor([])(masked)).toBe(masked);
});

test("a call's id is whole in its field, unless it is a phone number", () => {
  const { log, written } = lines();
  for (const uuid of [
    "1705289400.123",
    "pbx01-1705289400.5",
    "0901234567",
    "0901234567.12",
    "84901234567-1705289400.5",
  ]) {
    log.info("Recording uploaded", { uuid, reason: "1705289400.123" });
  }
  expect(written.map(({ context }) => context?.uuid)).toEqual([
    "1705289400.123",
    "pbx01-1705289400.5",
    "***567",
    "***712",
    expect.stringMatching(/^\*\*\*/),
  ]);
  expect(written[0]?.context?.reason).toBe("***123");
});

test("plain() strips what could fool a terminal or a reader", () => {
  expect(plain("Nguyễn\u0000 Văn\u001b[31m A\u202e")).toBe("Nguyễn Văn[31m A");
  expect(plain("x".repeat(300)).length).toBe(200);
});
