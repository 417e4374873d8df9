import { dayOf } from "../../day.ts";
import type { Drive, DriveFile } from "../../drive/drive.ts";
import { ConfigError } from "../../errors.ts";
import { noteSeenFiles, type SeenFile } from "../../store/drive_files.ts";
import {
  createAbsentCalls,
  type FoundRecording,
  findTwins,
  planRebuild,
  queueUnverified,
  type RebuildPlan,
  restoreLinks,
} from "../../store/rebuild.ts";
import { findBusiness } from "../business.ts";
import { type Answer, defineCommand } from "../command.ts";
import { identify } from "../drive_recording.ts";
import { interrupted } from "../exit.ts";
import type { Session } from "../session.ts";
import { counted, grouped, hanging } from "../text.ts";
import { type Display, openDisplay } from "../watch.ts";

const PAGE = 1_000;
/** Twins and unknown files that are named; all are counted. */
const NAMED = 10;

export const rebuildFromDrive = defineCommand<{ dryRun?: boolean }>({
  name: "rebuild-from-drive",
  summary: "give calls their lost links back, by what lies in Drive",
  options: (command) => command.option("--dry-run", "only look: no call is changed"),
  examples: [
    ["rebuild-from-drive --dry-run", "what would be restored"],
    ["rebuild-from-drive", "restore; links that are there are never touched, and it is safe to do again"],
  ],
  async run(session, { dryRun = false }) {
    const { io, sql, config, log } = session;
    const { zone } = await findBusiness(session);
    const drive = await io.drive(config, log);
    if (!drive) throw new ConfigError("Google Drive is disabled: set GOOGLE_DRIVE_ENABLED=true.");
    const display = openDisplay(session);
    const at = io.now();
    const look = await lookIntoDrive(session, drive, { at, zone, dryRun, display });
    const plan = await planRebuild(sql, at);
    const restored = dryRun ? plan.restorable : await restoreAll(session, at, plan.restorable, display);
    if (!dryRun) await queueUnverified(sql, at);
    const twins = await findTwins(sql, at, NAMED);
    return answer({ ...look, plan, restored, twins, dryRun }, zone, session);
  },
});

interface DriveLook {
  files: number;
  trashed: number;
  empty: number;
  unknown: number;
  unknownNames: string[];
  /** Rows that were made for calls that the table lacked. */
  created: FoundRecording[];
}

interface Outcome extends DriveLook {
  plan: RebuildPlan;
  restored: number;
  twins: { uuid: string; fileIds: string[] }[];
  dryRun: boolean;
}

/** Notes every file of the folder, a page at a time, and makes rows for calls that are gone altogether. */
async function lookIntoDrive(
  { io, sql }: Session,
  drive: Drive,
  { at, zone, dryRun, display }: { at: Date; zone: string; dryRun: boolean; display: Display },
): Promise<DriveLook> {
  const look: DriveLook = { files: 0, trashed: 0, empty: 0, unknown: 0, unknownNames: [], created: [] };
  let seen: SeenFile[] = [];
  let found: FoundRecording[] = [];
  const flush = async (isOver: boolean) => {
    if (seen.length > 0) await noteSeenFiles(sql, seen, at);
    if (found.length > 0 && !dryRun) look.created.push(...(await createAbsentCalls(sql, found)));
    [seen, found] = [[], []];
    const track = { things: "files seen", done: look.files, failed: 0, total: isOver ? look.files : null };
    display.show({ tracks: [track], obstacle: null, isOver });
  };
  for await (const file of drive.list({ signal: io.interrupted })) {
    look.files++;
    const identity = identify(file, zone);
    if (identity.kind !== "recording") {
      look[identity.kind]++;
      if (identity.kind === "unknown" && look.unknownNames.length < NAMED) look.unknownNames.push(file.name);
    } else {
      found.push(identity);
      seen.push(seenFile(file, identity.uuid));
    }
    if (look.files % PAGE === 0) await flush(false);
  }
  await flush(true);
  return look;
}

function seenFile({ id, name, sizeBytes, md5, webViewLink: url, trashed }: DriveFile, uuid: string): SeenFile {
  return { id, uuid, name, sizeBytes, md5, url, trashed };
}

async function restoreAll({ io, sql }: Session, at: Date, total: number, display: Display): Promise<number> {
  let restored = 0;
  for (let after: string | null = ""; after !== null; ) {
    if (io.interrupted.aborted)
      throw interrupted(`Interrupted: ${counted(restored, "link")} of ${grouped(total)} restored.`);
    const page: { restored: number; last: string | null } = await restoreLinks(sql, at, after, PAGE);
    after = page.last;
    restored += page.restored;
    const track = { things: "links restored", done: restored, failed: 0, total };
    display.show({ tracks: [track], obstacle: null, isOver: after === null });
  }
  return restored;
}

function answer(outcome: Outcome, zone: string, session: Session): Answer {
  const { plan, twins, unknownNames, dryRun, created: createdCalls } = outcome;
  // A row made for an absent call has its link restored with all others.
  const created = dryRun ? plan.absent : createdCalls.length;
  const restored = outcome.restored - (dryRun ? 0 : created);
  const days = createdCalls.map(({ startedAt }) => dayOf(startedAt, zone)).sort();
  const createdDays = days.length === 0 ? null : { from: days[0]!, to: days.at(-1)! };
  const { files, trashed, empty, unknown } = outcome;
  const { recordings, linked, altered, unverified } = plan;
  const json = {
    dryRun,
    files,
    recordings,
    restored,
    created,
    createdDays,
    kept: linked,
    altered,
    unverified,
    trashed,
    empty,
    twins: { count: plan.twins, first: twins },
    unknown: { count: unknown, first: unknownNames.map(session.show) },
  };
  return { json, text: textOf(json, session) };
}

interface Report {
  dryRun: boolean;
  files: number;
  recordings: number;
  restored: number;
  created: number;
  createdDays: { from: string; to: string } | null;
  kept: number;
  altered: number;
  unverified: number;
  trashed: number;
  empty: number;
  twins: { count: number; first: { uuid: string; fileIds: string[] }[] };
  unknown: { count: number; first: string[] };
}

function textOf(report: Report, { paint, columns, show }: Session): string {
  const { dryRun, twins, unknown, createdDays } = report;
  const verb = dryRun ? "would get their link back" : "got their link back";
  const row = dryRun ? "a row of uuid and start would be made" : "they have a row of uuid and start now";
  const named = twins.first.map(({ uuid, fileIds }) => `${show(uuid)}: ${fileIds.join(", ")}`);
  const facts: [count: number, text: string, details?: string[]][] = [
    [report.files, `files in Drive, ${counted(report.recordings, "recording")} among them`],
    [report.kept, "have their link, which was not touched"],
    [report.restored, dryRun ? "would be restored" : "restored"],
    [report.created, `of calls that the table lacks: ${row}`],
    [report.altered, "altered in Drive since: not restored, uploaded again by the service"],
    [report.unverified, "never compared with the PBX's recording: not restored, the service compares and links them"],
    [report.trashed, "files in the trash: passed over"],
    [report.empty, "files without content: passed over"],
    [twins.count, "recordings that more than one file carries (the reserved or largest one counts)", named],
    [unknown.count, "files that are no recordings of ours", unknown.first],
  ];
  const lines = facts.flatMap(([count, text, details = []]) => {
    if (count === 0) return [];
    const more = details.map((detail) => hanging(" ".repeat(13), detail, columns));
    return [hanging(`${grouped(count).padStart(9)}  `, text, columns), ...more];
  });
  const next = createdDays
    ? [
        "",
        "Fetch the rest of the calls that were missing:",
        `  callcenter-sync sync --from ${createdDays.from} --to ${createdDays.to}`,
      ]
    : [];
  return [
    paint.strong(`${counted(report.restored + report.created, "recording")} ${verb}.`),
    "",
    ...lines,
    ...next,
  ].join("\n");
}
