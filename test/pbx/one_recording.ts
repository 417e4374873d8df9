import { Buffer } from "node:buffer";
import type { OpenRecording, Pbx } from "../../src/pbx/pbx.ts";
import { wavBytes } from "../fakes/recordings.ts";
import { callsOf, impatient, startPair } from "./pair.ts";

export const bytesOf = async ({ body }: Pick<OpenRecording, "body">) =>
  Buffer.from(await new Response(body).arrayBuffer());
export const download = async (pbx: Pbx, path: string, from = 0) => bytesOf(await pbx.openRecording(path, { from }));

/** One call with a recording of some 16 kB at a path of the PBX's choice. */
export async function startWithRecording(
  path?: string,
  dialect: "seed" | "onepos-v2" = "seed",
  timeouts = impatient.timeouts,
) {
  const [call] = callsOf(40, { recordingsShare: 1, talkSeconds: [2, 2] }).filter(({ recording }) => recording);
  if (path !== undefined) call!.recording!.path = path;
  const pair = await startPair({ dialect, calls: [call!] }, { timeouts });
  const own = `2024/01/15/${call!.uuid}.wav`;
  return { ...pair, call: call!, path: path ?? own, bytes: wavBytes(call!.recording!.seconds, call!.uuid) };
}
