import { type Answer, type Call, type Handler, meetFault, readAll } from "./drive_call.ts";
import type { Operation } from "./drive_faults.ts";
import { listFiles } from "./drive_list.ts";
import {
  about,
  createFile,
  deleteFile,
  downloadFile,
  generateIds,
  getFile,
  getSharedDrive,
  patchFile,
  viewFile,
} from "./drive_metadata.ts";
import { tokenRefusal } from "./drive_refusals.ts";
import { cancelSession, receiveChunk, startSession, tellStatus } from "./drive_sessions.ts";
import { uploadMedia, uploadMultipart } from "./drive_upload.ts";

export interface Route {
  operation: Operation;
  handle: Handler;
  id: string;
  /** A session's URI is its own permission, so a token is checked only where one is sent. */
  needsToken: "always" | "if sent" | "never";
}

const FILES: Record<string, [Operation, Handler]> = {
  POST: ["create", createFile],
  GET: ["list", listFiles],
};
const FILE: Record<string, [Operation, Handler]> = {
  GET: ["get", getFile],
  PATCH: ["patch", patchFile],
  DELETE: ["delete", deleteFile],
};
const UPLOADS: Record<string, [Operation, Handler]> = {
  multipart: ["multipart", uploadMultipart],
  resumable: ["start", startSession],
  media: ["media", uploadMedia],
};

/** Which operation a request is; null where Google has nothing. */
export function routeOf(method: string, url: URL, contentRange: string | undefined): Route | null {
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const [first = "", second, third, fourth] = parts;
  if (first === "upload") return uploadRoute(method, url, parts, contentRange);
  const path = parts.slice(0, 3).join("/");
  if (path === "drive/v3/files" && parts.length === 3) return route(FILES[method]);
  if (path === "drive/v3/files" && parts.length === 4 && fourth) {
    if (method === "GET" && fourth === "generateIds") return route(["generateIds", generateIds]);
    const isDownload = method === "GET" && url.searchParams.get("alt") === "media";
    return route(isDownload ? ["download", downloadFile] : FILE[method], fourth);
  }
  if (method === "GET" && path === "drive/v3/about") return route(["about", about]);
  if (method === "GET" && path === "drive/v3/drives" && fourth) return route(["drive", getSharedDrive], fourth);
  if (method === "POST" && first === "token") return route(["token", grantToken], "", "never");
  if (method === "POST" && first === "revoke") return route(["revoke", revokeToken], "", "never");
  const isLink = method === "GET" && first === "file" && second === "d" && third;
  return isLink ? route(["view", viewFile], third, "never") : null;
}

function uploadRoute(method: string, url: URL, parts: string[], contentRange: string | undefined): Route | null {
  const id = parts[4] ?? "";
  if (parts.slice(1, 4).join("/") !== "drive/v3/files" || parts.length > 5) return null;
  if (url.searchParams.has("upload_id")) {
    if (method === "DELETE") return route(["cancel", cancelSession], id, "if sent");
    if (method !== "PUT" && method !== "POST") return null;
    const asksStatus = contentRange?.startsWith("bytes */");
    return route(asksStatus ? ["status", tellStatus] : ["chunk", receiveChunk], id, "if sent");
  }
  if (method !== (id ? "PATCH" : "POST")) return null;
  return route(UPLOADS[url.searchParams.get("uploadType") ?? "media"], id);
}

function route(
  found: [Operation, Handler] | undefined,
  id = "",
  needsToken: Route["needsToken"] = "always",
): Route | null {
  return found ? { operation: found[0], handle: found[1], id, needsToken } : null;
}

async function grantToken(call: Call): Promise<Answer> {
  const form = await readForm(call);
  meetFault(call);
  return { status: 200, headers: { "cache-control": "no-store" }, body: call.drive.accounts.grant(form) };
}

async function revokeToken(call: Call): Promise<Answer> {
  const form = await readForm(call);
  meetFault(call);
  const token = call.url.searchParams.get("token") ?? form.get("token") ?? "";
  if (call.drive.accounts.revoke(token)) return { status: 200, body: {} };
  throw tokenRefusal("invalid_token", "Token expired or revoked");
}

/** OAuth bodies are forms; Google takes JSON too. */
async function readForm(call: Call): Promise<URLSearchParams> {
  const text = (await readAll(call.body)).toString("utf8");
  return new URLSearchParams(text.startsWith("{") ? JSON.parse(text) : text);
}
