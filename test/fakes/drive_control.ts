import type { RequestListener } from "node:http";
import { parseJson, readAll } from "./drive_call.ts";
import type { FakeDrive } from "./drive_fake.ts";
import { Refusal } from "./drive_refusals.ts";
import { send } from "./drive_server.ts";

type Body = Record<string, unknown>;
type Action = (fake: FakeDrive, body: Body, query: URLSearchParams) => unknown;

/**
 * What another process can ask and do, on a port of its own that faults, latency and outages do not touch:
 * `GET /_control/files`, `POST /_control/faults {"name":"stall","on":"chunk"}`, …
 */
const ACTIONS: Record<string, Action> = {
  "GET info": ({ rootUrl, tokenUrl, folderId, driveId }) => ({ rootUrl, tokenUrl, folderId, driveId }),
  "GET credentials": (fake, _, query) =>
    query.get("type") === "authorized_user" ? fake.authorizedUserCredentials() : fake.serviceAccountCredentials(),
  "GET files": (fake) => fake.files,
  "GET twins": (fake) => fake.twins(),
  "GET requests": (fake) => ({
    counts: fake.requests.counts,
    mostAtOnce: fake.requests.mostAtOnce,
    entries: fake.requests.entries,
  }),
  "GET counts": (fake) => ({ files: fake.files.length, bytes: fake.usedBytes, requests: fake.requests.counts }),
  "POST clear-requests": (fake) => fake.requests.clear(),
  "GET faults": (fake) => fake.faults.all,
  "POST faults": (fake, body) => fake.faults.add(body as unknown as Parameters<FakeDrive["faults"]["add"]>[0]),
  "POST clear-faults": (fake) => fake.faults.clear(),
  "POST reseed": (fake, { seed }) => fake.faults.reseed(Number(seed)),
  "POST set": (fake, { latencyMs, searchLagMs, clockOffsetMs, tokenLifetimeSeconds, quotaBytes }) => {
    if (latencyMs !== undefined) fake.latencyMs = Number(latencyMs);
    if (searchLagMs !== undefined) fake.searchLagMs = Number(searchLagMs);
    if (clockOffsetMs !== undefined) fake.clockOffsetMs = Number(clockOffsetMs);
    if (tokenLifetimeSeconds !== undefined) fake.tokenLifetimeSeconds = Number(tokenLifetimeSeconds);
    if (quotaBytes !== undefined) fake.setQuota(quotaBytes === null ? null : Number(quotaBytes));
  },
  "POST down": (fake, { down }) => fake.setDown(down !== false),
  "POST add": (fake, { base64, ...file }) =>
    fake.addFile({ name: "file", ...file, ...(base64 !== undefined && { bytes: Buffer.from(`${base64}`, "base64") }) }),
  "POST trash": (fake, { id, trashed }) => fake.trash(`${id}`, trashed !== false),
  "POST remove": (fake, { id }) => fake.remove(`${id}`),
  "POST alter": (fake, { id, base64, ...changes }) =>
    fake.alter(`${id}`, base64 === undefined ? changes : Buffer.from(`${base64}`, "base64")),
  "POST hide": (fake, { id, hidden }) => fake.hide(`${id}`, hidden !== false),
  "POST read-only": (fake, { id, readOnly }) => fake.makeReadOnly(`${id}`, readOnly !== false),
  "POST revoke-access-tokens": (fake) => fake.revokeAccessTokens(),
  "POST revoke-refresh-token": (fake) => fake.revokeRefreshToken(),
};

/** Answers 200 with the action's result (null for none), 400 with `{error}` for what cannot be done. */
export function controlListener(fake: () => FakeDrive): RequestListener {
  return async (request, response) => {
    try {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const name = url.pathname.replace(/^\/_control\//, "");
      if (name.startsWith("bytes/")) return send(response, { status: 200, body: fake().bytes(name.slice(6)) });
      const action = ACTIONS[`${request.method} ${name}`];
      if (!action) throw new Error(`There is no ${request.method} ${url.pathname}`);
      const body = parseJson((await readAll(request)).toString("utf8"));
      send(response, { status: 200, body: (await action(fake(), body, url.searchParams)) ?? null });
    } catch (error) {
      const message = error instanceof Refusal ? error.body : error instanceof Error ? error.message : String(error);
      send(response, { status: 400, body: { error: message } });
    }
  };
}
