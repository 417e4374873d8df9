import type { Language } from "./language.ts";
import { english, type Words } from "./words_en.ts";
import { vietnamese } from "./words_vi.ts";

export type { Words } from "./words_en.ts";

export const wordsOf = (language: Language): Words => (language === "vi" ? vietnamese : english);
