import { html } from "hono/html";
import type { CallEvent, CallStory, StoredCall } from "../../store/call_story.ts";
import { hintOfCode, titleOf } from "./causes.ts";
import { icon } from "./icons.ts";
import type { Language } from "./language.ts";
import { disc, quoted, type Tone } from "./parts.ts";
import { type Html, shown, type View } from "./view.ts";

/** One thing that happened to a call. */
interface Chapter {
  at: Date | null;
  tone: Tone;
  title: string;
  detail?: Html | undefined;
}

/** All that happened to a call, in its order; what has not happened yet comes last. */
export function storyPart(story: CallStory, view: View): Html {
  const chapters = [...told(story, view)];
  chapters.sort((a, b) => (a.at?.getTime() ?? Infinity) - (b.at?.getTime() ?? Infinity));
  return html`<ol class="story">${chapters.map((chapter) => chapterItem(chapter, view))}</ol>`;
}

function* told(story: CallStory, view: View): Iterable<Chapter> {
  const { call, acceptance } = story;
  const { words, language } = view;
  yield* theCallItself(call, view);
  yield { at: call.createdAt, tone: "ok", title: call.adopted ? words.call.adopted : words.call.stored };
  yield* theUpload(story, view);
  if (call.recordingFlag) {
    const detail = call.recordingFlagNote ? quoted(shown(call.recordingFlagNote, 400)) : undefined;
    const title = titleOf(`recording_${call.recordingFlag}`, language);
    yield { at: call.recordingFlaggedAt, tone: "warn", title, detail };
  }
  if (acceptance) {
    const { at, who, why } = acceptance;
    const detail = html`<p>“${shown(why, 500)}”</p>`;
    yield { at, tone: "accepted", title: words.call.acceptedBy(shown(who, 80)), detail };
  }
}

function* theCallItself(call: StoredCall, { words }: View): Iterable<Chapter> {
  const { startTime, answerTime, endTime, disposition } = call;
  const outcome = disposition ? (words.dispositions[disposition] ?? shown(disposition, 40)) : undefined;
  if (startTime) yield { at: startTime, tone: "none", title: words.call.started };
  if (answerTime) yield { at: answerTime, tone: "none", title: words.call.answered };
  if (endTime) {
    yield { at: endTime, tone: "none", title: words.call.ended, detail: outcome ? html`<p>${outcome}</p>` : undefined };
  }
}

function* theUpload({ call, events, job, waitsFor }: CallStory, view: View): Iterable<Chapter> {
  const { words, language } = view;
  const lastFailure = events.find(({ event }) => event === "upload_failed");
  for (const event of events) yield eventChapter(event, event === lastFailure, view);
  if (call.driveVerifiedAt && !events.some(({ event }) => event === "uploaded")) {
    yield eventChapter({ at: call.driveVerifiedAt, event: "uploaded", code: null, message: null }, false, view);
  }
  if (call.uploadError && !lastFailure) {
    const { uploadErrorCode: code, uploadError: message } = call;
    const at = call.uploadTriedAt ?? call.updatedAt;
    yield eventChapter({ at, event: "upload_failed", code, message }, true, view);
  }
  if (call.upload === "pending" && call.recordingPath !== null) {
    const why = waitsFor.map(({ code }) => causeLine(code, language, true));
    const title = job?.state === "running" ? words.call.uploading : words.call.waiting;
    yield { at: null, tone: "work", title, detail: why.length > 0 ? html`${why}` : undefined };
  }
}

const causeLine = (code: string, language: Language, withHint: boolean): Html =>
  html`<p>${titleOf(code, language)}. ${withHint ? html`<span class="soft">${hintOfCode(code, language) ?? ""}</span>` : ""}</p>`;

const eventTones: Record<string, Tone> = { uploaded: "ok", upload_failed: "bad", upload_requested: "work" };

/** What to do is said once, with the last failure. */
function eventChapter({ at, event, code, message }: CallEvent, withHint: boolean, { words, language }: View): Chapter {
  const title = words.call.events[event] ?? shown(event.replaceAll("_", " "), 60);
  const detail = html`${code ? causeLine(code, language, withHint) : ""}${message ? quoted(shown(message, 500)) : ""}`;
  return { at, tone: eventTones[event] ?? "none", title, detail: code || message ? detail : undefined };
}

const chapterItem = ({ at, tone, title, detail }: Chapter, { format }: View): Html => html`
<li>${tone === "none" ? html`<span class="disc none">${icon("dot")}</span>` : disc(tone)}<strong>${title}</strong>${
  at ? html`<time datetime="${at.toISOString()}">${format.fullTime(at)}</time>` : ""
}${detail ?? ""}</li>`;
