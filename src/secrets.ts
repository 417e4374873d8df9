import type { Config } from "./config.ts";

/** Every value of the configuration that no log line, alert or answer may show. */
export function secretsOf(config: Config): string[] {
  const urls = [config.DATABASE_URL, config.ALERT_WEBHOOK_URL].map((url) => (url ? new URL(url) : undefined));
  return [
    config.PBX_API_KEY,
    ...(config.PBX_AUTH === "basic" && config.PBX_API_KEY
      ? [base64Of(config.PBX_API_KEY), config.PBX_API_KEY.replace(/^[^:]*:/, "")]
      : []),
    config.API_TOKEN,
    config.METRICS_TOKEN,
    config.GOOGLE_DRIVE_CREDENTIALS_JSON,
    ...urls.flatMap((url) => (url ? [url.password, decodeURIComponent(url.password)] : [])),
    config.ALERT_WEBHOOK_URL?.href,
  ].filter((secret): secret is string => Boolean(secret));
}

/** As HTTP Basic sends it: btoa() takes no text beyond Latin-1. */
const base64Of = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
