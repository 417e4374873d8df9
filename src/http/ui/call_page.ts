import { html } from "hono/html";
import type { Day } from "../../day.ts";
import type { CallStory, StoredCall } from "../../store/call_story.ts";
import { uploadTones } from "./calls_page.ts";
import { titleOf } from "./causes.ts";
import { icon } from "./icons.ts";
import type { PageOptions } from "./layout.ts";
import { acceptForm, actionForm, badge, card, foreignJson } from "./parts.ts";
import { storyPart } from "./story.ts";
import { type Html, links, phone, shown, type View } from "./view.ts";

/** One call: what the PBX said, and what became of it. */
export function callPage(story: CallStory, view: View): PageOptions {
  const { words, format } = view;
  const { call } = story;
  const numbers = `${call.callerId ? phone(call.callerId) : words.call.unknownNumber} → ${call.destination ? phone(call.destination) : words.call.unknownNumber}`;
  const day = call.day as Day | null;
  const main = html`
<div class="page-head">
${day ? html`<nav class="crumbs" aria-label="${words.day.heading}"><a href="${links.day(day)}">${icon("left")}${format.longDay(day)}</a></nav>` : ""}
<div class="title"><h1>${numbers}</h1>${badge(uploadTones[call.upload], words.uploads[call.upload])}</div>
</div>
${buttons(story, view)}
<div class="columns even">
${card("story", words.call.story, storyPart(story, view))}
<div class="stack">${saidPart(call, view)}${call.recordingPath ? recordingPart(call, view) : ""}</div>
</div>
${card("raw", words.call.raw, foreignJson(call.rawData))}`;
  return { title: numbers, section: "calls", main, refreshSeconds: call.upload === "pending" ? 5 : 60 };
}

/** The address of a file in Drive, where it is one: the column may hold anything. */
function driveAddress(url: string | null): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { protocol } = new URL(url);
  return protocol === "https:" || protocol === "http:" ? url : undefined;
}

function buttons({ call, acceptance }: CallStory, view: View): Html | "" {
  const { words } = view;
  const address = driveAddress(call.googleDriveUrl);
  const isOpen = call.upload === "failed" || call.upload === "pending" || call.recordingFlag !== null;
  const canUpload = call.recordingPath !== null && (!call.googleDriveUrl || isOpen);
  const canAccept = !acceptance && isOpen;
  if (!address && !canUpload) return "";
  return html`
<div class="actions">
${address ? html`<a class="button primary" href="${address}" target="_blank" rel="noopener noreferrer">${icon("play")}${words.buttons.listen}</a>` : ""}
${canUpload ? actionForm(view, `${links.call(call.uuid)}/upload`, words.buttons.upload, { primary: !address }) : ""}
${canAccept && call.recordingPath !== null ? acceptForm(view, { id: "call", label: words.buttons.accept, kind: "call", subject: call.uuid }) : ""}
</div>`;
}

type Fact = [name: string, value: Html | string | null];

const facts = (list: Fact[]): Html => html`
<dl class="facts">${list
  .filter(([, value]) => value !== null)
  .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

function saidPart(call: StoredCall, { words, format }: View): Html {
  const list: Fact[] = [
    [words.calls.from, call.callerId ? phone(call.callerId) : null],
    [words.call.name, call.callerName ? shown(call.callerName, 200) : null],
    [words.calls.to, call.destination ? phone(call.destination) : null],
    [words.call.direction, call.direction ? (words.directions[call.direction] ?? shown(call.direction, 40)) : null],
    [
      words.calls.disposition,
      call.disposition ? (words.dispositions[call.disposition] ?? shown(call.disposition, 40)) : null,
    ],
    [words.call.duration, format.talk(call.duration)],
    [words.call.talked, call.billSec > 0 ? format.talk(call.billSec) : null],
    [words.call.id, html`<span class="mono">${shown(call.uuid, 200)}</span>`],
  ];
  return card("said", words.call.whatPbxSaid, facts(list));
}

function recordingPart(call: StoredCall, { words, format, language }: View): Html {
  const mono = (text: string | null) => (text ? html`<span class="mono">${shown(text, 300)}</span>` : null);
  const list: Fact[] = [
    [words.call.path, mono(call.recordingPath)],
    [words.call.size, call.driveSizeBytes === null ? null : format.bytes(call.driveSizeBytes)],
    [words.call.length, call.recordingSeconds === null ? null : format.talk(call.recordingSeconds)],
    [words.call.checksum, mono(call.driveMd5)],
    [words.call.flagged, call.recordingFlag ? titleOf(`recording_${call.recordingFlag}`, language) : null],
  ];
  return card("recording", words.call.recording, facts(list));
}
