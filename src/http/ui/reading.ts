import * as v from "valibot";
import type { Day } from "../../day.ts";
import { type CallFilter, type ListedCall, listCalls, type Place, uploadStates } from "../../store/call_list.ts";
import { findCallStory } from "../../store/call_story.ts";
import type { Sql } from "../../store/open.ts";
import { listSyncs } from "../../store/sync_list.ts";
import { syncStatuses, syncTypes } from "../../sync_log.ts";
import { cursorAfter, day, paging, text } from "../input.ts";
import type { CallSearch } from "./calls_page.ts";
import type { SyncSearch } from "./syncs_page.ts";

const CALLS_A_PAGE = 50;
const SYNCS_A_PAGE = 30;

/** A value of the query where it is what `schema` wants; anything else counts as not given: a form sends empty fields. */
const given = <S extends v.GenericSchema>(schema: S, value: string | undefined): v.InferOutput<S> | undefined => {
  const result = v.safeParse(schema, value);
  return value && result.success ? result.output : undefined;
};

const placeOf = (cursor: string | undefined): Place | undefined => given(paging.cursor, cursor) ?? undefined;

export const dayOfQuery = (value: string | undefined): Day | undefined => given(day, value);

/** Digits with what people write between them: a phone number, in any spelling. */
const looksLikePhone = (query: string) => /^[\d\s+().\-/]*\d[\d\s+().\-/]*$/.test(query);

/** A page of calls, or the one call whose id was typed. */
export async function searchCalls(
  sql: Sql,
  query: Record<string, string>,
): Promise<{ search: CallSearch } | { uuid: string }> {
  const typed = given(text(100), query.q?.trim()) ?? "";
  if (typed) {
    const story = await findCallStory(sql, typed);
    if (story) return { uuid: story.call.uuid };
  }
  const filter: CallFilter = {
    day: dayOfQuery(query.day),
    phone: looksLikePhone(typed) ? typed : undefined,
    disposition: given(text(40), query.disposition),
    upload: given(v.picklist(uploadStates), query.upload),
  };
  const after = placeOf(query.cursor);
  const canMatch = typed === "" || filter.phone !== undefined;
  const found = canMatch ? await listCalls(sql, filter, { limit: CALLS_A_PAGE + 1, after }) : [];
  const places = found.map(({ startTime, id }: ListedCall) => ({ at: startTime, id }));
  return {
    search: {
      query: typed,
      filter,
      calls: found.slice(0, CALLS_A_PAGE),
      next: cursorAfter(places, CALLS_A_PAGE),
      isFirstPage: after === undefined,
    },
  };
}

export async function searchSyncs(
  sql: Sql,
  query: Record<string, string>,
): Promise<Omit<SyncSearch, "defaultDaysBack">> {
  const filter = {
    status: given(v.picklist(syncStatuses), query.status),
    syncType: given(v.picklist(syncTypes), query.syncType),
    day: dayOfQuery(query.day),
  };
  const after = placeOf(query.cursor);
  const found = await listSyncs(sql, filter, { limit: SYNCS_A_PAGE + 1, after });
  const places = found.map(({ createdAt, id }) => ({ at: createdAt, id }));
  return {
    filter,
    syncs: found.slice(0, SYNCS_A_PAGE),
    next: cursorAfter(places, SYNCS_A_PAGE),
    isFirstPage: after === undefined,
  };
}
