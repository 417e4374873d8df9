import { count, englishPages, format } from "./words_en_pages.ts";

/** Everything that the dashboard says, in English. The other languages say the same: `Words` is the type of this object. */
export const english = {
  name: "English",
  otherName: "Tiếng Việt",
  skip: "Skip to the content",
  nav: { label: "Pages", overview: "Overview", calls: "Calls", syncs: "Syncs" },
  updated: (time: string) => `Updated ${time}`,
  zone: (zone: string) => `All times in ${zone}`,
  verdict: {
    all: "Everything is archived.",
    allDetail: (calls: number, days: number, since: string) =>
      `${count(calls, "call")} on ${count(days, "day")} since ${since}: stored, and every recording verified in Google Drive.`,
    allDetailNoDrive: (calls: number, days: number, since: string) =>
      `${count(calls, "call")} on ${count(days, "day")} since ${since} are stored. Google Drive is switched off: recordings stay at the PBX.`,
    butAttention: (things: number) =>
      things === 1
        ? "One thing needs you; the calls are archived."
        : `${things} things need you; the calls are archived.`,
    open: (days: number) =>
      days === 1 ? "One day is not fully archived." : `${count(days, "day")} are not fully archived.`,
    working: "Work is under way.",
    workingDetail: "Nothing to do: it goes on by itself.",
    scheduleOff: "The schedule is switched off: what is queued runs, everything else waits for you.",
    nothing: "Nothing has been fetched yet.",
    nothingDetail: "The next nightly run fetches yesterday. To fetch days now, use the form below.",
    noWorker: "No worker is running.",
    noWorkerDetail: "Nothing is fetched or uploaded until the service runs: start it, or look at its log.",
    first: "Do first:",
    toAttention: "See what needs you",
  },
  lacks: {
    notRead: (n: number) => `${count(n, "day")} never read`,
    unproved: (n: number) => `${count(n, "day")} not proved complete`,
    withGaps: (n: number) => `${count(n, "day")} with missing calls`,
    failed: (n: number) => `${count(n, "recording")} given up`,
    pending: (n: number) => `${count(n, "recording")} on the way to Drive`,
    running: (n: number) => `${count(n, "day")} being fetched`,
  },
  notices: {
    syncDisabled: "The schedule is switched off.",
    syncDisabledDetail:
      "CALLCENTER_SYNC_ENABLED=false: nothing is fetched at night. What you queue by hand still runs.",
    driveDisabled: "Google Drive is switched off: recordings are not uploaded.",
  },
  states: {
    complete: "complete",
    accepted: "accepted by a person",
    incomplete: "incomplete",
    running: "under way",
    not_read: "never read",
    today: "today, not over yet",
  },
  calendar: {
    title: "Days",
    legend: "The greener, the more calls",
    earlier: "Earlier months",
    later: "Later months",
    latest: "Back to this month",
    calls: (n: number) => count(n, "call"),
    missing: (n: number) => `${count(n, "call")} missing`,
    failed: (n: number) => `${count(n, "recording")} given up`,
    pending: (n: number) => `${count(n, "recording")} on the way`,
  },
  attention: {
    title: "Needs you",
    none: "Nothing needs you.",
    since: (time: string) => `since ${time}`,
    details: "Original message",
    more: (n: number) => `and ${format.format(n)} more`,
  },
  progress: {
    title: "Work in progress",
    idle: "The queue is empty: nothing waits, nothing runs.",
    tasks: {
      daily_sync: "Days to read",
      upload_recording: "Recordings to upload",
      retry_syncs: "Retry of days",
      retry_uploads: "Retry of uploads",
      missing_check: "Check for missing calls",
      verify_drive: "Check of Drive",
      send_alert: "Alerts",
      prune: "Clearing up",
    } as Record<string, string>,
    running: (n: number) => `${format.format(n)} running`,
    ready: (n: number) => `${format.format(n)} waiting`,
    scheduled: (n: number) => `${format.format(n)} scheduled for later`,
    failed: (n: number) => `${format.format(n)} failed`,
    rate: (perMinute: string) => `${perMinute} a minute`,
    left: (time: string) => `about ${time} left`,
    oldest: (time: string) => `the first has waited for ${time}`,
  },
  backfill: {
    title: (days: string) => `Backfill ${days}`,
    section: "Fetch days again",
    explain:
      "Every day of the range is read again from the PBX: what is missing is stored, what changed is updated, nothing doubles.",
    from: "From",
    to: "To",
    submit: "Fetch these days",
    progress: (ended: number, days: number) => `${format.format(ended)} of ${count(days, "day")} read`,
    failed: (n: number) => `${count(n, "day")} failed or partial`,
    uploads: "Recordings",
    uploadsDone: (done: number, total: number) => `${format.format(done)} of ${format.format(total)} in Drive`,
    uploadsFailed: (n: number) => `${format.format(n)} given up`,
    queued: "queued",
    asked: (time: string) => `Asked for ${time}`,
    done: "Every day of it has been read.",
  },
  missing: {
    section: "Check for missing calls",
    explain: "Compares the last days with the PBX, and whatever is incomplete.",
    days: "Days back",
    submit: "Check now",
  },
  chart: {
    title: "Calls a day",
    label: (from: string, to: string, most: number, average: number) =>
      `Calls a day from ${from} to ${to}: ${format.format(average)} on average, ${format.format(most)} at most.`,
    recorded: "with a recording",
    others: "without",
    most: (n: number) => `${format.format(n)} at most`,
    average: (n: number) => `${format.format(n)} on average`,
  },
  schedule: {
    title: "Next runs",
    none: "Nothing is scheduled.",
    tasks: {
      daily_sync: "Yesterday's calls",
      missing_check: "Check for missing calls",
      retry_syncs: "Retry of days",
      retry_uploads: "Retry of uploads",
      verify_drive: "Check of Drive",
    } as Record<string, string>,
  },
  ...englishPages,
};

export type Words = typeof english;
