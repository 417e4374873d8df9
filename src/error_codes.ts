/** Whom a circuit guards: what they answer, every worker waits for together. */
export const neighbours = ["pbx_api", "pbx_recordings", "drive"] as const;
export type Neighbour = (typeof neighbours)[number];

export interface Meaning {
  /**
   * May a later attempt succeed? `backoff`: within the round; `round`: in the next round, an hour later; `wait`: when the
   * time that the error names (or the circuit) has come; `never`: only after a person did something.
   */
  retry: "backoff" | "round" | "wait" | "never";
  /** Is it the recording's or the day's own fault, hence one of its attempts? */
  counts: boolean;
  /** Whose circuit the error belongs to: not the recording's fault, all work there waits. */
  circuit?: Neighbour;
  /** True where only a person can mend it: it is told at once and probed seldom. */
  refusal?: boolean;
  /** What the operator can do. */
  hint: string;
}

const pbx = { retry: "wait", counts: false, circuit: "pbx_api" } as const;
const recordings = { retry: "wait", counts: false, circuit: "pbx_recordings" } as const;
const drive = { retry: "wait", counts: false, circuit: "drive" } as const;

const day = { retry: "round", counts: true } as const;
/** The recording's own. */
const own = { retry: "backoff", counts: true } as const;
/** Nobody's attempt. */
const nobodys = { retry: "backoff", counts: false } as const;
const lookThere = "Look at the file there, then retry it, or accept the gap.";
const answersAgain = "Work goes on by itself when it answers again.";
const mendKey = "Set PBX_API_KEY (and PBX_AUTH) to what the PBX accepts, then restart.";
const mendTls =
  "Set PBX_CA_FILE to the PEM bundle of the PBX's certificate authority (PBX_TLS_INSECURE=true skips the check).";

/** Everything that can go wrong between us and a neighbour: whose fault it is, whether to try again, what a person can do. */
export const meanings = {
  // The PBX's API: pages of calls
  pbx_unreachable: { ...pbx, hint: `Check that the PBX runs and PBX_API_URL is right. ${answersAgain}` },
  pbx_timeout: {
    ...pbx,
    hint: `The PBX is slow or overloaded; a smaller CALLCENTER_BATCH_SIZE may help. ${answersAgain}`,
  },
  pbx_server_error: { ...pbx, hint: `Look into the PBX's own log. ${answersAgain}` },
  pbx_rate_limited: { ...pbx, hint: `Lower PBX_CONCURRENCY if this happens often. ${answersAgain}` },
  pbx_bad_answer: { ...pbx, hint: `Open PBX_API_URL by hand: it answers, but not with calls. ${answersAgain}` },
  pbx_key_refused: { ...pbx, refusal: true, hint: mendKey },
  pbx_tls: { ...pbx, refusal: true, hint: mendTls },
  pbx_redirected: {
    ...pbx,
    refusal: true,
    hint: "Set PBX_API_URL to the address that the PBX redirects to, if you trust it.",
  },
  pbx_dialect_mismatch: { ...day, hint: "Set PBX_DIALECT to auto, or to the dialect that the PBX speaks." },
  // A day: readings that prove nothing
  day_wrong_window: {
    ...day,
    hint: "The PBX ignores the dates asked for: set PBX_DIALECT to the dialect that it speaks.",
  },
  day_unstable: {
    ...day,
    hint: "The PBX changed its list while it was read; it is read again. If it stays, ask the PBX's maker.",
  },
  day_paging_stuck: {
    ...day,
    hint: "The PBX does not page: lower the calls of a day per page with CALLCENTER_BATCH_SIZE, or ask its maker.",
  },
  day_wrong_zone: {
    ...day,
    hint: "Wrong time zone? Set TIMEZONE to the PBX's zone, restart, and fetch the day again.",
  },
  day_refused_records: { ...day, hint: "Look at the refused records: mend them at the PBX, or accept the gap." },
  // Recordings at the PBX
  recording_not_ready: {
    retry: "wait",
    counts: false,
    hint: "Nothing to do: a PBX often writes recordings later; it is tried for a day.",
  },
  recording_gone: {
    ...own,
    hint: "The PBX no longer has it. Look there, then retry it, or accept the gap.",
  },
  recording_cut_short: {
    ...own,
    hint: `The PBX sends less than it announced. ${lookThere}`,
  },
  recording_not_audio: {
    ...own,
    hint: `The PBX sends something that is no WAV or MP3. ${lookThere}`,
  },
  recording_empty: {
    ...own,
    hint: `The PBX's file holds no sound. ${lookThere}`,
  },
  recording_foreign_address: {
    retry: "never",
    counts: true,
    hint: "The recording's address leads to another host than PBX_RECORDING_BASE_URL: nothing is fetched from there. Correct it, then retry it, or accept the gap.",
  },
  recording_redirected: {
    ...own,
    hint: "The PBX redirects to another host than PBX_RECORDING_BASE_URL: nothing is fetched from there. Look there, then retry it, or accept the gap.",
  },
  recording_refused: {
    ...own,
    hint: "The PBX serves other recordings and refuses this one: look at its rights there, then retry it, or accept the gap.",
  },
  recordings_unreachable: {
    ...recordings,
    hint: `Check that the PBX runs and PBX_RECORDING_BASE_URL is right. ${answersAgain}`,
  },
  recordings_timeout: {
    ...recordings,
    hint: `The PBX is slow or overloaded; a smaller UPLOAD_CONCURRENCY may help. ${answersAgain}`,
  },
  recordings_server_error: { ...recordings, hint: `Look into the PBX's own log. ${answersAgain}` },
  recordings_rate_limited: { ...recordings, hint: `Lower UPLOAD_CONCURRENCY if this happens often. ${answersAgain}` },
  recordings_key_refused: { ...recordings, refusal: true, hint: mendKey },
  recordings_tls: { ...recordings, refusal: true, hint: mendTls },
  // Google Drive
  drive_unreachable: { ...drive, hint: `Check the way to Google (firewall, proxy). ${answersAgain}` },
  drive_timeout: { ...drive, hint: `Google Drive did not answer in time. ${answersAgain}` },
  drive_server_error: { ...drive, hint: `Google Drive has trouble of its own. ${answersAgain}` },
  drive_rate_limited: {
    ...drive,
    hint: `Google slows us down; lower UPLOAD_CONCURRENCY if this happens often. ${answersAgain}`,
  },
  drive_daily_limit: {
    ...drive,
    hint: "Google's limit of 750 GB a day is used up. Nothing to do: it goes on tomorrow.",
  },
  drive_full: {
    ...drive,
    refusal: true,
    hint: "Make room in Google Drive, or use another Shared Drive. A service account needs a Shared Drive or GOOGLE_DRIVE_SUBJECT: it owns no storage.",
  },
  drive_forbidden: {
    ...drive,
    refusal: true,
    hint: "Give the account of the credentials the role 'Content manager' (or 'Editor') on the folder.",
  },
  drive_file_forbidden: {
    ...own,
    hint: "Google Drive does not let us change this one file: unlock it there, or give the account of the credentials the role 'Content manager'; then retry it, or accept the gap.",
  },
  drive_folder_full: {
    ...drive,
    refusal: true,
    hint: "The folder holds as many files as Google allows (500,000). Set GOOGLE_DRIVE_FOLDER_LAYOUT to {YYYY}/{MM}, or use another folder or a Shared Drive.",
  },
  drive_api_disabled: {
    ...drive,
    refusal: true,
    hint: "Enable the Google Drive API in the Google Cloud project of the credentials.",
  },
  drive_folder_missing: {
    ...drive,
    refusal: true,
    hint: "Check GOOGLE_DRIVE_FOLDER_ID, and share the folder with the account of the credentials.",
  },
  drive_credentials: {
    ...drive,
    refusal: true,
    hint: "Set GOOGLE_DRIVE_CREDENTIALS_JSON or GOOGLE_DRIVE_CREDENTIALS_PATH to credentials that Google accepts, then restart. An OAuth app in 'Testing' loses its token after 7 days.",
  },
  drive_bad_answer: { ...nobodys, hint: "Google Drive answered something unexpected; it is tried again." },
  drive_session_lost: { ...nobodys, hint: "Nothing to do: the upload starts again under the same id." },
  drive_file_lost: {
    ...nobodys,
    hint: "Nothing to do: the file was deleted in Drive; it is uploaded again under another id.",
  },
  drive_file_unseen: {
    retry: "wait",
    counts: false,
    hint: "Nothing to do: Google Drive has the file and does not show it yet. It is looked for for a day, and then uploaded under another id.",
  },
  drive_checksum: { ...nobodys, hint: "Nothing to do: the file in Drive is written again under the same id." },
  // What a person asked for
  alert_refused: { ...nobodys, hint: "Check ALERT_WEBHOOK_URL." },
} as const satisfies Record<string, Meaning>;

export type ErrorCode = keyof typeof meanings;

/** What a code means. */
export function meaningOf(code: ErrorCode): Meaning {
  return meanings[code];
}

/** True for a code of the table, such as one read from the database. */
export function isErrorCode(text: string | null): text is ErrorCode {
  return text !== null && Object.hasOwn(meanings, text);
}
