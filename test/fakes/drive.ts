import { Accounts, makeSecrets } from "./drive_auth.ts";
import type { Drive } from "./drive_call.ts";
import { controlListener } from "./drive_control.ts";
import { FakeDrive } from "./drive_fake.ts";
import { Faults } from "./drive_faults.ts";
import { RequestLog } from "./drive_log.ts";
import { apiListener, Port } from "./drive_server.ts";
import { type Origin, StateFolder } from "./drive_state.ts";
import { DriveStore, FOLDER_TYPE, makeIdentity } from "./drive_store.ts";

export type { FakeDrive } from "./drive_fake.ts";
export type { FaultName, FaultOrder } from "./drive_faults.ts";
export { type DriveFile, FOLDER_TYPE } from "./drive_store.ts";

export interface FakeDriveOptions {
  /** Where the ready folder lies: in a shared drive (default), or in somebody's My Drive. */
  kind?: "shared" | "my";
  /** false: bytes are hashed and counted, never kept, so that memory stays constant (default true). */
  keepBytes?: boolean;
  latencyMs?: number;
  searchLagMs?: number;
  tokenLifetimeSeconds?: number;
  /** Storage of the Drive; null (default) is endless. */
  quotaBytes?: number | null;
  /** Users for whom the service account may act (default: `callcenter@example.com`). */
  subjects?: string[];
  /** The dice of faults with a probability (default 1). */
  seed?: number;
  /** Default: any free port. */
  port?: number;
  /** Opens a control port (`controlUrl`) for other processes (default false). */
  control?: boolean;
  /** `google` (default), or `self`: a file's `webViewLink` leads to this server, which plays it. */
  links?: "google" | "self";
  /** A folder that keeps files, ids and credentials from one start to the next. */
  stateFolder?: string;
}

/** Starts a simulated Google Drive with one folder in it, ready for files. */
export async function startFakeDrive(options: FakeDriveOptions = {}): Promise<FakeDrive> {
  const state = options.stateFolder === undefined ? null : new StateFolder(options.stateFolder);
  const makeOrigin = async () => ({ identity: makeIdentity(options.kind ?? "shared"), secrets: await makeSecrets() });
  const origin = await (state ? state.originOr(makeOrigin) : makeOrigin());
  const requests = new RequestLog();
  const apiPort = new Port((request, response) => listen(request, response));
  const controlPort = options.control ? new Port(controlListener(() => fake)) : null;
  await controlPort?.open(0);
  await apiPort.open(options.port ?? 0);
  const drive = makeDrive(options, origin, `http://127.0.0.1:${apiPort.number}/`);
  const listen = apiListener(drive, requests);
  const fake = new FakeDrive(drive, requests, apiPort, controlPort);
  state?.attach(drive.store);
  if (drive.store.files.size === 0) addTopFolders(drive.store);
  if (options.tokenLifetimeSeconds !== undefined) fake.tokenLifetimeSeconds = options.tokenLifetimeSeconds;
  if (options.quotaBytes !== undefined) fake.setQuota(options.quotaBytes);
  return fake;
}

function makeDrive(options: FakeDriveOptions, { identity, secrets }: Origin, rootUrl: string): Drive {
  const { latencyMs = 0, searchLagMs = 0, subjects = ["callcenter@example.com"] } = options;
  const settings = { latencyMs, searchLagMs, clockOffsetMs: 0 };
  const now = () => Date.now() + settings.clockOffsetMs;
  const userEmail = subjects[0] ?? "callcenter@example.com";
  return {
    rootUrl,
    linkUrl: options.links === "self" ? rootUrl : "https://drive.google.com/",
    keepsBytes: options.keepBytes ?? true,
    store: new DriveStore(identity, now),
    accounts: new Accounts({ secrets, tokenUrl: `${rootUrl}token`, subjects, userEmail, now }),
    faults: new Faults(options.seed ?? 1),
    sessions: new Map(),
    lists: new Map(),
    settings,
    now,
  };
}

function addTopFolders(store: DriveStore): void {
  const { driveId, rootId, folderId } = store.identity;
  const mimeType = FOLDER_TYPE;
  store.put({ id: rootId, name: "My Drive", mimeType, parents: [] }, null, false);
  if (driveId !== null) store.put({ id: driveId, name: "Call center", mimeType, parents: [] }, null, false);
  store.put({ id: folderId, name: "Recordings", mimeType, parents: [driveId ?? rootId] }, null, false);
}
