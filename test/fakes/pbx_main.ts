import process from "node:process";
import { type MakeCalls, makeCalls } from "./calls.ts";
import { type PbxOptions, startFakePbx } from "./pbx.ts";

/** The process that `startPbxProcess()` starts: prints its addresses, and ends with whoever started it. */
const [options, make] = process.argv.slice(2).map((text) => JSON.parse(text)) as [PbxOptions, MakeCalls[]];
const pbx = await startFakePbx({ ...options, calls: [...(options.calls ?? []), ...make.flatMap(makeCalls)] });
const { url, apiUrl, recordingBaseUrl } = pbx;
console.log(JSON.stringify({ url, apiUrl, recordingBaseUrl }));
process.stdin.on("end", () => process.exit(0)).resume();
