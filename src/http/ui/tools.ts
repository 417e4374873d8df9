import type { Context } from "hono";
import type { Day } from "../../day.ts";
import { type AttentionGroup, findAttention } from "../../store/dashboard_attention.ts";
import { type DayRow, findDayRows } from "../../store/dashboard_days.ts";
import { findVerdictFacts, type VerdictFacts } from "../../store/dashboard_verdict.ts";
import { findQueue, type QueueRow } from "../../store/queue.ts";
import type { HttpContext, HttpEnv } from "../context.ts";
import { MOST_DAYS } from "./attention_part.ts";
import type { Refusal } from "./closed_page.ts";
import { type Fresh, keepFresh } from "./fresh.ts";

/** What pages and forms work with. */
export interface Tools {
  context: HttpContext;
  kept: Kept;
  /** Answers that what was asked for cannot be shown or done. */
  refuse(c: Context<HttpEnv>, refusal: Refusal): Promise<Response>;
}

/** What costs a large database some time, and is the same for everybody. */
export interface Kept {
  days: Fresh<`${Day} ${Day}`, DayRow[]>;
  verdict: Fresh<"", VerdictFacts>;
  attention: Fresh<"", AttentionGroup[]>;
  queue: Fresh<"", QueueRow[]>;
  /** After each change: what was kept is old. */
  forget(): void;
}

export function keptAnswers({ sql }: HttpContext): Kept {
  const days = keepFresh((span: `${Day} ${Day}`) => {
    const [from, to] = span.split(" ") as [Day, Day];
    return findDayRows(sql, from, to);
  });
  const verdict = keepFresh((_: "") => findVerdictFacts(sql));
  const attention = keepFresh((_: "") => findAttention(sql, MOST_DAYS));
  const queue = keepFresh((_: "") => findQueue(sql));
  const forget = () => {
    for (const answers of [days, verdict, attention, queue]) answers.forget();
  };
  return { days, verdict, attention, queue, forget };
}
