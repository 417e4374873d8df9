import { SyncError } from "../errors.ts";
import { plain } from "../log.ts";
import { type Answer, isObject } from "./dialect.ts";
import { dialectsByEnvelope, isEmpty } from "./dialects.ts";
import { fault, type Subject } from "./faults.ts";

/** What a text that should hold a page of calls says. Throws `pbx_bad_answer` for everything but an envelope of success. */
export function answerIn(text: string, subject: Subject): Answer {
  const answer = parse(text, subject);
  if (!isObject(answer)) throw badAnswer(subject, "the PBX answered JSON that is no object");
  if (!isFailure(answer)) return answer;
  const words = plain(messageIn(answer), 200);
  if (isRefusal(answer, words)) throw fault(subject, "key_refused", `the PBX refuses the key: ${words}`);
  throw badAnswer(subject, words ? `the PBX answered an error: ${words}` : "the PBX answered an error without words");
}

export function badAnswer({ cannot }: Subject, why: string, cause?: unknown): SyncError {
  return new SyncError("pbx_bad_answer", `${cannot}: ${why}`, { cause });
}

function parse(text: string, subject: Subject): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const start = text.trimStart();
    if (start === "") throw badAnswer(subject, "the PBX answered nothing", cause);
    if (start.startsWith("<")) throw badAnswer(subject, "the PBX answered a page of HTML", cause);
    if (/^[[{]/.test(start)) throw badAnswer(subject, "the PBX's answer breaks off", cause);
    throw badAnswer(subject, "the PBX answered something that is no JSON", cause);
  }
}

/** An envelope of failure under status 200. One that holds records is none unless it says so; one without must say nothing of an error. */
function isFailure(answer: Answer): boolean {
  const { success, status } = answer;
  if (success !== undefined && !TRUE.includes(success as string)) return true;
  if (typeof status === "string" && !/^(?:success|ok|true|2\d\d|1)$/i.test(status)) return true;
  if (typeof status === "number" && status >= 400) return true;
  if (!isEmpty(answer)) return false;
  if (status === false || status === 0 || tellsOfError(answer)) return true;
  const isBare = success === undefined && status === undefined && !Object.hasOwn(answer, "data");
  return isBare && (messageIn(answer) !== "" || dialectsByEnvelope(answer).length === 0);
}

const TRUE: readonly unknown[] = [true, 1, "1", "true"];
const NOTHING: readonly unknown[] = [undefined, null, false, 0, "", "0", "null", "false", "none"];

/** An `error` that is there, a `code` of an HTTP error, a `result` that is a word of failure. With a list, 404 says that there are no calls. */
function tellsOfError({ data, error, errors, code, status_code, error_code, result }: Answer): boolean {
  const isThere = (value: unknown) =>
    typeof value === "object" && value !== null
      ? Object.keys(value).length > 0
      : !NOTHING.includes(typeof value === "string" ? value.toLowerCase() : value);
  if (isThere(error) || isThere(errors)) return true;
  const isErrorCode = (value: unknown) =>
    /^[45]\d\d$/.test(String(value)) && !(Array.isArray(data) && Number(value) === 404);
  if ([code, status_code, error_code].some(isErrorCode)) return true;
  return typeof result === "string" && /error|fail|denied|refused/i.test(result);
}

function messageIn(answer: Answer): string {
  const { message, error, msg, reason } = answer;
  const said = [message, error, msg, reason].find((words) => words !== undefined && words !== null && words !== "");
  if (typeof said === "string") return said;
  return isObject(said) && typeof said.message === "string"
    ? said.message
    : said === undefined
      ? ""
      : JSON.stringify(said);
}

/** PBXs that always answer 200 say only in words, or in a code of their own, that the key is not accepted. */
function isRefusal(answer: Answer, words: string): boolean {
  if ([answer.code, answer.status, answer.status_code].some((code) => /^40[13]$/.test(String(code)))) return true;
  return /unauthori[sz]ed|forbidden|access denied|(?:invalid|wrong|missing|expired) (?:api[ _-]?)?(?:key|token)/i.test(
    words,
  );
}
