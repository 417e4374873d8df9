import { sign } from "node:crypto";
import type { FakeDrive } from "./drive.ts";

export const GRANULE_BYTES = 256 * 1024;
const SCOPE = "https://www.googleapis.com/auth/drive";

export interface Assertion {
  subject?: string;
  scope?: string;
  issuedAt?: number;
  lifetimeSeconds?: number;
  privateKey?: string;
}

/** What a file looks like in an answer, as far as the tests look. */
export interface FileAnswer {
  id: string;
  name?: string;
  size?: string;
  md5Checksum?: string;
  trashed?: boolean;
  parents?: string[];
  appProperties?: Record<string, string>;
}

/** Asks for a token with a signed assertion, as a service account does. */
export async function assertToken(fake: FakeDrive, claims: Assertion = {}): Promise<Response> {
  const { subject, scope = SCOPE, issuedAt = Date.now() / 1000, lifetimeSeconds = 3600 } = claims;
  const credentials = fake.serviceAccountCredentials();
  const iat = Math.floor(issuedAt);
  const body = {
    iss: credentials.client_email,
    sub: subject,
    scope,
    aud: fake.tokenUrl,
    iat,
    exp: iat + lifetimeSeconds,
  };
  const unsigned = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(body)}`;
  const key = claims.privateKey ?? credentials.private_key;
  const signature = sign("RSA-SHA256", Buffer.from(unsigned), key).toString("base64url");
  const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  return post(fake.tokenUrl, { grant_type, assertion: `${unsigned}.${signature}` });
}

/** Asks for a token with a refresh token, as a user's application does. */
export async function refreshToken(fake: FakeDrive, changes: Record<string, string> = {}): Promise<Response> {
  const { client_id, client_secret, refresh_token } = fake.authorizedUserCredentials();
  return post(fake.tokenUrl, { grant_type: "refresh_token", client_id, client_secret, refresh_token, ...changes });
}

export async function connect(fake: FakeDrive, claims: Assertion = {}): Promise<Client> {
  return new Client(fake, await tokenOf(assertToken(fake, claims)));
}

export async function connectUser(fake: FakeDrive): Promise<Client> {
  return new Client(fake, await tokenOf(refreshToken(fake)));
}

/** A plain client without patience: it sends what it is told and gives back what comes. */
export class Client {
  readonly fake: FakeDrive;
  readonly token: string;

  constructor(fake: FakeDrive, token: string) {
    this.fake = fake;
    this.token = token;
  }

  /** Sends with `supportsAllDrives=true`, unless the path says otherwise. */
  send(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.fake.rootUrl);
    if (!url.searchParams.has("supportsAllDrives")) url.searchParams.set("supportsAllDrives", "true");
    const headers = { authorization: `Bearer ${this.token}`, ...(init.headers as Record<string, string>) };
    return fetch(url, { ...init, headers });
  }

  sendJson(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const all = { "content-type": "application/json", ...headers };
    return this.send(path, { method, headers: all, body: JSON.stringify(body) });
  }

  async newId(): Promise<string> {
    const { ids } = await jsonOf<{ ids: string[] }>(this.send("drive/v3/files/generateIds?count=1"));
    return ids[0] ?? "";
  }

  multipart(metadata: Record<string, unknown>, bytes: Buffer, path = "files"): Promise<Response> {
    const json = JSON.stringify({ parents: [this.fake.folderId], ...metadata });
    const head = `--frontier\r\nContent-Type: application/json\r\n\r\n${json}\r\n--frontier\r\nContent-Type: audio/wav\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n--frontier--\r\n")]);
    const headers = { "content-type": "multipart/related; boundary=frontier" };
    const fields = "fields=id,name,size,md5Checksum,webViewLink";
    return this.send(`upload/drive/v3/${path}?uploadType=multipart&${fields}`, { method: "POST", headers, body });
  }

  start(metadata: Record<string, unknown>, sizeBytes: number): Promise<Response> {
    const headers = { "x-upload-content-type": "audio/wav", "x-upload-content-length": String(sizeBytes) };
    const body = { parents: [this.fake.folderId], ...metadata };
    return this.sendJson(
      "POST",
      "upload/drive/v3/files?uploadType=resumable&fields=id,size,md5Checksum",
      body,
      headers,
    );
  }

  /** Opens a session and gives its URI. */
  async session(metadata: Record<string, unknown>, sizeBytes: number): Promise<string> {
    const answer = await this.start(metadata, sizeBytes);
    await answer.text();
    return answer.headers.get("location") ?? "";
  }

  /** The status of a list and the names in it. */
  async list(q: string, more = ""): Promise<string[]> {
    const query = `includeItemsFromAllDrives=true&fields=files(name)${more}&q=${encodeURIComponent(q)}`;
    const { files } = await jsonOf<{ files: { name: string }[] }>(this.send(`drive/v3/files?${query}`));
    return files.map((file) => file.name).sort();
  }
}

/** Sends the bytes of `whole` from `from` to `end` (exclusive) to a session. */
export function putChunk(uri: string, whole: Buffer, from: number, end: number): Promise<Response> {
  const headers = { "content-range": `bytes ${from}-${end - 1}/${whole.length}` };
  return fetch(uri, { method: "PUT", headers, body: new Uint8Array(whole.subarray(from, end)) });
}

export function askStatus(uri: string, sizeBytes: number | "*"): Promise<Response> {
  return fetch(uri, { method: "PUT", headers: { "content-range": `bytes */${sizeBytes}` } });
}

export async function jsonOf<T>(answer: Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T;
}

/** `403 storageQuotaExceeded`, `400 invalid_grant`, `200`: what matters of an answer. */
export async function outcomeOf(answer: Promise<Response>): Promise<string> {
  const { status, body } = await answer.then(async (one) => ({ status: one.status, body: await one.text() }));
  const reason = /"reason":"(\w+)"|"error":"(\w+)"/.exec(body);
  return reason ? `${status} ${reason[1] ?? reason[2]}` : `${status}`;
}

async function tokenOf(answer: Promise<Response>): Promise<string> {
  return (await jsonOf<{ access_token: string }>(answer)).access_token;
}

function post(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: "POST", body: new URLSearchParams(form) });
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
