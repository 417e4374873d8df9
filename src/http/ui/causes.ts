import { type ErrorCode, isErrorCode, meanings } from "../../errors.ts";
import { titlesEn } from "./causes_en.ts";
import { codeHintsVi, kindHintsVi, lookAtLogVi, titlesVi } from "./causes_vi.ts";
import type { Language } from "./language.ts";

const lookUp = (table: Record<string, string>, key: string | null) =>
  key !== null && Object.hasOwn(table, key) ? table[key] : undefined;

/** What a kind of attention or an error code is called; its own name where nobody has given it one. */
export function titleOf(cause: string, language: Language): string {
  return lookUp(language === "vi" ? titlesVi : titlesEn, cause) ?? cause.replaceAll("_", " ");
}

/** What callcenter.hint() says of a code that it does not know. */
const LOOK_AT_LOG = "Look at the log of the service.";

const codeByHint = new Map(Object.entries(meanings).map(([code, { hint }]) => [hint as string, code as ErrorCode]));

/** A hint of the database, which is English, in the language asked for; as it stands where it is nobody's we know. */
export function hintOf(kind: string, hint: string, language: Language): string {
  if (language === "en") return hint;
  const code = codeByHint.get(hint) ?? null;
  return lookUp(kindHintsVi, kind) ?? lookUp(codeHintsVi, code) ?? (hint === LOOK_AT_LOG ? lookAtLogVi : hint);
}

/** What a person can do about an error code; undefined where it is none. */
export function hintOfCode(code: string | null, language: Language): string | undefined {
  return isErrorCode(code) ? hintOf(code, meanings[code].hint, language) : undefined;
}
