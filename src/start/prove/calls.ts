import { makeCalls, type SimulatedCall } from "../../../test/fakes/calls.ts";
import type { FakePbx } from "../../../test/fakes/pbx.ts";
import type { Fault } from "../../../test/fakes/pbx_faults.ts";
import { digestOf, type RecordingDigest } from "../../../test/fakes/recordings.ts";
import { type Plan, PROVE_ZONE } from "./plan.ts";

/** What is wrong with a recording for good: a person must look at it, and it is expected not to be in Drive. */
export const HOPELESS = {
  "gone at the PBX": { name: "status", status: 404 },
  "a page instead of audio": { name: "html_page" },
  "a header without a sound": { name: "header_only" },
  "breaks off every time": { name: "cut" },
} as const satisfies Record<string, Fault>;

/** The calls of a round, and what is to be expected of the unusual ones. */
export interface Calls {
  /** Recordings that nobody can bring to Drive: uuid → why. */
  hopeless: Map<string, string>;
  /** Recordings shorter than their call: uuid → what Drive shall hold. They are uploaded, and shown. */
  tooShort: Map<string, RecordingDigest>;
  /** How many calls came late, and how many were corrected, so far. */
  late: number;
  corrected: number;
  /** A few calls more, of a day in the past. */
  addLate(): void;
  /** Corrects a call: another number, a recording at last, or another recording at another place. */
  correct(): void;
}

const LARGE_BYTES = [4_500_000, 9_000_000, 13_000_000];
const SHORT_SECONDS = 1;

/** Fills the PBX: usual calls, large recordings, recordings that are hopeless or too short (these for good). */
export function fillPbx(pbx: FakePbx, plan: Plan): Calls {
  const { random, days, oldDays, isShort } = plan;
  const make = (day: string, count: number, more: object = {}) =>
    makeCalls({ day, zone: PROVE_ZONE, count, talkSeconds: [4, 9], format: "mp3", seed: plan.seed, ...more });
  for (const [nth, day] of days.entries()) {
    pbx.calls.add(make(day, plan.callsADay, { format: nth % 2 ? "mp3" : "wav" }));
  }
  for (const recordingBytes of isShort ? LARGE_BYTES.slice(0, 1) : LARGE_BYTES) {
    const large = make(random.pick(days), 8, { seed: `large ${plan.seed} ${recordingBytes}`, recordingBytes });
    pbx.calls.add(large.filter(({ recording }) => recording).slice(0, 5));
  }

  const withoutYet = new Map<string, SimulatedCall["recording"]>();
  const calls: Calls = {
    hopeless: new Map(),
    tooShort: new Map(),
    late: 0,
    corrected: 0,
    addLate() {
      const isLarge = random.chance(0.15);
      const count = isLarge ? 1 : random.between(2, 8);
      calls.late += count;
      const more = {
        seed: `late ${plan.seed} ${calls.late}`,
        ...(isLarge && { recordingBytes: random.pick(LARGE_BYTES) }),
      };
      pbx.calls.add(make(random.pick(plan.recentDays), count, more));
    },
    correct() {
      const call = random.pick(correctable(pbx, plan));
      calls.corrected++;
      const recording = withoutYet.get(call.uuid);
      withoutYet.delete(call.uuid);
      pbx.calls.change(call.uuid, recording ? { recording } : correction(call, plan));
    },
  };
  for (const day of plan.recentDays) {
    for (const call of pbx.calls.ofDay(day).filter(isUsual).slice(3, 6)) {
      withoutYet.set(call.uuid, call.recording);
      pbx.calls.change(call.uuid, { recording: null });
    }
  }
  spoil(
    pbx,
    oldDays.flatMap((day) => pbx.calls.ofDay(day).filter(isUsual)),
    calls,
    plan,
  );
  return calls;
}

const isUsual = ({ recording }: SimulatedCall) =>
  recording !== null && recording.path === undefined && recording.seconds < 10;

/** Those of the recent days but for each day's newest: calls that arrive during a reading are copies of that one. */
function correctable(pbx: FakePbx, plan: Plan): SimulatedCall[] {
  return plan.recentDays.flatMap((day) => {
    const list = pbx.calls.ofDay(day);
    return list.slice(Math.ceil(list.length / 3)).filter((call) => call.recording === null || isUsual(call));
  });
}

function correction(call: SimulatedCall, { random }: Plan): Partial<SimulatedCall> {
  const { recording } = call;
  if (!recording || random.chance(0.5)) return { destination: `028${random.between(1_000_000, 9_999_999)}` };
  const seconds = recording.seconds + random.between(1, 3);
  const path = `moved/${random.between(1, 99_999)}-${call.uuid}.v2.${recording.format}`;
  return { recording: { ...recording, seconds, path } };
}

/** Takes some recordings of old days and spoils them for good. In real time nothing is given up within a few minutes. */
function spoil(pbx: FakePbx, candidates: SimulatedCall[], calls: Calls, { random, isShort, isRealTime }: Plan): void {
  const take = () => candidates.splice(random.between(0, candidates.length - 1), 1)[0]!;
  const short = take();
  pbx.faults.inject({ name: "short_audio", seconds: SHORT_SECONDS, kind: "recording", uuid: short.uuid });
  calls.tooShort.set(short.uuid, digestOf({ ...short.recording!, seconds: SHORT_SECONDS }, short.uuid));
  const foreign = take();
  pbx.calls.change(foreign.uuid, {
    recording: { ...foreign.recording!, path: `http://127.0.0.2:9/${foreign.uuid}.mp3` },
  });
  calls.hopeless.set(foreign.uuid, "at an address that is not the PBX's");
  if (isShort || isRealTime) return;
  for (const [why, fault] of Object.entries(HOPELESS)) {
    const { uuid } = take();
    pbx.faults.inject({ ...fault, kind: "recording", uuid });
    calls.hopeless.set(uuid, why);
  }
}
