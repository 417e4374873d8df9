import type { World } from "../world.ts";
import { ZONE } from "../world.ts";

/** The environment of an operator who stands beside a world's workers. */
export const environmentOf = ({ url, pbx, drive }: World): Record<string, string> => ({
  DATABASE_URL: url,
  TIMEZONE: ZONE,
  PBX_API_URL: pbx.apiUrl,
  PBX_DOMAIN: "tazaspa102019",
  PBX_API_KEY: pbx.apiKey,
  PBX_RECORDING_BASE_URL: pbx.recordingBaseUrl,
  GOOGLE_DRIVE_CREDENTIALS_JSON: JSON.stringify(drive.serviceAccountCredentials()),
  GOOGLE_DRIVE_FOLDER_ID: drive.folderId,
  GOOGLE_API_ROOT_URL: drive.rootUrl,
  GOOGLE_OAUTH_TOKEN_URL: drive.tokenUrl,
});
