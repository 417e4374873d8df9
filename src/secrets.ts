import type { Config } from "./config.ts";

/** Every value of the configuration that no log line, alert or answer may show. `credentials`: Google's, as JSON, where they are in a file. */
export function secretsOf(config: Config, credentials = config.GOOGLE_DRIVE_CREDENTIALS_JSON): string[] {
  const urls = [config.DATABASE_URL, config.ALERT_WEBHOOK_URL].map((url) => (url ? new URL(url) : undefined));
  return [
    config.PBX_API_KEY,
    ...(config.PBX_AUTH === "basic" && config.PBX_API_KEY
      ? [base64Of(config.PBX_API_KEY), config.PBX_API_KEY.replace(/^[^:]*:/, "")]
      : []),
    config.API_TOKEN,
    config.METRICS_TOKEN,
    config.GOOGLE_DRIVE_CREDENTIALS_JSON,
    ...(credentials ? secretsIn(credentials) : []),
    ...urls.flatMap((url) => (url ? [url.password, decodeURIComponent(url.password)] : [])),
    config.ALERT_WEBHOOK_URL?.href,
  ].filter((secret): secret is string => typeof secret === "string" && secret !== "");
}

/** As HTTP Basic sends it: btoa() takes no text beyond Latin-1. */
const base64Of = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** What is secret within Google's credentials. A key is told by its lines too: an error may quote one of them. */
function secretsIn(credentials: string): unknown[] {
  try {
    const { client_secret, refresh_token, private_key } = Object(JSON.parse(credentials));
    const lines = String(private_key ?? "").split(/\r?\n|\\n/);
    return [client_secret, refresh_token, private_key, ...lines.filter((line) => /^[\w+/=]{8,}$/.test(line))];
  } catch {
    return [];
  }
}
