import { startFakeDrive } from "./drive.ts";

/**
 * A simulated Drive in a process of its own: `node test/fakes/drive_process.ts '{"keepBytes":false}'`. Prints one line of
 * JSON when it is ready, is steered through `controlUrl`, and ends when its standard input does.
 */
const fake = await startFakeDrive({ ...JSON.parse(process.argv[2] ?? "{}"), control: true });
const { rootUrl, tokenUrl, controlUrl, folderId, driveId } = fake;
const credentials = fake.serviceAccountCredentials();
console.log(JSON.stringify({ rootUrl, tokenUrl, controlUrl, folderId, driveId, credentials }));
process.stdin.on("end", () => fake.close().then(() => process.exit(0))).resume();
